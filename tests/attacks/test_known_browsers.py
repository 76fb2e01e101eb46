"""What is left of a thief's browser, in which the owner's password once was right: B10."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from flask_porter.flows import change_email, change_password, logout, not_me, reset_password, users
from flask_porter.flows.caller import Caller
from flask_porter.flows.known_devices import is_known
from flask_porter.flows.outcomes import Done, LoggedIn, LoggedOut
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, browser_of, token_of
from tests.attacks.guesser import Guesser, guesser_at

Remedy = Callable[[Site, Caller], object]


@dataclass(frozen=True)
class Robbed:
    """A user at home, and a thief who has logged in too and knows the password."""

    guesser: Guesser
    at_home: Caller
    thief: str

    @property
    def site(self) -> Site:
        """Where it happens."""
        return self.guesser.site


@pytest.fixture
def robbed(tmp_path: Path) -> Robbed:
    guesser = guesser_at(tmp_path)
    at_home = guesser.site.logged_in(guesser.site.login())
    guesser.site.clock.advance(seconds=1)
    return Robbed(guesser, at_home, guesser.know_this_browser())


def _reset(site: Site, here: Caller) -> object:
    site.run(reset_password.ask, here, identifier=ADA)
    token = token_of(site.last_link(kind="reset_password"))
    return site.run(reset_password.finish, here, token=token, new_password=PASSWORD)


def _not_me(site: Site, here: Caller) -> object:
    site.run(not_me.not_me, here, token=token_of(site.last_not_me(ADA, "new_device")))
    return _reset(site, here)


def _new_password(site: Site, here: Caller) -> object:
    change = change_password.change_password
    return site.run(change, here, password=PASSWORD, new_password=NEW_PASSWORD)


def _new_address(site: Site, here: Caller) -> object:
    asked = browser_of(site.run(change_email.ask, here, email="ada@new.example"), here)
    token = token_of(site.last_link("ada@new.example"))
    return site.run(change_email.finish, asked, token=token)


def _everywhere(site: Site, here: Caller) -> object:
    return site.run(logout.logout_everywhere, here)


def _by_operator(site: Site, here: Caller) -> object:
    assert here.user is not None
    return site.run(users.end_sessions, Caller("cli"), user=ADA)


REMEDIES: list[Remedy] = [
    _reset,
    _not_me,
    _new_password,
    _new_address,
    _everywhere,
    _by_operator,
]


def secrets_of(site: Site) -> tuple[str, str]:
    """Return the address and the password that count now."""
    user = site.ask(lambda accounts: accounts.users.get(1))
    is_old = site.accounts.hasher.verify(PASSWORD, user.password_hash).is_right
    return user.email, PASSWORD if is_old else NEW_PASSWORD


@pytest.mark.parametrize("remedy", REMEDIES)
def test_b10_whatever_ends_a_thiefs_log_in_ends_the_budget_of_their_browser(
    robbed: Robbed, remedy: Remedy
) -> None:
    remedy(robbed.site, robbed.at_home)
    email, password = secrets_of(robbed.site)
    for _ in range(5):
        robbed.guesser.guess(identifier=email)
    assert robbed.guesser.guess(identifier=email, known_device=robbed.thief).status == 429
    assert robbed.guesser.guess(password, email, known_device=robbed.thief).status == 429


@pytest.mark.parametrize("remedy", REMEDIES)
def test_whatever_ends_a_thiefs_log_in_lets_the_next_one_be_told_by_mail(
    robbed: Robbed, remedy: Remedy
) -> None:
    remedy(robbed.site, robbed.at_home)
    email, password = secrets_of(robbed.site)
    before = len(robbed.site.mails)
    robbed.guesser.guess(password, email, known_device=robbed.thief)
    assert [mail.kind for mail in robbed.site.mails[before:]] == ["new_device"]


@pytest.mark.parametrize("remedy", [each for each in REMEDIES if each is not _by_operator])
def test_b10_the_browser_in_which_the_owner_does_it_stays_known(
    robbed: Robbed, remedy: Remedy
) -> None:
    outcome = remedy(robbed.site, robbed.at_home)
    assert isinstance(outcome, (Done, LoggedIn, LoggedOut))
    email, password = secrets_of(robbed.site)
    for _ in range(6):
        robbed.guesser.guess(identifier=email)
    kept = outcome.known_device
    before = len(robbed.site.mails)
    assert robbed.guesser.guess(password, email).status == 429
    assert robbed.guesser.guess(password, email, known_device=kept).reason == "in"
    assert len(robbed.site.mails) == before


@pytest.mark.parametrize("remedy", [_new_address, _everywhere])
def test_a_browser_that_was_not_known_is_not_by_what_needs_no_password(
    robbed: Robbed, remedy: Remedy
) -> None:
    outcome = remedy(robbed.site, replace(robbed.at_home, known_device=None))
    assert isinstance(outcome, (LoggedIn, LoggedOut))
    assert outcome.known_device is None


def test_the_browsers_cookie_changes_with_it(robbed: Robbed) -> None:
    client = robbed.site.logged_in_client()
    before = client.get_cookie("porter_device")
    client.post("/account/logout-everywhere")
    after = client.get_cookie("porter_device")
    assert before is not None
    assert after is not None
    user = robbed.site.user()
    known = [is_known(robbed.site.accounts, user, each.value) for each in (before, after)]
    assert known == [False, True]


def test_a_log_out_here_makes_no_browser_unknown(robbed: Robbed) -> None:
    robbed.site.run(logout.logout, robbed.at_home)
    user = robbed.site.user()
    assert is_known(robbed.site.accounts, user, robbed.at_home.known_device)
    assert is_known(robbed.site.accounts, user, robbed.thief)
