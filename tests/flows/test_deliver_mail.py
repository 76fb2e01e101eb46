"""Mail waits in the outbox without a key, and goes out once, with fresh ones."""

from __future__ import annotations

import hashlib
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flask_porter.authenticators import tokens
from flask_porter.flows import deliver_mail
from flask_porter.flows.deliver_mail import Delivered, deliver
from flask_porter.flows.mails import KINDS
from flask_porter.models.database import Database
from flask_porter.outbound.mail import MailFailed, Message
from tests.flows.mail_office import START, Office, later, on_postgres, on_sqlite, opened

WITH_LINK = sorted(name for name, kind in KINDS.items() if kind.purpose)
NOTICES = sorted(name for name, kind in KINDS.items() if kind.has_not_me)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    if request.param == "sqlite":
        database = on_sqlite(tmp_path / "mail.sqlite3")
    else:
        database = on_postgres(request.getfixturevalue("postgres_url"))
    with opened(database) as office:
        yield office


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Office]:
    """Yield one on SQLite, for what no database decides."""
    with opened(on_sqlite(tmp_path / "mail.sqlite3")) as office:
        yield office


def token_of(link: str | None) -> str:
    assert link is not None
    return link.rpartition("/")[2]


def test_a_mail_goes_out_once_with_a_link_and_a_code(office: Office) -> None:
    ada = office.person()
    outcome = office.post("reset_password", ada, browser_bound=True)
    assert office.woken == [None]
    assert office.deliver() == Delivered(sent=1)
    assert office.deliver() == Delivered()

    mail = office.only()
    assert mail.to == "ada@example.com"
    (row,) = office.alive()
    assert row.purpose == "reset_password"
    assert row.digest == tokens.digest(token_of(mail.link))
    assert (row.user_id, row.email, row.generation) == (ada.id, "ada@example.com", 0)
    assert row.browser_digest == tokens.digest(outcome.browser)
    assert mail.code is not None
    assert row.code_digest == tokens.code_digest(mail.code, bound_to=row.browser_digest)
    assert (row.expires_at - office.now) == office.accounts.settings.reset_ttl
    assert (row.code_expires_at - office.now) == office.accounts.settings.code_ttl
    for text in (mail.text, mail.html):
        assert mail.link is not None
        assert mail.link in text
        assert f"{mail.code[:4]} {mail.code[4:]}" in text


def test_nothing_in_the_outbox_works_as_a_key(office: Office) -> None:
    """Neither before the delivery, nor after it, nor after one that failed."""
    ada = office.person()
    outcome = office.post("reset_password", ada, browser_bound=True)
    office.post("password_changed", ada)
    office.bag.failures = [later(), later()]
    office.deliver()
    office.wait(minutes=1)
    office.deliver()
    keys = [outcome.browser]
    for mail in office.bag.tried:
        keys += [token_of(link) for link in (mail.link, mail.not_me_link) if link]
        keys += [mail.code] if mail.code else []
    assert len(keys) == 7
    kept = "".join(
        repr({column.key: getattr(row, column.key) for column in row.__table__.columns})
        for row in [*office.rows(), *office.tokens()]
    )
    assert "reset_password" in kept
    for key in keys:
        assert key not in kept


def test_somebody_unknown_costs_the_same_row_and_gets_nothing(office: Office) -> None:
    ada = office.person()
    known = office.post("reset_password", ada, browser_bound=True, asked_for="ada@example.com")
    unknown = office.post("reset_password", None, browser_bound=True, asked_for="ada@example.com")
    assert replace(known, browser=None) == replace(unknown, browser=None)
    first, second = office.rows()
    assert second.to_address is None
    assert second.context.keys() == first.context.keys()
    assert office.deliver() == Delivered(sent=2)
    assert [mail.to for mail in office.bag.tried] == ["ada@example.com"]
    assert len(office.tokens()) == 1
    assert all(row.sent_at for row in office.rows())

    office.post("new_device", None)
    assert office.deliver() == Delivered(sent=1)
    assert len(office.bag.tried) == 1


def test_a_failed_mail_is_tried_again_later_with_new_keys(office: Office) -> None:
    ada = office.person()
    office.post("reset_password", ada, browser_bound=True)
    office.bag.failures = [later("451 greylisted"), later()]
    assert office.deliver() == Delivered(failed=1)
    (row,) = office.rows()
    assert (row.attempts, row.error, row.failed_at) == (1, "451 greylisted", None)

    office.wait(seconds=59)
    assert office.deliver() == Delivered()
    office.wait(seconds=1)
    assert office.deliver() == Delivered(failed=1)
    office.wait(seconds=119)
    assert office.deliver() == Delivered()
    office.wait(seconds=1)
    assert office.deliver() == Delivered(sent=1)

    assert len({mail.link for mail in office.bag.tried}) == 3
    assert len({mail.headers["Message-ID"] for mail in office.bag.tried}) == 3
    (alive,) = office.alive()
    assert alive.digest == tokens.digest(token_of(office.only().link))


