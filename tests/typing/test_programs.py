"""Checks the types as a user's own type checker would see them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent

WRONG = re.compile(r"# wrong: ([a-z-]+)$", re.MULTILINE)
ERROR = re.compile(r"^([^:\n]+):(\d+): error: .*\[([a-z-]+)\]$", re.MULTILINE)


def mypy(program: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-pretty",
        program.relative_to(ROOT).as_posix(),
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("program", ["good_program.py", "good_typed_program.py"])
def test_a_good_program_is_accepted(program: str) -> None:
    run = mypy(HERE / program)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("bad", ["bad_program.py", "bad_typed_program.py"])
def test_a_bad_program_is_refused_at_each_mistake_and_nowhere_else(bad: str) -> None:
    program = HERE / bad
    name = program.relative_to(ROOT).as_posix()
    lines = program.read_text().splitlines()
    expected = [
        (name, str(number), match[1])
        for number, line in enumerate(lines, 1)
        if (match := WRONG.search(line))
    ]
    run = mypy(program)
    assert ERROR.findall(run.stdout) == expected, run.stdout + run.stderr
    assert len(expected) > 10
