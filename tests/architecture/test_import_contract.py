"""Breaks each contract of `.importlinter` with a planted import, to see that it can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

RUN = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"

PLANTED = {
    "A floor imports only the floors below it": {
        "errors.py": "from flask_porter import settings",
        "settings.py": "",
    },
    "The login floor knows nothing but Flask": {"login/planted.py": "import flask_sqlalchemy"},
    "Only web/ and the extension touch the login floor": {
        "flows/__init__.py": "from flask_porter.login import users"
    },
    "No circles": {
        "login/planted.py": "from . import grafted",
        "login/grafted.py": "from . import planted",
    },
}


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
    assert all(f"{name} KEPT" in run.stdout for name in PLANTED)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_import_breaks_its_contract(tmp_path: Path, name: str) -> None:
    run = lint_with(tmp_path, PLANTED[name])
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"{name} BROKEN" in run.stdout


def test_an_unknown_floor_breaks_the_contract(tmp_path: Path) -> None:
    run = lint_with(tmp_path, {"extras.py": ""})
    assert run.returncode == 1, run.stdout + run.stderr
    assert "flask_porter.extras" in run.stdout
