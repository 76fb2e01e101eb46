"""Nothing tells a stranger whether an account exists: E01 to E18, as far as they concern accounts.

Compared is everything that an answer has, but for what differs each time anyhow. The same work is
counted, not timed: one password hash, and statement by statement the same SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_porter.flows.deliver_mail import deliver
from flask_porter.flows.mail_thread import MailThread
from flask_porter.outbound.messages import Message
from tests.account_site import ADA, PASSWORD, Site, make_site
from tests.attacks.account_state import path_of
from tests.attacks.equal_work import (
    STATES,
    UNKNOWN,
    address,
    seen_by_stranger,
    with_people,
    work_of,
)

WRONG = "a wrong password of fair length"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return with_people(make_site(tmp_path))


def log_in(client: FlaskClient, identifier: str, password: str = WRONG) -> TestResponse:
    return client.post("/account/login", data={"identifier": identifier, "password": password})


def log_in_by_api(client: FlaskClient, identifier: str, password: str = WRONG) -> TestResponse:
    given = {"identifier": identifier, "password": password}
    return client.post("/account/api/login", json=given)


LogIn = Callable[..., TestResponse]
BOTH_WAYS = pytest.mark.parametrize("log_in", [log_in, log_in_by_api])


@BOTH_WAYS
def test_e01_nothing_tells_why_a_log_in_was_refused(site: Site, log_in: LogIn) -> None:
    """A wrong password, and the right one of who may not come in, are both like a wrong name."""
    unknown = seen_by_stranger(log_in(site.client(), UNKNOWN), UNKNOWN)
    assert unknown[0] == 401
    for state in STATES:
        known = seen_by_stranger(log_in(site.client(), address(state)), address(state))
        assert known == unknown, state
    for state in ("disab", "nopwd", "pwoff"):
        known = seen_by_stranger(log_in(site.client(), address(state), PASSWORD), address(state))
        assert known == unknown, state


@BOTH_WAYS
def test_e04_a_log_in_is_the_same_work_whoever_it_names(site: Site, log_in: LogIn) -> None:
    """One hash, and the same statements in the same order."""
    log_in(site.client(), "first-of-all@example.org")
    with work_of(site) as (hashed, spoken):
        log_in(site.client(), UNKNOWN)
    assert hashed == ["verify"]
    assert len(spoken) > 5
    for state in STATES:
        for password in (WRONG, PASSWORD) if state == "disab" else (WRONG,):
            with work_of(site) as (hashed_now, spoken_now):
                log_in(site.client(), address(state), password)
            assert hashed_now == hashed, state
            assert spoken_now == spoken, state


def test_e04_what_names_nobody_costs_the_same(site: Site) -> None:
    log_in(site.client(), "first-of-all@example.org")
    with work_of(site) as work:
        log_in(site.client(), UNKNOWN)
    for junk in ("no address", "@", "a@b", "ä" * 200, "two@at@example.org", "x@" + "y" * 300):
        with work_of(site) as work_now:
            assert log_in(site.client(), junk).status_code == 401
        assert work_now == work, junk


def test_e02_who_asks_for_a_new_password_learns_nothing(site: Site) -> None:
    asked = _ask_for_reset(site, UNKNOWN)
    for state in STATES:
        assert _ask_for_reset(site, address(state)) == asked, state
    mailed = {mail.to for mail in site.mails}
    assert mailed == {address(state) for state in STATES if state != "disab"}


def _ask_for_reset(site: Site, identifier: str) -> list[tuple[Any, ...]]:
    """Return what a stranger sees on the way: the answer, the next page, a wrong code, the API."""
    client, seen = site.client(), []
    answer = client.post("/account/reset-password", data={"identifier": identifier})
    assert answer.status_code == 303
    seen += [answer, client.get(answer.location)]
    by_api = site.client().post("/account/api/reset-password", json={"identifier": identifier})
    return [seen_by_stranger(one, identifier) for one in (*seen, by_api)]


@pytest.mark.parametrize("path", ["/account/register", "/account/api/register"])
def test_e03_an_address_that_has_an_account_registers_like_a_new_one(site: Site, path: str) -> None:
    new = _register(site, path, UNKNOWN)
    for state in STATES:
        assert _register(site, path, address(state)) == new, state
    mailed = {mail.to: mail.kind for mail in site.mails}
    owners = {address(state): "already_registered" for state in STATES if state != "disab"}
    assert mailed == {UNKNOWN: "verify_email", **owners}


def _register(site: Site, path: str, email: str) -> list[tuple[Any, ...]]:
    """Return what a stranger sees who registers, and sees next; it is one hash."""
    client, given = site.client(), {"email": email, "password": PASSWORD}
    body: Any = {"json": given} if "/api/" in path else {"data": given}
    with work_of(site) as (hashed, _):
        answer = client.post(path, **body)
    assert hashed == ["hash"]
    seen = [answer, client.get(answer.location)] if answer.status_code == 303 else [answer]
    return [seen_by_stranger(one, email) for one in seen]


class Server:
    """A mail server that is down, or answers nobody before it is told to."""

    def __init__(self, *, is_slow: bool) -> None:
        self.was_asked = Event()
        self.may_go_on = Event()
        self.has_answered = Event()
        if not is_slow:
            self.may_go_on.set()

    def send(self, message: Message) -> None:
        """Wait, and fail."""
        self.was_asked.set()
        self.may_go_on.wait(20)
        self.has_answered.set()
        raise ConnectionError("the mail server is down")


@contextmanager
def delivering(site: Site, server: Server) -> Iterator[None]:
    """Have the mails of `site` delivered by a thread, as in production."""
    rooms = site.app.extensions["porter"]

    def deliver_in_context() -> None:
        with site.app.app_context():
            deliver(site.accounts)

    thread = MailThread(deliver_in_context)
    accounts = replace(rooms.accounts, mailer=server, wake_mail=thread.wake)
    site.app.extensions["porter"] = replace(rooms, accounts=accounts)
    try:
        yield
    finally:
        server.may_go_on.set()
        thread.stop()
        site.app.extensions["porter"] = rooms


MAILING = pytest.mark.parametrize(
    ("path", "field"),
    [
        ("register", "email"),
        ("reset-password", "identifier"),
        ("api/register", "email"),
        ("api/reset-password", "identifier"),
    ],
)


@MAILING
@pytest.mark.parametrize("is_slow", [True, False])
def test_e07_neither_a_slow_nor_a_broken_mail_server_shows(
    tmp_path: Path, path: str, field: str, is_slow: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer is the one of every other day, and is here while the mail still waits."""
    site, server = make_site(tmp_path), Server(is_slow=is_slow)
    site.register()
    usual = _mail_me(site, path, field, "usual@example.org")
    assert usual[0] in {202, 303}
    with delivering(site, server):
        for email in (ADA, "new@example.org"):
            assert _mail_me(site, path, field, email) == usual
            assert server.was_asked.wait(10)
            assert not (is_slow and server.has_answered.is_set())
    assert {row.sent_at for row in _mails_to(site, ADA)} == {None}
    assert "has not gone out" in caplog.text


