"""Attacks AZ18, FI03, FI18 and FI20: a database that fails lets nobody in and nobody fall out."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from flask_porter import current_user
from flask_porter.cli.all_commands import commands
from flask_porter.errors import Unavailable
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD
from tests.attacks.broken_database import (
    SILENT,
    Broken,
    asked,
    broken_site,
    cookie_of,
    full,
    gone,
    locked,
    read_only,
    without_tables,
)
from tests.attacks.test_account_answers import HEADERS
from tests.web.api_client import RIGHT, ApiClient, program, reason_of

#: Of a stack, of the database, of the machine.
TELLING = re.compile(
    r"Traceback|File \"|sqlite|sqlalchemy|psycopg|locked|readonly|no such|porter_\w+s\b|upgrade",
    re.IGNORECASE,
)
LOGIN = {"identifier": ADA, "password": PASSWORD}


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    return broken_site(tmp_path)


def hold_refusal(what: str, answer: TestResponse) -> None:
    """Hold that an answer is a clear refusal, and says and takes nothing."""
    assert answer.status_code == 503, what
    assert answer.headers["Retry-After"] == "10", what
    assert answer.headers["Cache-Control"] == "no-store", what
    assert not TELLING.search(answer.text), (what, answer.text)
    assert "Set-Cookie" not in answer.headers, what
    assert "Clear-Site-Data" not in answer.headers, what
    path = what.split()[1]
    if path.startswith("/account"):
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, what
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    if path.startswith("/account/api"):
        assert reason_of(answer) == (503, "unavailable")
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None
        assert answer.json["retry_after"] == 10
    else:
        assert "out of order" in answer.text


@pytest.mark.parametrize(
    ("trouble", "who", "most"),
    [
        (locked, "browser", 30),
        (locked, "program", 15),
        (locked, "stranger", 15),
        (without_tables, "browser", 30),
        (read_only, "browser", 15),
    ],
)
def test_az18_every_route_refuses_when_the_database_does(
    broken: Broken, trouble: Callable[[Broken], Any], who: str, most: int
) -> None:
    """Whatever asks a database that fails answers 503, and whatever does not is as ever."""
    site = broken.site
    client = site.logged_in_client()
    cookie = cookie_of(client) if who == "browser" else None
    token = program(site).token if who == "program" else None
    before = broken.rows()
    broken.refused.clear()
    refusals = 0
    with trouble(broken):
        for what, answer in asked(site, cookie, token):
            if broken.refused:
                hold_refusal(what, answer)
                refusals += 1
            else:
                assert answer.status_code < 500, what
            broken.refused.clear()
    assert refusals >= most
    assert broken.rows() == before
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("trouble", SILENT)
def test_az18_the_pages_of_the_app_neither_let_in_nor_log_out(
    broken: Broken, trouble: Callable[[Broken], Any]
) -> None:
    client = broken.site.logged_in_client()
    cookie = cookie_of(client)
    with trouble(broken):
        assert client.get("/plain").text == "plain"
        for path in ("/open", "/mine", "/cooks"):
            hold_refusal(f"GET {path}", client.get(path))
    assert cookie_of(client) == cookie
    assert [client.get(path).status_code for path in ("/open", "/mine", "/cooks")] == [
        200,
        200,
        403,
    ]


def test_az18_an_error_page_of_the_app_may_ask_who_it_is(broken: Broken) -> None:
    """The handler and the last steps of a request find nobody, and the cookie stays."""
    app = broken.site.app
    seen: list[bool] = []

    @app.errorhandler(503)
    def sorry(error: Any) -> tuple[str, int]:
        return f"sorry, {current_user.is_authenticated}: {error.description}", 503

    @app.after_request
    def note(response: Any) -> Any:
        seen.append(current_user.is_authenticated)
        return response

    client = broken.site.logged_in_client()
    with locked(broken):
        answer = client.get("/mine")
        assert answer.text.startswith("sorry, False: Something here is out of order")
        assert (answer.headers["Retry-After"], "Set-Cookie" in answer.headers) == ("10", False)
        hold_refusal("GET /account/", client.get("/account/"))
    assert client.get("/mine").text == "mine"
    assert seen[-3:] == [False, False, True]


def test_az18_a_page_that_cannot_be_shown_without_the_database_is_one_line(broken: Broken) -> None:
    site = broken.site

    @site.app.context_processor
    def basket() -> dict[str, int]:
        if broken.refused:
            raise RuntimeError("no database, no basket")
        return {}

    client = site.logged_in_client()
    with locked(broken):
        for path in ("/account/", "/mine"):
            answer = client.get(path)
            hold_refusal(f"GET {path}", answer)
            assert answer.mimetype == "text/plain"
            assert "basket" not in answer.text


def test_az18_one_request_waits_once(broken: Broken) -> None:
    def ask_again() -> str:
        for _ in range(3):
            with pytest.raises(Unavailable):
                current_user.get_id()
        return str(current_user.get_id())

    broken.site.app.add_url_rule("/again", "again", ask_again)
    client = broken.site.logged_in_client()
    broken.refused.clear()
    with locked(broken):
        hold_refusal("GET /again", client.get("/again"))
    assert len(broken.refused) == 1


def test_az18_a_store_that_returns_something_else_is_unavailable(broken: Broken) -> None:
    """No error object is ever taken for a session."""
    client = broken.site.logged_in_client()

    class Store:
        def __getattr__(self, _name: str) -> Callable[..., Any]:
            return lambda *_: ConnectionError("refused")

    kept = broken.site.accounts.session_store
    object.__setattr__(broken.site.accounts, "session_store", lambda _session: Store())
    hold_refusal("GET /mine", client.get("/mine"))
    hold_refusal("GET /open", client.get("/open"))
    object.__setattr__(broken.site.accounts, "session_store", kept)
    assert client.get("/mine").status_code == 200


TABLES = ("porter_users", "porter_sessions", "porter_outbox", "porter_audit", "porter_tokens")


@pytest.mark.parametrize("table", TABLES)
def test_fi18_a_change_is_whole_or_not_there(broken: Broken, table: str) -> None:
    """A password change writes into five tables; whichever fails, nothing of it stays."""
    client = broken.site.logged_in_client()
    other = broken.site.logged_in_client()
    before = broken.rows()
    writer = broken.direct()
    for what in ("INSERT", "UPDATE", "DELETE"):
        writer.execute(
            f"CREATE TRIGGER no_{what} BEFORE {what} ON {table} BEGIN"
            " SELECT load_of_nothing FROM porter_nothing; END"
        )
    change = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    answer = client.post("/account/change-password", data=change)
    for what in ("INSERT", "UPDATE", "DELETE"):
        writer.execute(f"DROP TRIGGER no_{what}")
    writer.close()
    hold_refusal("POST /account/change-password", answer)
    # That the password was the right one has been written down before, by itself.
    assert broken.rows() | {"porter_audit": []} == before | {"porter_audit": []}
    assert "authn_password_change" not in broken.site.events()
    assert client.get("/mine").status_code == other.get("/mine").status_code == 200


def test_fi18_a_full_disk_keeps_whole_accounts_alone(broken: Broken) -> None:
    site, accepted, answer = broken.site, 0, None
    with full(broken):
        while answer is None or answer.status_code == 303:
            given = {"email": f"eve{accepted}@example.org", "password": PASSWORD}
            answer = site.client().post("/account/register", data=given)
            accepted += answer.status_code == 303
    hold_refusal("POST /account/register", answer)
    kept = broken.rows()
    assert (len(kept["porter_users"]), len(kept["porter_outbox"])) == (1 + accepted, accepted)


def test_fi03_a_log_in_that_cannot_be_kept_is_none(broken: Broken) -> None:
    site = broken.site
    for trouble in (read_only, locked, without_tables):
        with trouble(broken):
            client = site.client()
            hold_refusal("POST /account/login", client.post("/account/login", data=LOGIN))
            assert client.get_cookie("session") is None
            script = ApiClient(site.client())
            hold_refusal("POST /account/api/login", script.post("/login", **RIGHT))
        assert client.get("/mine").status_code in {302, 303, 401}
    assert broken.rows()["porter_sessions"] == []


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (locked, "(OperationalError, SQLITE_BUSY): another connection has locked what we need"),
        (without_tables, "run 'flask porter database upgrade'"),
        (read_only, "it can only be read"),
    ],
)
def test_fi20_the_operator_learns_what_to_do_and_no_secret(
    broken: Broken, trouble: Callable[[Broken], Any], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = broken.site.logged_in_client()
    script = ApiClient(client)
    hashes = [row.password_hash for row in broken.site.rows(broken.site.porter.models.user)]
    caplog.clear()
    with trouble(broken):
        client.post("/account/login", data=LOGIN)
        client.post("/account/register", data={"email": "eve@example.org", "password": PASSWORD})
        script.post("/login", **RIGHT)
        client.post(
            "/account/change-password", data={"password": PASSWORD, "new_password": NEW_PASSWORD}
        )
    told = [record for record in caplog.records if record.name == "flask_porter.database"]
    assert len(told) == 4
    assert all(record.levelno == logging.ERROR and why in record.message for record in told)
    assert all(record.exc_info is None for record in caplog.records)
    for secret in (ADA, "eve@", PASSWORD, NEW_PASSWORD, "$argon2", "x'", "b'", *hashes):
        assert secret not in caplog.text


COMMANDS = [
    ("users", "list"),
    ("users", "create", "eve@example.org"),
    ("sessions", "end", ADA),
    ("roles", "set", "cook"),
    ("audit", "list"),
    ("mail", "deliver"),
    ("mail", "list"),
    ("database", "state"),
    ("database", "upgrade"),
    ("doctor",),
]


@pytest.mark.parametrize("trouble", [locked, gone])
def test_az18_a_command_fails_in_one_line(broken: Broken, trouble: Callable[[Broken], Any]) -> None:
    before = broken.rows()
    runner = broken.site.app.test_cli_runner()
    with trouble(broken):
        for command in COMMANDS:
            result = runner.invoke(commands()[command[0]], command[1:])
            assert (result.exit_code, type(result.exception)) == (1, SystemExit), command
            assert re.fullmatch(r"Error: The database cannot be used [^\n]+\.\n", result.output), (
                result.output
            )
    assert broken.rows() == before


def test_fi20_commands_name_the_fix_for_tables_that_are_not_there(broken: Broken) -> None:
    with without_tables(broken):
        result = broken.site.app.test_cli_runner().invoke(commands()["users"], ["list"])
    assert result.exit_code == 1
    assert "run 'flask porter database upgrade'" in result.output
