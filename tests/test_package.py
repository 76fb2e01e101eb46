"""What the package gives on first use, and what it says when the extra is not installed."""

from __future__ import annotations

import subprocess
import sys

import flask_porter
from flask_porter.extension import Porter
from flask_porter.web.guards import permission_required

PACKAGES = (
    *("alembic", "argon2", "bcrypt", "cryptography", "email_validator"),
    *("pydantic", "sqlalchemy", "ua_parser"),
)


def run_without(modules: tuple[str, ...], script: str) -> subprocess.CompletedProcess[str]:
    """Run a script where these modules cannot be imported."""
    hidden = f"import sys; sys.modules.update(dict.fromkeys({modules!r}))\n"
    return subprocess.run(
        [sys.executable, "-c", hidden + script], capture_output=True, text=True, check=False
    )


def test_the_account_layer_comes_on_first_use() -> None:
    assert flask_porter.Porter is Porter
    assert flask_porter.permission_required is permission_required


def test_a_star_import_leaves_the_account_layer_alone() -> None:
    run = run_without(
        PACKAGES, "from flask_porter import *; print(LoginManager, 'Porter' in dir())"
    )
    assert run.stdout == "<class 'flask_porter.login.manager.LoginManager'> False\n", run.stderr


def test_without_the_extra_porter_says_what_to_install() -> None:
    run = run_without(PACKAGES, "from flask_porter import Porter")
    last = run.stderr.splitlines()[-1]
    assert last.startswith("ImportError: Porter needs ")
    assert last.endswith(': pip install "flask-porter[accounts]"')


def test_a_mistake_of_our_own_is_not_taken_for_a_missing_extra() -> None:
    run = run_without(("flask_porter.flows.admit",), "from flask_porter import Porter")
    assert run.stderr.splitlines()[-1].startswith("ModuleNotFoundError: ")
