"""Coverage rests where it is told to, and nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SUITE = """
import pytest
import watched

def test_plain():
    watched.plain()

@pytest.mark.browser
def test_in_the_browser():
    watched.browser()

def test_plain_again():
    watched.again()
"""
WATCHED = """
def plain():
    return 1

def browser():
    return 2

def again():
    return 3

def bench():
    return 4
"""
BENCH = """
import watched

def test_in_a_room_of_its_own():
    watched.bench()
"""


@pytest.fixture
def lines(tmp_path: Path) -> set[int]:
    room = tmp_path / "tests" / "bench"
    room.mkdir(parents=True)
    (room / "test_bench.py").write_text(BENCH)
    (tmp_path / "watched.py").write_text(WATCHED)
    measured = tmp_path / "tests" / "login"
    measured.mkdir()
    (measured / "test_small.py").write_text(SUITE)
    hook = "from tests.services.measuring import pytest_runtest_protocol"
    (tmp_path / "conftest.py").write_text(hook)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser: here\n")
    environment = {"PYTHONPATH": f"{ROOT}:{tmp_path}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    for command in (
        ["run", "--include", "watched.py", "-m", "pytest", "-p", "no:cacheprovider"],
        ["json", "-o", "found.json"],
    ):
        subprocess.run(
            [sys.executable, "-m", "coverage", *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=True,
        )
    found = json.loads((tmp_path / "found.json").read_text())
    return set(found["files"]["watched.py"]["executed_lines"])


def test_coverage_rests_in_the_browser_and_in_the_rooms_named(lines: set[int]) -> None:
    assert {3, 9} <= lines
    assert not {6, 12} & lines
