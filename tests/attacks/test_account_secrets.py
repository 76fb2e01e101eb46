"""Attacks LG02, LG07 and P16: what opens something is written down nowhere, whatever goes wrong."""

from __future__ import annotations

import logging
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO
from pathlib import Path
from traceback import TracebackException
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

import pytest
from flask import got_request_exception
from werkzeug.test import TestResponse

from flask_porter.authenticators.passwords import Argon2Hasher
from flask_porter.flows.deliver_mail import deliver
from flask_porter.models.audit import Audit
from flask_porter.models.tokens import Tokens
from flask_porter.outbound.smtp import SmtpMailer
from flask_porter.stores.sql import SqlSessions
from tests.account_site import Site
from tests.attacks.account_life import (
    EMAIL,
    FIRST,
    HTTPS,
    SECOND,
    THIRD,
    WRONG,
    Life,
    live,
    production_site,
)

KEY = "canary-key-of-the-app-" + "9f3b" * 12
PEPPER = "canary-pepper-" + "5c7e" * 12
MAIL_PASSWORD = "canary-password-of-the-mail-server"
OURS = "/flask_porter/"


def make_canary_site(folder: Path) -> Site:
    """Return a site in production whose own secrets can be told when they are seen."""
    hasher = Argon2Hasher(memory_kib=8, time_cost=1, peppers={"one": PEPPER})
    return production_site(folder, SECRET_KEY=KEY, hasher=hasher)


def break_mail(site: Site) -> None:
    """Have a mail server that does not answer, at a port that nobody listens at."""
    mailer = SmtpMailer(f"smtp://app:{MAIL_PASSWORD}@127.0.0.1:9", "app@larder.test", timeout=0.5)
    change_accounts(site, mailer=mailer)


def change_accounts(site: Site, **parts: Any) -> None:
    rooms = site.app.extensions["porter"]
    site.app.extensions["porter"] = replace(rooms, accounts=replace(rooms.accounts, **parts))


def fail(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError("a part of the app has failed")


#: Where a request can fail while it holds a password.
BREAKS = [(SqlSessions, "open"), (Argon2Hasher, "verify"), (Audit, "add")]


def misfortunes(life: Life) -> None:
    """Have a life go on while one part after the other fails."""
    site = life.site
    site.register(EMAIL, FIRST)
    given = {"identifier": EMAIL, "password": FIRST}
    for owner, name in BREAKS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, fail)
            for path in ("/account/login", "/account/api/login", "/account/api/login/bearer"):
                site.clock.advance(minutes=10)
                life.post(path, 500, **given)
    site.clock.advance(minutes=10)
    life.post("/account/login", 303, **given)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon2Hasher, "hash", fail)
        life.post("/account/register", 500, email="new@example.org", password=SECOND)
        life.post("/account/change-password", 500, password=FIRST, new_password=SECOND)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlSessions, "find", fail)
        assert life.get("/account/").status_code == 500
    _fail_with_what_was_mailed(life)
    break_mail(site)
    life.post("/account/reset-password", 303, identifier=EMAIL)
    with site.app.app_context():
        assert deliver(site.accounts).failed


def _fail_with_what_was_mailed(life: Life) -> None:
    site = life.site
    life.post("/account/reset-password", 303, identifier=EMAIL)
    life.mails()
    code = site.last_code(EMAIL, "reset_password")
    for name in ("find_by_browser", "consume"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Tokens, name, fail)
            given = {"code": code, "new_password": SECOND}
            life.post("/account/reset-password", 500, code=code)
            life.post("/account/api/reset-password/finish", 500, **given)
    life.get(site.last_link(EMAIL, "reset_password"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tokens, "consume", fail)
        life.post("/account/reset-password/new", 500, new_password=SECOND)


@dataclass
class Seen:
    """What was written anywhere while somebody lived."""

    site: Site
    secrets: set[str]
    answers: list[TestResponse]
    logged: str = ""
    printed: str = ""
    errors: list[BaseException] = field(default_factory=list)

    def tables(self) -> bytes:
        """Return the files of the database as they lie on the disk."""
        files = Path(self.site.app.instance_path).glob("*.sqlite3*")
        return b"".join(path.read_bytes() for path in files)

    def tracebacks(self) -> str:
        """Return every local variable of ours in every error, as an error reporter shows it."""
        reports = [
            TracebackException.from_exception(one, capture_locals=True) for one in self.errors
        ]
        return "\n".join(
            f"{frame.filename} {frame.name}: {frame.locals}"
            for report in reports
            for frame in report.stack
            if OURS in frame.filename
        )


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Return what was seen of a whole life and of one in which everything fails."""
    life = Life(make_canary_site(tmp_path_factory.mktemp("canary")), HTTPS)
    written, printed = StringIO(), StringIO()
    handler = logging.StreamHandler(written)
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    errors: list[BaseException] = []

    def note(_app: Any, exception: BaseException) -> None:
        errors.append(exception)

    try:
        with (
            redirect_stdout(printed),
            redirect_stderr(printed),
            got_request_exception.connected_to(note, life.site.app),
        ):
            live(life)
            misfortunes(life)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    secrets = life.secrets | {KEY, PEPPER, MAIL_PASSWORD}
    return Seen(life.site, secrets, life.answers, written.getvalue(), printed.getvalue(), errors)


def found_in(text: str | bytes, secrets: set[str]) -> set[str]:
    """Return those of ``secrets`` that are in ``text``, as they are or as in a URL."""
    lies = text if isinstance(text, bytes) else text.encode(errors="replace")
    return {
        one
        for one in secrets
        if any(form.encode() in lies for form in (one, quote(one), quote_plus(one)))
    }


def test_lg02_there_is_something_to_look_for(seen: Seen) -> None:
    """Passwords, session tokens, mailed tokens and codes, marks of browsers, keys of the app."""
    assert len(seen.secrets) > 30
    assert len(seen.errors) >= 12
    assert "has not gone out" in seen.logged
    assert "Exception on /account/login [POST]" in seen.logged
    assert b"argon2id" in seen.tables()
    assert found_in(f"a={quote(FIRST)}", seen.secrets) == {FIRST}


def test_lg02_no_log_and_no_output_holds_a_secret(seen: Seen) -> None:
    assert found_in(seen.logged + seen.printed, seen.secrets) == set()


def test_lg02_no_table_holds_a_secret(seen: Seen) -> None:
    assert found_in(seen.tables(), seen.secrets) == set()


def test_lg07_no_error_report_holds_a_secret(seen: Seen) -> None:
    """With all local variables of our frames; those of Flask and of the server are not ours."""
    report = seen.tracebacks()
    assert "prove_password" in report
    leaks = [
        (line.partition(":")[0], one)
        for line in report.splitlines()
        for one in found_in(line, seen.secrets)
    ]
    assert leaks == []


def test_p16_no_answer_holds_a_password(seen: Seen) -> None:
    """No page that is shown again, no header, no URL; the session is in the cookies."""
    passwords = {WRONG, FIRST, SECOND, THIRD}
    for answer in seen.answers:
        assert found_in(answer.data, passwords) == set(), answer.request.path
        for _, value in answer.headers:
            assert found_in(value, passwords) == set(), answer.request.path
    mails = "".join(f"{mail.text}{mail.html}{mail.headers}" for mail in seen.site._sent)
    assert found_in(mails, passwords) == set()