def _mail_me(site: Site, path: str, field: str, email: str) -> tuple[Any, ...]:
    given = {field: email} | ({"password": PASSWORD} if field == "email" else {})
    body: Any = {"json": given} if path.startswith("api/") else {"data": given}
    return seen_by_stranger(site.client().post(f"/account/{path}", **body), email)


def _mails_to(site: Site, email: str) -> list[Any]:
    rows = site.rows(site.accounts.models.outbox)
    return [row for row in rows if row.to_address == email]


@pytest.mark.parametrize("path", ["/account/change-email", "/account/api/change-email"])
def test_e08_an_address_that_somebody_has_is_taken_like_a_free_one(site: Site, path: str) -> None:
    """Its owner is told; who has never verified it gets the mail that everybody gets."""
    site.register("asker@example.net")
    free = _change_to(site, path, UNKNOWN)
    assert free[0][0] in {202, 303}
    for state in STATES:
        site.clock.advance(hours=1)
        assert _change_to(site, path, address(state)) == free, state
    mailed = {mail.to: mail.kind for mail in site.mails if mail.to != "asker@example.net"}
    verified = [state for state in STATES if state not in {"disab", "unver"}]
    owners = {address(state): "already_registered" for state in verified}
    assert mailed == {UNKNOWN: "change_email", address("unver"): "change_email", **owners}