def test_the_not_me_link_of_a_failed_mail_is_dead_too(office: Office) -> None:
    office.post("password_changed", office.person())
    office.bag.failures = [later()]
    office.deliver()
    office.wait(minutes=1)
    office.deliver()
    (alive,) = office.alive()
    assert alive.digest == tokens.digest(token_of(office.only().not_me_link))


def test_a_mail_is_given_up_after_the_last_attempt_and_shown(office: Office) -> None:
    office.post("reset_password", office.person())
    office.bag.failures = [later() for _ in range(4)]
    for _ in range(4):
        assert office.deliver() == Delivered(failed=1)
        office.wait(hours=1)
    assert office.deliver() == Delivered()
    (row,) = office.rows()
    assert row.failed_at is not None
    stuck = office.within(lambda accounts: accounts.outbox.stuck(office.now))
    assert [one.id for one in stuck] == [row.id]
    assert [event.name for event in office.events] == ["mail_failed"]
    assert "ada@example.com" not in repr(office.events)

    assert office.within(lambda accounts: accounts.outbox.retry(row.id, office.now))
    assert office.deliver() == Delivered(sent=1)


def test_what_the_server_refuses_for_good_is_given_up_at_once(small: Office) -> None:
    small.post("reset_password", small.person())
    small.bag.failures = [MailFailed("550 no such person", temporary=False)]
    assert small.deliver() == Delivered(failed=1)
    small.wait(days=1)
    assert small.deliver() == Delivered()


def test_a_mailer_that_falls_over_stops_no_other_mail(
    small: Office, caplog: pytest.LogCaptureFixture
) -> None:
    ada = small.person()
    small.post("reset_password", ada)
    small.post("new_device", ada)
    small.bag.failures = [RuntimeError("the queue has no room")]
    assert small.deliver() == Delivered(sent=1, failed=1)
    assert small.only().kind == "new_device"
    small.wait(minutes=1)
    assert small.deliver() == Delivered(sent=1)
    assert small.rows()[0].error is None
    for key in (token_of(mail.link or mail.not_me_link) for mail in small.bag.tried):
        assert key not in caplog.text


def test_a_mail_that_ends_its_worker_is_given_up(small: Office) -> None:
    small.post("reset_password", small.person())

    class Killed(BaseException):
        """As when the machine is turned off."""

    class Killer:
        def send(self, message: Message) -> None:
            raise Killed

    killing = replace(small.accounts, mailer=Killer())
    for _ in range(4):
        with pytest.raises(Killed):
            deliver(killing)
        assert deliver(killing) == Delivered()
        small.wait(seconds=deliver_mail.LEASE.total_seconds())
    assert deliver(killing) == Delivered(failed=1)
    assert small.rows()[0].failed_at is not None


def test_two_deliverers_send_each_mail_once(office: Office) -> None:
    ada = office.person()
    for _ in range(12):
        office.post("new_device", ada)
    start = threading.Barrier(4)
    found: list[Delivered] = []

    def work() -> None:
        start.wait()
        found.append(deliver(office.accounts))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(one.sent for one in found) == 12
    assert len(office.bag.sent) == 12
    assert len({mail.not_me_link for mail in office.bag.sent}) == 12


OVER: dict[str, Any] = {
    "disabled_at": START,
    "session_generation": 1,
    "email": "eve@evil.example",
}


