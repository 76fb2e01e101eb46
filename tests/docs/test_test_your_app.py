"""Runs the suite of `docs/how_to/test_your_app.md` as its reader would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import python_blocks
from tests.services import nested

PAGE = Path(__file__).parents[2] / "docs" / "how_to" / "test_your_app.md"


def write_project(folder: Path) -> None:
    shop, conftest, suite = python_blocks(PAGE)[:3]
    assert "def create_app" in shop.code
    (folder / "shop.py").write_text(shop.code)
    (folder / "conftest.py").write_text(conftest.code)
    (folder / "test_shop.py").write_text(suite.code)


def run_project(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTEST_ADDOPTS": nested.LEFT_OUT}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_suite_of_the_page_passes(tmp_path: Path) -> None:
    write_project(tmp_path)
    run = run_project(tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "6 passed" in run.stdout


def test_the_suite_with_accounts_passes(tmp_path: Path) -> None:
    club, conftest, suite = python_blocks(PAGE)[-3:]
    assert "def create_app" in club.code
    (tmp_path / "club.py").write_text(club.code)
    (tmp_path / "conftest.py").write_text(conftest.code)
    (tmp_path / "test_club.py").write_text(suite.code)
    run = run_project(tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "3 passed" in run.stdout


@pytest.mark.parametrize(
    ("old", "new", "failures"),
    [
        ("login_required(greeting)", "greeting", 2),
        ("fresh_login_required(lambda", "login_required(lambda", 2),
        ("users.get", "lambda user_id: None", 3),
    ],
)
def test_the_suite_of_the_page_finds_mistakes(
    tmp_path: Path, old: str, new: str, failures: int
) -> None:
    write_project(tmp_path)
    shop = tmp_path / "shop.py"
    assert old in shop.read_text()
    shop.write_text(shop.read_text().replace(old, new))
    run = run_project(tmp_path)
    assert f"{failures} failed" in run.stdout, run.stdout