def _change_to(site: Site, path: str, email: str) -> list[tuple[Any, ...]]:
    client = site.logged_in_client("asker@example.net")
    body: Any = {"json": {"email": email}} if "/api/" in path else {"data": {"email": email}}
    answer = client.post(path, **body)
    seen = [answer, client.get(answer.location)] if answer.status_code == 303 else [answer]
    return [seen_by_stranger(one, email) for one in seen]


def test_e10_twenty_failures_are_answered_alike_whoever_is_meant(site: Site) -> None:
    """By the page and by the API in turns: status, headers with the wait, and text."""
    unknown = _twenty_failures(site, UNKNOWN)
    assert [answer[0] for answer in unknown].count(429) > 5
    assert [answer[0] for answer in unknown].count(401) > 5
    for state in STATES:
        assert _twenty_failures(site, address(state)) == unknown, state


def _twenty_failures(site: Site, identifier: str) -> list[tuple[Any, ...]]:
    # Each from the beginning of an hour, since those of an address are counted by it.
    site.clock.now = site.clock.now.replace(minute=0, second=0) + timedelta(hours=2)
    client, seen = site.client(), []
    for number in range(20):
        way = log_in_by_api if number % 2 else log_in
        seen.append(seen_by_stranger(way(client, identifier), identifier))
        site.clock.advance(seconds=21)
    return seen


#: What a route may call the name of somebody.
NAMES = ("identifier", "email", "username", "user", "address", "new_email", "to", "q")


def test_e09_no_route_answers_a_stranger_by_whether_somebody_exists(site: Site) -> None:
    """Every route there is, by every method, given a name that exists and one that does not.

    But those of the console, which shows this machine alone everybody's mail and events.
    """
    told, numbers = [], count(10_000)
    for rule in site.app.url_map.iter_rules():
        if rule.rule.startswith("/account/development"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            known, unknown = (
                _ask(site, path_of(site.app, rule), method, identifier)
                # Registering makes somebody of an unknown name, so there is a new one each time.
                for identifier in (address("plain"), f"{next(numbers):05}@example.org")
            )
            if known != unknown:
                told.append((method, rule.rule, known, unknown))
    assert told == []


def _ask(site: Site, path: str, method: str, identifier: str) -> tuple[Any, ...]:
    given: dict[str, str] = {**dict.fromkeys(NAMES, identifier), "password": WRONG}
    if "/api/" in path and method != "GET":
        given = {name: given[name] for name in _fields_at(path) if name in given}
        answer = site.client().open(path, method=method, json=given)
    else:
        where = "query_string" if method == "GET" else "data"
        answer = site.client().open(path, method=method, **{where: given})  # type: ignore[arg-type]
    assert answer.status_code < 500
    return seen_by_stranger(answer, identifier)


def _fields_at(path: str) -> tuple[str, ...]:
    return ("email", "password") if path.endswith("/register") else ("identifier", "password")


def test_e18_whatever_is_wrong_with_a_link_it_is_one_page(site: Site) -> None:
    """Expired, used, garbage, of another purpose, of somebody disabled; and no name on it."""
    links = {}
    for name in ("used", "expired", "foreign", "disabled"):
        email = f"{name}@example.com"
        site.client().post("/account/register", data={"email": email, "password": PASSWORD})
        links[name] = site.last_link(email)
    used = site.client()
    used.get(links["used"])
    assert used.post("/account/verify-email", data={"password": PASSWORD}).status_code == 200
    site.change(site.user("disabled@example.com"), disabled_at=site.clock())
    pages = {name: _opened(site, link) for name, link in links.items() if name == "expired"}
    assert pages["expired"].status_code == 200
    site.clock.now += site.accounts.settings.verify_ttl
    links["foreign"] = links["foreign"].replace("verify-email", "reset-password")
    links["garbage"] = "/account/verify-email?token=garbage"
    links["long"] = "/account/verify-email?token=" + "A" * 5000
    links["empty"] = "/account/verify-email?token="
    seen = {
        name: seen_by_stranger(_opened(site, link), f"{name}@example.com")
        for name, link in links.items()
    }
    by_reset = seen.pop("foreign")
    assert by_reset[0] == 410
    assert {shown[0] for shown in seen.values()} == {410}
    assert len({str(shown) for shown in seen.values()}) == 1
    assert "example.com" not in str(seen) + str(by_reset)


def _opened(site: Site, link: str) -> TestResponse:
    return site.client().get(link, follow_redirects=True)