class Ledger:
    """Writes one line a mail into a file that several processes share."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def send(self, message: Message) -> None:
        with self._file.open("a") as lines:
            lines.write(f"{token_of(message.not_me_link)}\n")


def deliver_in_a_process(open_database: Callable[[], Database], file: Path, start: Any) -> None:
    with opened(open_database(), mailer=Ledger(file)) as own:
        start.wait()
        deliver(own.accounts)


# Python warns of forking beside threads, from 3.12 on.
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("name", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_several_processes_send_each_mail_once(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if name == "sqlite":
        open_database = partial(on_sqlite, tmp_path / "mail.sqlite3")
    else:
        open_database = partial(on_postgres, request.getfixturevalue("postgres_url"))
    with opened(open_database()) as office:
        ada = office.person()
        for _ in range(15):
            office.post("new_device", ada)
        # What is open here is not the children's.
        office.accounts.database.engine().dispose()
        context = multiprocessing.get_context("fork")
        file, start = tmp_path / "sent", context.Barrier(3)
        workers = [
            context.Process(target=deliver_in_a_process, args=(open_database, file, start))
            for _ in range(3)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
            assert worker.exitcode == 0
        sent = file.read_text().split()
        assert len(sent) == 15
        assert {tokens.digest(one) for one in sent} == {row.digest for row in office.alive()}


def over_meanwhile() -> list[tuple[str, str]]:
    every = [(kind, name) for kind in WITH_LINK for name in OVER]
    # The link for a new address goes to that one whatever the old one is.
    every.remove(("change_email", "email"))
    return every


@pytest.mark.parametrize(("kind", "changed"), over_meanwhile())
def test_a_link_is_not_sent_once_what_it_stands_for_is_over(
    kind: str, changed: str, small: Office
) -> None:
    """TK06, TK22: to nobody disabled, to no old address, and not past a change of password."""
    ada = small.person()
    small.post(kind, ada, to="new@example.com" if kind == "change_email" else None)
    small.change(ada, **{changed: OVER[changed]})
    assert small.deliver() == Delivered(sent=1)
    assert small.bag.tried == []
    assert small.tokens() == []


@pytest.mark.parametrize("kind", WITH_LINK)
def test_a_link_is_sent_while_it_holds(kind: str, small: Office) -> None:
    to = "new@example.com" if kind == "change_email" else "ada@example.com"
    small.post(kind, small.person(), to=to)
    small.deliver()
    assert small.only().to == to
    (row,) = small.alive()
    assert (row.purpose, row.email) == (KINDS[kind].purpose, to)


@pytest.mark.parametrize("kind", NOTICES)
def test_a_notice_goes_where_the_account_had_its_mail_when_it_happened(
    kind: str, small: Office
) -> None:
    """TK32: whoever took the account over may have changed the address by now."""
    ada = small.person()
    small.post(kind, ada, context={"before": {"email": "ada@example.com"}, "new_email": "e@x.yz"})
    small.change(ada, email="eve@evil.example", session_generation=3)
    assert small.deliver() == Delivered(sent=1)
    mail = small.only()
    assert mail.to == "ada@example.com"
    (row,) = small.alive()
    assert row.purpose == "not_me"
    assert row.digest == tokens.digest(token_of(mail.not_me_link))
    assert row.generation is None
    assert row.data["before"] == {"email": "ada@example.com"}
    assert row.data["change"] == kind
    assert row.data["at"] == "2026-11-21T05:30:00+00:00"
    assert (row.expires_at - small.now).days == 7
    assert mail.link is None
    for text in (mail.text, mail.html):
        assert mail.not_me_link is not None
        assert mail.not_me_link in text


def test_an_account_that_is_gone_is_still_told(office: Office) -> None:
    ada = office.person()

    def close(accounts: Any) -> None:
        user = accounts.users.fresh(ada.id)
        accounts.users.delete(user)

    office.post("account_closed", ada)
    office.post("reset_password", ada)
    office.within(close)
    assert office.deliver() == Delivered(sent=2)
    assert office.only().kind == "account_closed"
    assert office.tokens() == []


def test_no_transaction_is_open_while_a_mailer_works(office: Office) -> None:
    """Another may write meanwhile; SQLite has one writer at a time."""

    class Slow:
        def send(self, message: Message) -> None:
            office.post("new_device", None)
            office.change(ada, username_key="written-meanwhile")

    ada = office.person()
    office.post("new_device", ada)
    assert deliver(replace(office.accounts, mailer=Slow()), at_once=1) == Delivered(sent=1)
    assert len(office.rows()) == 2


def test_a_code_needs_the_browser_that_asked(small: Office) -> None:
    small.post("reset_password", small.person())
    small.deliver()
    assert small.only().code is None
    row = small.alive()[0]
    assert row.browser_digest is row.code_digest is row.code_expires_at is None


def test_no_two_links_are_alike(small: Office) -> None:
    """TK01: 256 bits each, and nothing of the person in it."""
    ada = small.person()
    for _ in range(20):
        small.post("reset_password", ada)
    small.deliver()
    minted = {token_of(mail.link) for mail in small.bag.sent}
    assert [len(one) >= 43 for one in minted] == [True] * 20
    digests = {hashlib.sha256(one.encode()).digest() for one in minted}
    assert {row.digest for row in small.tokens()} == digests


def test_a_template_that_is_wrong_is_told_and_stops_no_other_mail(small: Office) -> None:
    def wrong(name: str, language: str, values: Any) -> str:
        if name.startswith("mail/reset_password"):
            return "no subject here"
        return small.accounts.render(name, language, values)

    small.post("reset_password", ada := small.person())
    small.post("new_device", ada)
    assert deliver(replace(small.accounts, render=wrong)) == Delivered(sent=1, failed=1)
    assert small.rows()[0].error == "ValueError"
