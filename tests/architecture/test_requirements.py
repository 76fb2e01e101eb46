"""Holds the locks: hashed, agreeing with each other, and naming no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

PINNED = re.compile(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ \\]+)", re.MULTILINE)


def pins(lock: Path) -> dict[str, str]:
    return dict(PINNED.findall(lock.read_text()))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_address_and_no_folder(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"--(extra-)?index-url|--find-links", text)
    assert not re.search(r"(^|\s)/", text)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_each_pinned_version_has_its_hashes(lock: Path) -> None:
    blocks = re.split(r"^(?=[a-z])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert blocks
    assert [block for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("name", ["package", "accounts", "examples", "lint", "docs"])
def test_what_shares_the_environment_agrees(name: str) -> None:
    suite = pins(ROOT / "requirements" / "test.txt")
    other = pins(ROOT / "requirements" / f"{name}.txt")
    differing = {key for key in suite.keys() & other.keys() if suite[key] != other[key]}
    assert differing == set()


def test_the_lowest_of_all_is_what_the_package_allows() -> None:
    lowest = pins(ROOT / "requirements" / "lowest.txt")
    for asked in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["accounts"]:
        name, version = asked.split(">=")
        assert re.fullmatch(rf"{re.escape(version)}(\.[01])*", lowest[name]), asked


def test_the_lock_of_the_accounts_is_of_their_extra() -> None:
    lines = (ROOT / "requirements" / "accounts.in").read_text().splitlines()
    asked = [line.split(">=")[0] for line in PROJECT["optional-dependencies"]["accounts"]]
    assert [line for line in lines if line[0] not in "#-"] == asked


def test_each_python_named_is_run_by_ci() -> None:
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    script = (ROOT / ".ci" / "run").read_text()
    assert [version for version in named if version not in script] == []
