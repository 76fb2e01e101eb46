"""Holds the tree to its picture: who may write what, where, and how long it may get."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import rules

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "flask_porter"
WRITTEN_BY_US = [ROOT / name for name in ("src", "tests", "examples", "bench", "docs")]

WRITE_THE_SESSION = frozenset(
    {
        "login/session.py",
        # Each keeps keys of its own: the clocks of a log-in, and the stamp of its user.
        "login/timeouts.py",
        "login/stamps.py",
        # The test client puts its user into the session of a request to come.
        "login/testing.py",
        # What an outcome leaves in the browser.
        "web/response.py",
    }
)
IMPORT_BY_NAME = frozenset(
    {
        "login/compat.py",
        # pytest loads it wherever the package is, with or without the account layer's packages.
        "testing/pytest_plugin.py",
    }
)


def test_only_few_modules_write_the_session() -> None:
    assert rules.session_writes(PACKAGE, allowed=WRITE_THE_SESSION) == []


def test_session_records_are_opened_at_the_one_gate() -> None:
    assert rules.records_opened(PACKAGE) == []


def test_no_connection_is_opened_outside_outbound() -> None:
    assert rules.network_use(PACKAGE) == []


def test_imports_stand_at_the_top() -> None:
    assert rules.imports_inside_functions(PACKAGE, dynamic=IMPORT_BY_NAME) == []


def test_the_login_floor_needs_flask_alone() -> None:
    floor = PACKAGE / "login"
    # Only pytest loads the plugin.
    allowed = {"pytest_plugin.py": "pytest"}
    assert rules.imports_beyond_flask(floor, package="flask_porter.login", allowed=allowed) == []
    assert not any("pytest" in name for name in rules.loaded_by_bare_import(PACKAGE.parent))


@pytest.mark.parametrize("folder", WRITTEN_BY_US, ids=lambda folder: folder.name)
def test_no_name_is_vague(folder: Path) -> None:
    allowed = frozenset({"flask_porter/login/manager.py"})
    assert rules.vague_names(folder, allowed=allowed) == []


@pytest.mark.parametrize("folder", WRITTEN_BY_US, ids=lambda folder: folder.name)
def test_no_file_is_long(folder: Path) -> None:
    assert rules.long_files(folder) == []


@pytest.mark.parametrize("folder", WRITTEN_BY_US, ids=lambda folder: folder.name)
def test_no_function_is_long(folder: Path) -> None:
    assert rules.long_functions(folder) == []


def test_a_bare_import_loads_the_login_floor_alone() -> None:
    loaded = rules.loaded_by_bare_import(PACKAGE.parent)
    beyond = {name for name in loaded if not name.startswith("flask_porter.login")}
    assert beyond == {"flask_porter"}
    assert "flask_porter.login.manager" in loaded
