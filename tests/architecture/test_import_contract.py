"""Breaks each contract of `.importlinter` with a planted import, to see that it can fail."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

RUN = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"

# The contract, and files that break it.
PLANTED = [
    (
        "A floor imports only the floors below it",
        {"models/planted.py": "from flask_porter.flows import caller"},
    ),
    (
        "A floor imports only the floors below it",
        {"cli/planted.py": "from flask_porter.web import request"},
    ),
    (
        "Pages, API and admin meet only in web/",
        {
            "web/pages/planted.py": "from flask_porter.web.api import grafted",
            "web/api/grafted.py": "",
        },
    ),
    (
        "Pages, API and admin meet only in web/",
        {"web/csrf.py": "from flask_porter.web import request"},
    ),
    ("The login floor knows nothing but Flask", {"login/planted.py": "import flask_sqlalchemy"}),
    ("The login floor knows no floor above it", {"login/planted.py": "from .. import errors"}),
    (
        "Only web/ and the extension touch the login floor",
        {"flows/planted.py": "from flask_porter.login import users"},
    ),
    ("No Flask and no click below the surfaces", {"models/planted.py": "import click"}),
    (
        "No Flask and no click below the surfaces",
        {"flows/planted.py": "from flask_porter import current_user"},
    ),
    (
        "No Flask and no click below the surfaces",
        {"authenticators/planted.py": "from werkzeug.security import check_password_hash"},
    ),
    ("Only a flow may admit", {"cli/planted.py": "from flask_porter.flows import admit"}),
    ("Authenticators are pure", {"authenticators/planted.py": "from sqlalchemy import select"}),
    (
        "SQL is spoken only in models and stores.sql",
        {"flows/planted.py": "from sqlalchemy import select"},
    ),
    (
        "No circles",
        {"login/planted.py": "from . import grafted", "login/grafted.py": "from . import planted"},
    ),
]


def lint_with(folder: Path, planted: dict[str, str]) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / ".importlinter", folder)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in planted.items():
        path = folder / "src" / "flask_porter" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{text}\n")
    return subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tree_keeps_every_contract(tmp_path: Path) -> None:
    run = lint_with(tmp_path, {})
    assert run.returncode == 0, run.stdout + run.stderr
    contracts = re.findall("^name = (.+)$", (ROOT / ".importlinter").read_text(), re.MULTILINE)
    assert set(contracts) == {name for name, _ in PLANTED}
    assert all(f"{name} KEPT" in run.stdout for name in contracts)


@pytest.mark.parametrize(("name", "files"), PLANTED)
def test_a_planted_import_breaks_its_contract(
    tmp_path: Path, name: str, files: dict[str, str]
) -> None:
    run = lint_with(tmp_path, files)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"{name} BROKEN" in run.stdout


@pytest.mark.parametrize("name", ["extras", "web/extras"])
def test_an_unknown_floor_breaks_the_contract(tmp_path: Path, name: str) -> None:
    run = lint_with(tmp_path, {f"{name}.py": ""})
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"flask_porter.{name.replace('/', '.')}" in run.stdout
