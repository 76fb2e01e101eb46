"""Budgets and rates: what is counted where, and what a success takes back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine

from flask_porter.authenticators.passwords import Verdict
from flask_porter.errors import Busy, Refused, TooManyAttempts
from flask_porter.flows import login, verify_email
from flask_porter.flows.accounts import Accounts
from flask_porter.flows.caller import Caller
from flask_porter.flows.inputs import Nothing
from flask_porter.flows.known_devices import mint_known_device
from flask_porter.flows.outcomes import Done, LoggedIn, MailSent
from flask_porter.flows.register import register
from flask_porter.flows.run import run
from flask_porter.flows.throttles import forgive, limit_rate, network_of, open_budget
from flask_porter.models.database import connect
from flask_porter.stores.sql import SqlThrottle
from tests.account_site import ADA, PASSWORD, STRANGER, Site, browser_of, make_site
from tests.authenticators.quick import quick_hasher

ACCOUNT = "user:1"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def user_of(account: str | None) -> SimpleNamespace | None:
    """Return the row of the user whose key this is, or None."""
    of_user = account is not None and account.startswith("user:")
    return SimpleNamespace(id=account[5:], session_generation=0) if of_user and account else None


def fail(site: Site, caller: Caller = STRANGER, account: str | None = ACCOUNT) -> int:
    """Attempt and fail; return the seconds to wait, 0 for an attempt that was looked at."""

    def flow(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
        open_budget(accounts, caller, account=account, user=user_of(account))
        raise Refused("wrong")

    return _retry_after(site, caller, flow)


def succeed(site: Site, caller: Caller = STRANGER, account: str | None = ACCOUNT) -> int:
    """Attempt and succeed; return the seconds to wait, 0 for an attempt that was looked at."""

    def flow(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
        open_budget(accounts, caller, account=account, user=user_of(account)).succeeded()
        return Done("attempted")

    return _retry_after(site, caller, flow)


def ask(site: Site, caller: Caller = STRANGER, action: Any = "mails", key: Any = None) -> int:
    """Ask for a mail or the like; return the seconds to wait, 0 if it may go out."""

    def flow(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
        limit_rate(accounts, caller, action, key=key, user=user_of(key))
        return Done("asked")

    return _retry_after(site, caller, flow)


def _retry_after(site: Site, caller: Caller, flow: Any) -> int:
    try:
        run(site.accounts, caller, flow, Nothing())
    except TooManyAttempts as no:
        return no.retry_after
    except Refused:
        return 0
    return 0


def known(site: Site) -> Caller:
    """Return a browser in which a user has logged in."""
    return replace(STRANGER, known_device=mint_known_device(site.accounts, user_of(ACCOUNT)))


def test_a_success_makes_the_account_new(site: Site) -> None:
    assert [fail(site) for _ in range(4)] == [0] * 4
    assert succeed(site) == 0
    assert [fail(site) for _ in range(6)] == [0, 0, 0, 0, 0, 30]


def test_a_success_counts_only_once_the_flow_is_committed(site: Site) -> None:
    def broken(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
        open_budget(accounts, caller, account=ACCOUNT, user=user_of(ACCOUNT)).succeeded()
        raise ZeroDivisionError

    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            run(site.accounts, STRANGER, broken, Nothing())
    assert fail(site) == 30


def test_a_success_in_a_known_browser_clears_its_own_count_alone(site: Site) -> None:
    at_home = known(site)
    for _ in range(5):
        fail(site)
        fail(site, at_home)
    assert fail(site, at_home) == 30
    site.clock.advance(seconds=30)
    assert succeed(site, at_home) == 0
    assert [fail(site, at_home) for _ in range(6)] == [0, 0, 0, 0, 0, 30]
    assert fail(site) == 0
    assert fail(site) == 60


def test_a_link_counts_on_the_address_alone(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_ADDRESS_ATTEMPTS_FREE=3, PORTER_TOTAL_ATTEMPTS_FREE=1)
    assert [fail(site, account=None) for _ in range(3)] == [0, 0, 0]
    assert fail(site, account=None) > 0
    assert fail(site, replace(STRANGER, address="192.0.2.9"), account=None) == 0


def test_a_link_that_holds_counts_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_ADDRESS_ATTEMPTS_FREE=1)
    assert [succeed(site, account=None) for _ in range(3)] == [0, 0, 0]


def test_who_has_no_address_counts_on_the_account(site: Site) -> None:
    terminal = Caller("cli")
    assert [fail(site, terminal) for _ in range(6)] == [0, 0, 0, 0, 0, 30]
    assert fail(site) == 30


def test_who_is_forgiven_begins_anew_in_this_browser_too(site: Site) -> None:
    def forgiven(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
        forgive(accounts, caller, user_of(ACCOUNT))
        return Done("forgiven")

    at_home = known(site)
    for _ in range(5):
        fail(site)
        fail(site, at_home)
    run(site.accounts, at_home, forgiven, Nothing())
    assert (fail(site), fail(site, at_home)) == (0, 0)


def test_throttles_can_be_off(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_THROTTLES=False)
    assert [fail(site) for _ in range(20)] == [0] * 20
    assert [ask(site, key=ACCOUNT) for _ in range(20)] == [0] * 20
    assert succeed(site) == 0


def test_an_hour_of_the_clock_has_so_many_mails(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.clock.now = site.clock.now.replace(minute=50, second=0)
    assert [ask(site, key=ACCOUNT) for _ in range(6)] == [0, 0, 0, 0, 0, 600]
    assert ask(site, key="user:2") == 0
    site.clock.advance(seconds=599)
    assert ask(site, key=ACCOUNT) == 1
    site.clock.advance(seconds=1)
    assert ask(site, key=ACCOUNT) == 0


def test_an_address_has_so_many_mails_and_so_many_registrations(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_MAILS_PER_ADDRESS=2, PORTER_REGISTRATIONS_PER_ADDRESS=3)
    mails = [ask(site, key=f"user:{number}") for number in range(3)]
    assert [wait > 0 for wait in mails] == [False, False, True]
    registrations = [ask(site, action="registrations") for _ in range(4)]
    assert [wait > 0 for wait in registrations] == [False, False, False, True]
    assert ask(site, replace(STRANGER, address="192.0.2.9"), action="registrations") == 0
    entry = site.rows(site.accounts.models.audit)[0]
    assert entry.event == "excess_rate_limit_exceeded"
    assert entry.details == {"limit": "address", "action": "mails"}


def test_all_together_have_so_many_and_the_known_pass_by(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_RATES_IN_TOTAL=3)
    for number in range(3):
        assert ask(site, replace(STRANGER, address=f"192.0.2.{number}"), key=f"user:{number}") == 0
    assert ask(site, replace(STRANGER, address="192.0.2.9"), key="user:9") > 0
    assert ask(site, known(site), key=ACCOUNT) == 0
    assert ask(site, known(site), key="user:2") > 0


def test_strangers_keep_nobody_from_a_mail_in_their_own_browser(site: Site) -> None:
    at_home = known(site)
    for _ in range(5):
        ask(site, key=ACCOUNT)
    assert ask(site, key=ACCOUNT) > 0
    assert [ask(site, at_home, key=ACCOUNT) > 0 for _ in range(6)] == [False] * 5 + [True]


def test_the_operator_has_no_rate(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_RATES_IN_TOTAL=3)
    operator = Caller("cli")
    assert [ask(site, operator, "registrations") for _ in range(30)] == [0] * 30


def test_who_has_no_address_counts_with_all(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_RATES_IN_TOTAL=3, PORTER_REGISTRATIONS_PER_ADDRESS=1)
    nowhere = Caller("pages")
    waits = [ask(site, nowhere, "registrations") for _ in range(4)]
    assert [wait > 0 for wait in waits] == [False, False, False, True]


def test_flows_ask_before_they_send(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_REGISTRATIONS_PER_ADDRESS=1)
    site.run(register, email=ADA, password=PASSWORD)
    with pytest.raises(TooManyAttempts):
        site.run(register, email="bob@example.org", password=PASSWORD)
    for _ in range(5):
        site.run(verify_email.ask_again, identifier=ADA)
    with pytest.raises(TooManyAttempts):
        site.run(verify_email.ask_again, identifier=ADA)


def test_a_flow_and_its_counts_need_one_connection(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.register()
    engine = create_engine(
        site.accounts.database.engine().url, pool_size=1, max_overflow=0, pool_timeout=1
    )
    database = connect(engine)
    throttle = SqlThrottle(database.open_session, site.accounts.models)
    accounts = replace(site.accounts, database=database, throttle=throttle)
    form = login.PasswordLogin.model_validate({"identifier": ADA, "password": PASSWORD})
    with site.app.app_context():
        outcome = run(accounts, STRANGER, login.with_password, form)
    assert isinstance(outcome, LoggedIn)
    engine.dispose()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:1:ffff::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("192.0.2.1:49152", "192.0.2.1"),
        ("[2001:db8:0:1::1]:49152", "2001:db8:0:1::/64"),
        ("[2001:db8:0:1::1]", "2001:db8:0:1::/64"),
        ("somebody:80", "somebody:80"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_a_network_is_named_in_one_way(address: str, network: str) -> None:
    assert network_of(address) == network


def test_who_is_not_verified_has_so_many_mails_by_logging_in(site: Site) -> None:
    site.register(is_verified=False)
    for _ in range(5):
        site.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
    with pytest.raises(TooManyAttempts):
        site.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
    assert len(site.mails) == 5


def test_a_password_that_lets_nobody_in_gives_no_new_guesses_at_the_code(site: Site) -> None:
    site.register(is_verified=False)
    sent = site.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
    assert isinstance(sent, MailSent)
    for _ in range(2):
        for _ in range(2):
            with pytest.raises(Refused, match="code_invalid"):
                site.run(verify_email.verify_email, browser_of(sent), code="0000 0000")
        site.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
    with pytest.raises(Refused, match="code_invalid"):
        site.run(verify_email.verify_email, browser_of(sent), code="0000 0000")
    with pytest.raises(TooManyAttempts):
        site.run(verify_email.verify_email, browser_of(sent), code="0000 0000")


def test_where_nobody_has_looked_at_a_password_no_attempt_is_counted(tmp_path: Path) -> None:
    class Crowded:
        is_busy = True

        def hash(self, password: str) -> str:
            return quick_hasher().hash(password)

        def verify(self, password: str, stored: str | None) -> Verdict:
            if self.is_busy:
                raise Busy
            return quick_hasher().verify(password, stored)

    hasher = Crowded()
    site = make_site(tmp_path, hasher=hasher, PORTER_ADDRESS_ATTEMPTS_FREE=6)
    site.register()
    for _ in range(10):
        with pytest.raises(Busy):
            site.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
    hasher.is_busy = False
    for _ in range(5):
        with pytest.raises(Refused, match="wrong_credentials"):
            site.run(login.with_password, STRANGER, identifier=ADA, password="wrong")
    with pytest.raises(TooManyAttempts):
        site.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
