"""Choosing a new password by mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flask_porter.authenticators.passwords import Argon2Hasher
from flask_porter.errors import InvalidInput, Refused, TooManyAttempts
from flask_porter.flows import change_email, reset_password, verify_email
from flask_porter.flows.outcomes import Done
from tests.account_site import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    STRANGER,
    Site,
    browser_of,
    make_site,
    token_of,
)

NOBODY = "nobody@example.org"


def reset_token(site: Site, email: str = ADA) -> str:
    site.run(reset_password.ask, identifier=email)
    return token_of(site.last_link(email))


def finish(site: Site, token: str, password: str = NEW_PASSWORD) -> Done:
    return site.run(reset_password.finish, token=token, new_password=password)


def test_the_answer_and_the_work_are_the_same_for_everybody(site: Site) -> None:
    """E02."""
    site.register("unverified@example.org", is_verified=False)
    site.register("disabled@example.org", disabled_at=site.clock())
    people = [ADA, NOBODY, "unverified@example.org", "disabled@example.org", "no address"]
    answers = [site.run(reset_password.ask, identifier=each) for each in people]
    assert {answer.flow for answer in answers} == {"reset_password_finish"}
    assert [answer.asked_for for answer in answers] == people
    assert len({answer.browser for answer in answers}) == len(people)
    rows = site.rows(site.accounts.models.outbox)
    assert [row.kind for row in rows] == ["reset_password"] * 5
    assert [row.to_address for row in rows] == [ADA, None, "unverified@example.org", None, None]
    assert site.events() == ["authn_token_created"] * 5
    assert [mail.to for mail in site.mails] == [ADA, "unverified@example.org"]


def test_the_mail_goes_to_the_address_that_is_kept_not_to_the_one_that_was_typed(
    site: Site,
) -> None:
    """N02."""
    site.run(reset_password.ask, identifier="ADA@Example.ORG")
    assert [mail.to for mail in site.mails] == [ADA]


@pytest.mark.parametrize("email", [ADA, NOBODY])
def test_so_many_mails_an_hour_whoever_it_is(site: Site, email: str) -> None:
    for _ in range(site.accounts.settings.mails_per_account):
        site.run(reset_password.ask, identifier=email)
    with pytest.raises(TooManyAttempts):
        site.run(reset_password.ask, identifier=email)


def test_a_link_sets_a_new_password(site: Site) -> None:
    token = reset_token(site)
    outcome = finish(site, token)
    assert (outcome.what, outcome.logged_out) == ("password_reset", False)
    assert site.is_alive(site.login(password=NEW_PASSWORD))
    with pytest.raises(Refused, match="wrong_credentials"):
        site.login(password=PASSWORD)
    told = site.last_mail(ADA, "password_reset_done")
    assert told.not_me_link is not None
    assert "authn_password_change" in site.events()


def test_a_code_sets_a_new_password_in_the_browser_that_asked(site: Site) -> None:
    browser = browser_of(site.run(reset_password.ask, identifier=ADA))
    given = {"code": site.last_code(), "new_password": NEW_PASSWORD}
    with pytest.raises(Refused, match="code_invalid"):
        site.run(reset_password.finish, **given)
    site.run(reset_password.finish, browser, **given)
    assert site.is_alive(site.login(password=NEW_PASSWORD))


def test_a_code_is_exchanged_for_a_token_once(site: Site) -> None:
    browser = browser_of(site.run(reset_password.ask, identifier=ADA))
    code, link = site.last_code(), token_of(site.last_link())
    held = site.run(reset_password.take_code, browser, code=code)
    assert held.purpose == "reset_password"
    with pytest.raises(Refused, match="code_invalid"):
        site.run(reset_password.take_code, browser, code=code)
    with pytest.raises(Refused, match="link_invalid"):
        finish(site, link)
    finish(site, held.token)
    assert site.is_alive(site.login(password=NEW_PASSWORD))


@pytest.mark.parametrize(("seconds", "works"), [(-1, True), (0, False)])
def test_the_token_of_a_code_lasts_as_long_as_a_code(site: Site, seconds: int, works: bool) -> None:
    browser = browser_of(site.run(reset_password.ask, identifier=ADA))
    code = site.last_code()
    site.clock.advance(minutes=5)
    held = site.run(reset_password.take_code, browser, code=code)
    site.clock.now += site.accounts.settings.code_ttl + timedelta(seconds=seconds)
    if works:
        finish(site, held.token)
    else:
        with pytest.raises(Refused, match="link_invalid"):
            finish(site, held.token)


def test_wrong_codes_are_guesses_like_wrong_passwords(site: Site) -> None:
    browser = browser_of(site.run(reset_password.ask, identifier=ADA))
    right = site.last_code()
    wrong = f"{(int(right) + 1) % 10**8:08d}"
    for _ in range(site.accounts.settings.attempts_free):
        with pytest.raises(Refused, match="code_invalid"):
            site.run(reset_password.take_code, browser, code=wrong)
    with pytest.raises(TooManyAttempts):
        site.run(reset_password.take_code, browser, code=right)


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("too short", "too_short"),
        ("passwordpassword", "common"),
        ("ada@example.org 1", "personal"),
        ("a" * 400, "too_long"),
    ],
)
def test_a_password_that_is_refused_uses_nothing_up(site: Site, password: str, reason: str) -> None:
    token = reset_token(site)
    with pytest.raises(InvalidInput) as refused:
        finish(site, token, password)
    assert refused.value.fields == {"new_password": (reason,)}
    finish(site, token)


def test_a_reset_ends_every_log_in_and_kills_what_else_was_mailed(site: Site) -> None:
    """TK06, S21."""
    here, there = site.login(), site.login()
    in_ = site.logged_in(here)
    site.run(change_email.ask, in_, email="ada@new.example")
    moving = token_of(site.last_link("ada@new.example"))
    first, second = reset_token(site), reset_token(site)
    outcome = site.run(reset_password.finish, in_, token=second, new_password=NEW_PASSWORD)
    assert outcome.logged_out
    assert not site.is_alive(here)
    assert not site.is_alive(there)
    with pytest.raises(Refused, match="link_invalid"):
        finish(site, first)
    with pytest.raises(Refused, match="link_invalid"):
        site.run(change_email.finish, in_, token=moving)


def test_a_reset_leaves_the_log_in_of_somebody_else_alone(site: Site) -> None:
    site.register("bob@example.org")
    bob = site.login("bob@example.org")
    given = {"token": reset_token(site), "new_password": NEW_PASSWORD}
    assert not site.run(reset_password.finish, site.logged_in(bob), **given).logged_out
    assert site.is_alive(bob)


def test_a_reset_verifies_the_mailbox(site: Site) -> None:
    site.register("new@example.org", is_verified=False)
    finish(site, reset_token(site, "new@example.org"))
    assert site.user("new@example.org").email_verified_at == site.clock()
    assert "user_verified" in site.events()
    assert site.is_alive(site.login("new@example.org", NEW_PASSWORD))


def test_a_reset_makes_a_disabled_password_count_again(site: Site) -> None:
    site.change(site.user(), password_disabled_at=site.clock())
    finish(site, reset_token(site))
    assert site.user().password_disabled_at is None
    assert site.is_alive(site.login(password=NEW_PASSWORD))


def test_a_reset_forgives_the_guesses_of_others(site: Site) -> None:
    for _ in range(site.accounts.settings.attempts_free):
        with pytest.raises(Refused):
            site.login(password="a guess of a stranger")
    with pytest.raises(TooManyAttempts):
        site.login()
    finish(site, reset_token(site))
    assert site.is_alive(site.login(password=NEW_PASSWORD))


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_reset_never_re_activates_a_user(site: Site, when: str) -> None:
    """TK22."""
    user = site.user()
    if when == "before":
        site.change(user, disabled_at=site.clock())
        site.run(reset_password.ask, identifier=ADA)
        assert site.mails == []
        return
    token = reset_token(site)
    site.change(user, disabled_at=site.clock())
    with pytest.raises(Refused, match="link_invalid"):
        finish(site, token)
    assert site.user().disabled_at is not None
    assert site.user().password_hash == user.password_hash


def test_a_link_is_for_the_address_that_it_was_mailed_to(site: Site) -> None:
    token = reset_token(site)
    site.change(site.user(), email="ada@new.example", email_key="ada@new.example")
    with pytest.raises(Refused, match="link_invalid"):
        finish(site, token)


def test_who_has_no_password_yet_chooses_the_first(site: Site) -> None:
    """P15."""
    site.register("guest@example.org")
    site.change(site.user("guest@example.org"), password_hash=None)
    finish(site, reset_token(site, "guest@example.org"))
    assert site.is_alive(site.login("guest@example.org", NEW_PASSWORD))


def test_a_step_cannot_be_skipped(site: Site) -> None:
    """TK23."""
    browser = browser_of(site.run(reset_password.ask, identifier=ADA))
    with pytest.raises(InvalidInput):
        site.run(reset_password.finish, browser, new_password=NEW_PASSWORD)
    for token in ("null", "undefined", "0", site.user().password_hash, browser.browser):
        with pytest.raises(Refused, match="link_invalid"):
            finish(site, str(token))
    assert site.is_alive(site.login())


@pytest.mark.parametrize("field", ["user_id", "uid", "email", "identifier", "is_admin"])
def test_the_token_alone_says_whose_password_it_is(site: Site, field: str) -> None:
    """TK08."""
    bob = site.register("bob@example.org")
    given: dict[str, Any] = {field: str(bob.id), "token": reset_token(site)}
    with pytest.raises(InvalidInput):
        site.run(reset_password.finish, **given, new_password=NEW_PASSWORD)
    assert site.user("bob@example.org").password_hash == bob.password_hash


@pytest.mark.parametrize(("seconds", "works"), [(-1, True), (0, False), (1, False)])
def test_a_link_ends_at_its_moment(site: Site, seconds: int, works: bool) -> None:
    """TK04."""
    token = reset_token(site)
    site.clock.now += site.accounts.settings.reset_ttl + timedelta(seconds=seconds)
    if works:
        finish(site, token)
    else:
        with pytest.raises(Refused, match="link_invalid"):
            finish(site, token)


def test_a_mail_server_that_is_down_changes_no_answer(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E07: nothing of the flow ever asks the mailer."""
    monkeypatch.setattr(type(site.accounts.mailer), "send", None)
    answers = [site.run(reset_password.ask, identifier=each) for each in (ADA, NOBODY)]
    assert {answer.flow for answer in answers} == {"reset_password_finish"}


def test_a_link_to_verify_resets_nothing(site: Site) -> None:
    site.register("new@example.org", is_verified=False)
    site.run(verify_email.ask_again, STRANGER, identifier="new@example.org")
    with pytest.raises(Refused, match="link_invalid"):
        finish(site, token_of(site.last_link()))


class Interrupted(Argon2Hasher):
    """Has the operator disable the account while the new password is hashed."""

    site: Site

    def hash(self, password: str) -> str:
        if password == NEW_PASSWORD:
            self.site.change(self.site.user(), disabled_at=self.site.clock())
        return super().hash(password)


def test_an_account_that_is_disabled_in_between_gets_no_password(tmp_path: Path) -> None:
    """TK22."""
    hasher = Interrupted(memory_kib=64, time_cost=1)
    hasher.site = site = make_site(tmp_path, hasher=hasher)
    kept = site.register().password_hash
    with pytest.raises(Refused, match="link_invalid"):
        finish(site, reset_token(site))
    assert site.user().password_hash == kept
    assert site.user().disabled_at is not None
