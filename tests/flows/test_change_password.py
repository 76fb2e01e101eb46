"""Choosing another password by the one there is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from flask_porter.authenticators.passwords import Argon2Hasher
from flask_porter.errors import InvalidInput, Refused, TooManyAttempts
from flask_porter.flows import change_email, change_password, reset_password
from flask_porter.flows.outcomes import LoggedIn
from tests.account_site import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    STRANGER,
    Site,
    make_site,
    token_of,
)
from tests.authenticators.quick import quick_hasher


def change(
    site: Site, here: LoggedIn, password: str = PASSWORD, new: str = NEW_PASSWORD
) -> LoggedIn:
    in_ = site.logged_in(here)
    outcome = site.run(change_password.change_password, in_, password=password, new_password=new)
    assert isinstance(outcome, LoggedIn)
    return outcome


def test_a_change_ends_every_other_log_in_and_renews_this_one(site: Site) -> None:
    """S20, P14."""
    here, there = site.login(), site.login()
    renewed = change(site, here)
    assert site.is_alive(renewed)
    assert not site.is_alive(here)
    assert not site.is_alive(there)
    assert renewed.token != here.token
    assert site.is_alive(site.login(password=NEW_PASSWORD))
    with pytest.raises(Refused, match="wrong_credentials"):
        site.login(password=PASSWORD)


def test_a_change_is_told_by_mail_with_a_way_back(site: Site) -> None:
    change(site, site.login())
    assert site.last_mail(ADA, "password_changed").not_me_link is not None
    assert "authn_password_change" in site.events()


def test_a_change_proves_who_one_is_anew(site: Site) -> None:
    here = site.login()
    site.clock.advance(minutes=30)
    assert change(site, here).record.auth_time == site.clock()


def test_a_change_kills_what_was_mailed(site: Site) -> None:
    """TK06."""
    here = site.login()
    site.run(reset_password.ask, identifier=ADA)
    site.run(change_email.ask, site.logged_in(here), email="ada@new.example")
    reset, move = (
        token_of(site.last_link(kind=kind)) for kind in ("reset_password", "change_email")
    )
    renewed = site.logged_in(change(site, here))
    with pytest.raises(Refused, match="link_invalid"):
        site.run(reset_password.finish, token=reset, new_password=PASSWORD)
    with pytest.raises(Refused, match="link_invalid"):
        site.run(change_email.finish, renewed, token=move)
    # In the table as well as by the generation of the user.
    rows = site.rows(site.accounts.models.token)
    mailed = {row.consumed_at for row in rows if row.purpose in {"reset_password", "change_email"}}
    assert None not in mailed


def test_a_wrong_password_changes_nothing_and_is_a_guess(site: Site) -> None:
    """P14: the log-in and the change draw on one budget."""
    here = replace(site.login(), known_device=None)
    kept = site.user().password_hash
    for _ in range(site.accounts.settings.attempts_free):
        with pytest.raises(Refused, match="wrong_password"):
            change(site, here, "not the password at all")
    with pytest.raises(TooManyAttempts):
        change(site, here)
    with pytest.raises(TooManyAttempts):
        site.login()
    assert site.user().password_hash == kept
    assert site.is_alive(here)
    assert site.events().count("authn_password_change_fail") == 5


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("too short", "too_short"),
        ("ada@example.org 1", "personal"),
        ("passwordpassword", "common"),
        ("the same étude again", "same_password"),
        ("the same e\u0301tude again", "same_password"),
    ],
)
def test_the_new_password_is_looked_at_before_the_old_one(
    site: Site, new: str, reason: str
) -> None:
    here = site.login()
    for _ in range(site.accounts.settings.attempts_free + 1):
        with pytest.raises(InvalidInput) as refused:
            change(site, here, "the same étude again", new)
        assert refused.value.fields == {"new_password": (reason,)}


def test_a_stranger_changes_nothing(site: Site) -> None:
    given = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    with pytest.raises(Refused, match="login_required"):
        site.run(change_password.change_password, STRANGER, **given)


def test_a_log_in_that_was_ended_while_the_request_ran_changes_nothing(site: Site) -> None:
    here = site.login()
    change(site, site.login())
    with pytest.raises(Refused, match="login_required"):
        change(site, here, NEW_PASSWORD, PASSWORD)


def test_who_has_no_password_is_sent_to_the_mail(site: Site) -> None:
    """P15."""
    here = site.login()
    site.change(site.user(), password_hash=None)
    with pytest.raises(Refused, match="no_password") as refused:
        change(site, here)
    assert refused.value.next_steps == ("reset_password",)
    assert site.user().password_hash is None


class Interrupted(Argon2Hasher):
    """Lets somebody else change the password while a new one is hashed."""

    site: Site

    def hash(self, password: str) -> str:
        if password == NEW_PASSWORD:
            self.site.change(self.site.user(), password_hash=quick_hasher().hash("another one"))
        return super().hash(password)


def test_of_two_changes_at_the_same_moment_one_wins(tmp_path: Path) -> None:
    hasher = Interrupted(memory_kib=64, time_cost=1)
    hasher.site = site = make_site(tmp_path, hasher=hasher)
    site.register()
    with pytest.raises(Refused, match="changed_meanwhile"):
        change(site, site.login())
    assert site.is_alive(site.login(password="another one"))
