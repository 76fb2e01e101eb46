"""Attacks HC15 and LG01: whatever is typed or sent stays within its one line."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.http import parse_cookie

from flask_porter.cli.all_commands import commands
from flask_porter.flows.deliver_mail import deliver
from flask_porter.outbound.messages import MailFailed
from tests.account_site import ADA, PASSWORD, Site, make_site

#: A break of the line in each form, one that is drawn as such, and what clears a terminal.
HOSTILE = "x\n2026 user_created forged\r\x1b[2J\x9b2J\u2028\u202e%0a\x07"
HOSTILE_TEXTS = [
    "\r\nSet-Cookie: pwn=1",
    "\nLocation: //evil.test",
    "/ok\r\nSet-Cookie: pwn=1",
    "%0d%0aSet-Cookie:%20pwn=1",
    "\u010d\u010aSet-Cookie: pwn=1",
    "a\rb\x00c\x85\u2028d",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = make_site(tmp_path_factory.mktemp("site"), PORTER_THROTTLES=False)
    site.register()
    return site


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=ascii)
def test_hc15_no_text_becomes_a_header(site: Site, text: str) -> None:
    client = site.logged_in_client()
    client.environ_base |= {"HTTP_USER_AGENT": text, "HTTP_ACCEPT_LANGUAGE": text}
    client.environ_base |= {"HTTP_REFERER": text, "HTTP_X_FORWARDED_FOR": text}
    client.set_cookie("porter_device", text)
    right = {"identifier": ADA, "password": PASSWORD, "next": text}
    answers = [
        client.get("/account/login", query_string={"next": text}),
        client.post("/account/login", data=right),
        client.post("/account/register", data={"email": text, "password": PASSWORD, "next": text}),
        client.post("/account/reset-password", data={"identifier": text}),
        client.get("/account/check-your-mail/reset_password"),
        client.get("/account/reset-password", query_string={"token": text}),
        client.get("/account/reset-password/new"),
        client.post("/account/logout", data={"next": text}),
        client.get("/account/resume/" + "".join(f"%{byte:02x}" for byte in text.encode())),
    ]
    for answer in answers:
        assert answer.status_code < 500
        lines = answer.headers.getlist("Set-Cookie")
        assert "pwn" not in {name for line in lines for name in parse_cookie(line)}
        assert not [value for _, value in answer.headers if set(value) & set("\r\n\x00")]
        assert answer.headers.get("Location", "/").startswith(("/", "http://localhost/"))


@pytest.fixture
def hostile(tmp_path: Path) -> Site:
    """Return a site whose every table holds the text, some of it put in by hand."""
    site = make_site(tmp_path, PORTER_THROTTLES=False, PORTER_IDENTIFIERS="both")
    user = site.register(username=HOSTILE)
    client = site.client(HTTP_USER_AGENT=HOSTILE, REMOTE_ADDR=HOSTILE)
    given = {"identifier": ADA, "password": PASSWORD}
    assert client.post("/account/login", data=given).status_code == 303
    client.post("/account/login", data={"identifier": HOSTILE, "password": HOSTILE})
    client.post("/account/login", data={**given, "password": HOSTILE})
    client.post("/account/register", data={"email": HOSTILE, "password": PASSWORD})
    client.post("/account/reset-password", data={"identifier": HOSTILE})
    client.post("/account/reset-password", data={"identifier": ADA})
    with site.accounts.database.open_session() as session:
        accounts = site.accounts.within(session)
        accounts.roles.ensure(HOSTILE, [HOSTILE])
        accounts.roles.grant(user.id, HOSTILE)
        session.commit()
    return site


class Hostile:
    """A mail server that answers with more than one line."""

    def send(self, message: Any) -> None:
        raise MailFailed(f"550 {HOSTILE}", temporary=True)


def refuse_mail(site: Site) -> None:
    broken = replace(site.accounts, mailer=Hostile())
    with site.app.app_context():
        assert deliver(broken).failed
    site.clock.advance(minutes=2)


def is_one_line(text: str) -> bool:
    return text.isprintable() and len(text.splitlines()) <= 1


def test_lg01_an_entry_of_the_log_is_one_line(hostile: Site) -> None:
    rows = hostile.rows(hostile.accounts.models.audit)
    assert [row.event for row in rows].count("authn_login_fail") == 1
    for row in rows:
        for text in (row.address, row.user_agent, row.actor, row.event):
            assert is_one_line(text)
        # Nothing that was typed is in it at all.
        assert "forged" not in json.dumps(row.details)
    assert any("forged" in row.user_agent for row in rows)


def test_lg01_a_line_of_ours_in_the_logs_is_one(
    hostile: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        refuse_mail(hostile)
    ours = [record for record in caplog.records if record.name.startswith("flask_porter")]
    assert any("forged" in record.getMessage() for record in ours)
    for record in ours:
        assert is_one_line(record.getMessage()), ascii(record.getMessage())


@pytest.mark.parametrize(
    "command",
    [
        ["audit", "list"],
        ["audit", "list", "--json"],
        ["users", "list"],
        ["users", "list", "--json"],
        ["users", "show", ADA],
        ["sessions", "list", ADA],
        ["roles", "list"],
        ["mail", "list"],
    ],
    ids=" ".join,
)
def test_lg01_no_command_writes_what_a_terminal_obeys(hostile: Site, command: list[str]) -> None:
    refuse_mail(hostile)
    group = commands()[command[0]]
    told = hostile.app.test_cli_runner().invoke(group, command[1:])
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    lines = told.output.split("\n")
    assert len(lines) > 1, told.output
    assert "forged" in told.output
    for line in lines:
        assert is_one_line(line), ascii(line)
        assert not line.startswith("2026 user_created forged")
    if command[-1] == "--json" and command[0] == "audit":
        assert [json.loads(line) for line in lines if line]
