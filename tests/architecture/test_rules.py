"""Breaks each rule of the tree on purpose: a rule that cannot fail guards nothing."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from tests.architecture import rules


def plant(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))
    return folder


@pytest.mark.parametrize(
    "line",
    [
        'session["key"] = 1',
        'session["key"] += 1',
        'del session["key"]',
        'session.pop("key")',
        "session.clear()",
        "session.update(key=1)",
        'session.setdefault("key", 1)',
        "session.permanent = True",
        'flask.session["key"] = 1',
        'request_context.session.pop("key", None)',
        'current_session()["key"] = 1',
        'opened_session.pop("key")',
    ],
)
def test_a_session_write_is_found(tmp_path: Path, line: str) -> None:
    plant(tmp_path, "web/page.py", f"import flask\n{line}\n")
    found = rules.session_writes(tmp_path, allowed=frozenset())
    assert found == ["web/page.py:2: writes to the session"]
    assert rules.session_writes(tmp_path, allowed=frozenset({"web/page.py"})) == []


def test_a_session_of_the_database_is_another(tmp_path: Path) -> None:
    for name in ("models/database.py", "stores/sql.py", "flows/run.py"):
        plant(tmp_path, name, "session.permanent = True\n")
    found = rules.session_writes(tmp_path, allowed=frozenset())
    assert found == ["flows/run.py:1: writes to the session"]


def test_reading_the_session_is_no_write(tmp_path: Path) -> None:
    plant(tmp_path, "page.py", 'a = session["key"]\nb = session.get("key")\nc = "key" in session\n')
    assert rules.session_writes(tmp_path, allowed=frozenset()) == []


@pytest.mark.parametrize(
    "line",
    [
        "accounts.sessions.open(record)",
        "store.open(record)",
        "accounts.sessions.rotate(old.id, record)",
        "SqlSessions(session).open(record)",
        "admit = accounts.sessions.open",
        "partial(store.open, record)",
    ],
)
def test_a_record_opened_past_the_gate_is_found(tmp_path: Path, line: str) -> None:
    for name in ("flows/login.py", "web/loaders.py", "stores/sql.py", "flows/admit.py"):
        plant(tmp_path, name, f"{line}\n")
    plant(tmp_path, "login/session.py", f"{line}\n")
    found = rules.records_opened(tmp_path)
    assert found == [
        f"{name}:1: opens a session record"
        for name in ("flows/login.py", "stores/sql.py", "web/loaders.py")
    ]


@pytest.mark.parametrize("line", ["SessionRecord(id='a')", "base.SessionRecord(id='a')"])
def test_a_record_made_past_the_gate_is_found(tmp_path: Path, line: str) -> None:
    for name in ("flows/login.py", "stores/sql.py", "models/sessions.py", "flows/admit.py"):
        plant(tmp_path, name, f"{line}\n")
    assert rules.records_opened(tmp_path) == ["flows/login.py:1: makes a session record"]


def test_a_file_is_no_record(tmp_path: Path) -> None:
    plant(tmp_path, "a.py", "open('a')\npath.open()\nPath('a').open()\nself.file.open('a')\n")
    assert rules.records_opened(tmp_path) == []


@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "import smtplib",
        "import http.client",
        "from urllib import request",
        "from urllib.request import urlopen",
        "import requests as web",
        "asyncio.open_connection('host', 1)",
    ],
)
def test_a_connection_outside_outbound_is_found(tmp_path: Path, line: str) -> None:
    plant(tmp_path, "flows/login.py", f"{line}\n")
    plant(tmp_path, "outbound/mail.py", f"{line}\n")
    plant(tmp_path, "testing/mailbox.py", f"{line}\n")
    first, second = rules.network_use(tmp_path)
    assert first.startswith("flows/login.py:1: ")
    assert second.startswith("testing/mailbox.py:1: ")


def test_parsing_an_address_opens_no_connection(tmp_path: Path) -> None:
    plant(tmp_path, "login/redirects.py", "from urllib.parse import urlsplit\n")
    assert rules.network_use(tmp_path) == []


@pytest.mark.parametrize(
    "line", ["import json", "from . import session", "import_module('json')", "__import__('json')"]
)
def test_an_import_inside_a_function_is_found(tmp_path: Path, line: str) -> None:
    plant(tmp_path, "a.py", f"def load():\n    {line}\n")
    plant(tmp_path, "b.py", f"async def load():\n    if True:\n        {line}\n")
    found = rules.imports_inside_functions(tmp_path)
    assert found == ["a.py:2: imports inside load()", "b.py:3: imports inside load()"]


def test_only_the_package_itself_may_load_on_first_use(tmp_path: Path) -> None:
    lazy = "def __getattr__(name):\n    from .extension import Porter\n"
    plant(tmp_path, "__init__.py", lazy)
    assert rules.imports_inside_functions(tmp_path) == []
    plant(tmp_path, "login/__init__.py", lazy)
    assert len(rules.imports_inside_functions(tmp_path)) == 1


@pytest.mark.parametrize("name", ["sqlalchemy", "flask_login", "flask_porter.errors"])
def test_an_import_beyond_flask_is_found(tmp_path: Path, name: str) -> None:
    plant(tmp_path, "users.py", f"import json\nimport flask\nimport {name}\n")
    found = rules.imports_beyond_flask(tmp_path, package="flask_porter.login")
    assert found == [f"users.py:3: imports {name}"]


def test_one_file_may_import_one_more(tmp_path: Path) -> None:
    plant(tmp_path, "plugin.py", "import pytest\nimport numpy\n")
    plant(tmp_path, "users.py", "import pytest\n")
    allowed = {"plugin.py": "pytest"}
    found = rules.imports_beyond_flask(tmp_path, package="flask_porter.login", allowed=allowed)
    assert found == ["plugin.py:2: imports numpy", "users.py:1: imports pytest"]


def test_types_may_come_from_anywhere(tmp_path: Path) -> None:
    text = """
        if TYPE_CHECKING:
            import typing_extensions
        else:
            import numpy
    """
    plant(tmp_path, "users.py", text)
    found = rules.imports_beyond_flask(tmp_path, package="flask_porter.login")
    assert found == ["users.py:5: imports numpy"]


@pytest.mark.parametrize("name", ["utils.py", "_helpers.py", "common/a.py", "web/core.py"])
def test_a_vague_name_is_found(tmp_path: Path, name: str) -> None:
    plant(tmp_path, name, "")
    assert len(rules.vague_names(tmp_path)) == 1


def test_one_manager_is_allowed(tmp_path: Path) -> None:
    plant(tmp_path, "login/manager.py", "")
    plant(tmp_path, "web/manager.py", "")
    found = rules.vague_names(tmp_path, allowed=frozenset({"login/manager.py"}))
    assert found == ["web/manager.py: a vague name"]


def test_a_long_file_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "fits.py", "pass\n" * 400)
    plant(tmp_path, "long.py", "pass\n" * 401)
    assert rules.long_files(tmp_path) == ["long.py: 401 lines, more than 400"]


def test_a_long_function_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "fits.py", "def fits():\n" + "    pass\n" * 49)
    plant(tmp_path, "long.py", "async def long():\n" + "    pass\n" * 50)
    assert rules.long_functions(tmp_path) == ["long.py:1: long() has 51 lines"]


def test_an_eager_import_is_seen(tmp_path: Path) -> None:
    plant(tmp_path, "flask_porter/__init__.py", "from . import extension\n")
    plant(tmp_path, "flask_porter/extension.py", "")
    loaded = rules.loaded_by_bare_import(tmp_path)
    assert loaded == {"flask_porter", "flask_porter.extension"}
