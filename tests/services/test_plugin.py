"""Tests the rule for a missing service, on a small suite of its own and an empty PATH."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import nested

ROOT = Path(__file__).parents[2]

SUITE = """
import pytest

def test_redis(redis_url):
    raise AssertionError("ran without a server")

@pytest.mark.redis
def test_marked():
    raise AssertionError("ran without a server")

def test_node(node):
    raise AssertionError("ran without a binary")

def test_page(page):
    raise AssertionError("ran without a browser")

def test_plain():
    pass
"""


def run_suite(folder: Path, suite: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text())
    (folder / "test_small.py").write_text(suite)
    names = ("browser", "redis", "postgres", "node", "only_where")
    marks = "\n".join(f"    {name}: here" for name in names)
    (folder / "pytest.ini").write_text(f"[pytest]\nmarkers =\n{marks}\n")
    inherited = {"PYTHONPATH": str(ROOT), "PATH": str(folder), "HOME": str(folder)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--strict-markers"]
    return subprocess.run(
        command,
        cwd=folder,
        env={
            **inherited,
            "LC_ALL": "C.UTF-8",
            "PYTEST_ADDOPTS": nested.LEFT_OUT,
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_service_skips_with_one_line_a_group(tmp_path: Path) -> None:
    run = run_suite(tmp_path, SUITE)
    assert run.returncode == 0, run.stdout
    assert "Skipped 2 tests: needs a Redis server: run `make services`" in run.stdout
    assert "Skipped 1 test: needs Node.js: run `make services`" in run.stdout
    assert "Skipped 1 test: needs Chromium: run `make services`" in run.stdout
    assert "1 passed, 4 skipped" in run.stdout


@pytest.mark.parametrize("key", ["CI", "PORTER_TEST_REQUIRE_ALL"])
def test_a_missing_service_fails_where_all_are_required(tmp_path: Path, key: str) -> None:
    value = "true" if key == "CI" else "1"
    run = run_suite(tmp_path, SUITE, **{key: value})
    assert run.returncode == 1, run.stdout
    assert "1 passed" in run.stdout
    assert "4 errors" in run.stdout
    assert "skipped" not in run.stdout.splitlines()[-1]


def test_any_skip_fails_where_all_are_required(tmp_path: Path) -> None:
    suite = "import pytest\ndef test_later():\n    pytest.skip('later')\n"
    assert run_suite(tmp_path, suite).returncode == 0
    run = run_suite(tmp_path, suite, CI="true")
    assert run.returncode == 1, run.stdout
    assert "Skipped 1 test: later" in run.stdout


def test_a_test_about_other_versions_is_no_part_of_the_run(tmp_path: Path) -> None:
    suite = """
import pytest

@pytest.mark.only_where(False, reason="an older Flask")
def test_older():
    raise AssertionError

@pytest.mark.only_where(True, reason="this Flask")
def test_this():
    pass
"""
    run = run_suite(tmp_path, suite, CI="true")
    assert run.returncode == 0, run.stdout
    assert "1 passed, 1 deselected" in run.stdout


def test_browser_tests_run_last(tmp_path: Path) -> None:
    suite = "def test_page(page): ...\ndef test_plain(): ...\n"
    run = run_suite(tmp_path, suite)
    assert "test_small.py .s" in run.stdout
