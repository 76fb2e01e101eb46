"""Giving the account another e-mail address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flask_porter.errors import InvalidInput, Refused, TooManyAttempts
from flask_porter.flows import change_email, logout, reset_password
from flask_porter.flows.caller import Caller
from flask_porter.flows.outcomes import Done, LoggedIn, MailSent
from tests.account_site import ADA, PASSWORD, STRANGER, Site, browser_of, token_of

NEW = "ada@new.example"
BOB = "bob@example.org"


def ask(site: Site, caller: Caller, email: str = NEW) -> MailSent:
    return site.run(change_email.ask, caller, email=email)


def asked(site: Site) -> tuple[LoggedIn, Caller, str]:
    """Return a log-in that has asked, its browser since then, and the token of the link."""
    here = site.login()
    browser = browser_of(ask(site, site.logged_in(here)), site.logged_in(here))
    return here, browser, token_of(site.last_link(NEW))


def test_asking_changes_nothing_and_tells_both_addresses(site: Site) -> None:
    asked(site)
    assert site.user(ADA).email == ADA
    assert [(mail.kind, mail.to) for mail in site.mails] == [
        ("change_email_notice", ADA),
        ("change_email", NEW),
    ]
    assert site.last_mail(ADA).not_me_link is not None
    assert site.last_mail(NEW).not_me_link is None


def test_an_address_that_somebody_has_gets_the_same_answer(site: Site) -> None:
    """E08."""
    site.register(BOB)
    in_ = site.logged_in(site.login())
    free, taken = ask(site, in_), ask(site, in_, BOB)
    assert (free.flow, free.asked_for) == ("change_email_finish", NEW)
    assert (taken.flow, taken.asked_for) == ("change_email_finish", BOB)
    assert taken.browser != free.browser
    assert [(mail.kind, mail.to) for mail in site.mails] == [
        ("change_email_notice", ADA),
        ("change_email", NEW),
        ("change_email_notice", ADA),
        ("already_registered", BOB),
    ]
    assert site.events()[-2:] == ["authn_token_created"] * 2


def test_who_they_are_must_have_been_proven_lately(site: Site) -> None:
    """ASVS 7.5.1."""
    in_ = site.logged_in(site.login())
    site.clock.now += site.accounts.settings.fresh_for
    with pytest.raises(Refused, match="reauthentication_required"):
        ask(site, in_)
    with pytest.raises(Refused, match="login_required"):
        ask(site, STRANGER)
    assert site.mails == []


@pytest.mark.parametrize(
    ("email", "reason"),
    [("no address", "invalid_email"), (f"{NEW},{BOB}", "invalid_email"), (ADA, "same_email")],
)
def test_what_is_no_new_address_is_refused(site: Site, email: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(site, site.logged_in(site.login()), email)
    assert refused.value.fields == {"email": (reason,)}


def test_so_many_mails_an_hour(site: Site) -> None:
    in_ = site.logged_in(site.login())
    for number in range(site.accounts.settings.mails_per_account):
        ask(site, in_, f"ada{number}@new.example")
    with pytest.raises(TooManyAttempts):
        ask(site, in_)


def test_the_link_changes_the_address_and_ends_every_other_log_in(site: Site) -> None:
    there = site.login()
    here, browser, token = asked(site)
    outcome = site.run(change_email.finish, browser, token=token)
    assert isinstance(outcome, LoggedIn)
    assert site.is_alive(outcome)
    assert not site.is_alive(here)
    assert not site.is_alive(there)
    user = site.user(NEW)
    assert (user.email, user.email_verified_at) == (NEW, site.clock())
    assert site.user(ADA) is None
    assert site.is_alive(site.login(NEW))


def test_the_code_does_the_same_in_the_browser_that_asked(site: Site) -> None:
    _, browser, _ = asked(site)
    code = site.last_code(NEW)
    with pytest.raises(Refused, match="code_invalid"):
        site.run(change_email.finish, code=code)
    assert isinstance(site.run(change_email.finish, browser, code=code), LoggedIn)


def test_a_change_proves_nothing_anew(site: Site) -> None:
    here, browser, token = asked(site)
    site.clock.advance(minutes=30)
    outcome = site.run(change_email.finish, browser, token=token)
    assert isinstance(outcome, LoggedIn)
    assert outcome.record.auth_time == here.record.auth_time


def test_the_old_address_is_told_with_a_way_back(site: Site) -> None:
    """TK32."""
    _, browser, token = asked(site)
    site.run(change_email.finish, browser, token=token)
    told = site.last_mail(kind="email_changed")
    assert told.to == ADA
    assert told.not_me_link is not None
    assert "user_updated" in site.events()


def test_in_another_browser_the_link_needs_the_password(site: Site) -> None:
    """Else somebody could have a stranger confirm their own address into another's account."""
    here, _, token = asked(site)
    with pytest.raises(InvalidInput) as needed:
        site.run(change_email.finish, token=token)
    assert needed.value.fields == {"password": ("required",)}
    with pytest.raises(Refused, match="wrong_password"):
        site.run(change_email.finish, token=token, password="the stranger's own password")
    assert site.user(ADA).email == ADA
    assert site.run(change_email.finish, token=token, password=PASSWORD) == Done("email_changed")
    assert site.user(NEW) is not None
    assert not site.is_alive(here)


def test_a_log_in_of_the_account_in_another_browser_will_do(site: Site) -> None:
    _, _, token = asked(site)
    there = site.login()
    outcome = site.run(change_email.finish, site.logged_in(there), token=token)
    assert isinstance(outcome, LoggedIn)
    assert outcome.record.user_id == site.user(NEW).id


def test_a_link_opened_in_the_log_in_of_another_changes_nothing_of_theirs(site: Site) -> None:
    """TK21."""
    site.register(BOB)
    _, _, token = asked(site)
    bob = site.login(BOB)
    with pytest.raises(InvalidInput):
        site.run(change_email.finish, site.logged_in(bob), token=token)
    outcome = site.run(change_email.finish, site.logged_in(bob), token=token, password=PASSWORD)
    assert outcome == Done("email_changed")
    assert site.is_alive(bob)
    assert site.user(BOB).email == BOB


def test_of_two_changes_each_link_confirms_the_address_it_was_mailed_to(site: Site) -> None:
    """TK18: the mailbox of the attacker proves nothing of the address of the victim."""
    in_ = site.logged_in(site.login())
    ask(site, in_, "mallory@evil.example")
    browser = browser_of(ask(site, in_, "victim@example.com"), in_)
    mallory = token_of(site.last_link("mallory@evil.example"))
    victim = token_of(site.last_link("victim@example.com"))
    code = site.last_code("mallory@evil.example")
    with pytest.raises(Refused, match="code_invalid"):
        site.run(change_email.finish, browser, code=code)
    outcome = site.run(change_email.finish, browser, token=mallory)
    assert isinstance(outcome, LoggedIn)
    assert site.user("mallory@evil.example") is not None
    with pytest.raises(Refused, match="link_invalid"):
        site.run(change_email.finish, site.logged_in(outcome), token=victim)
    assert site.user("victim@example.com") is None


def test_an_address_that_was_registered_meanwhile_is_not_taken_over(site: Site) -> None:
    here, browser, token = asked(site)
    site.register(NEW)
    with pytest.raises(Refused, match="email_taken"):
        site.run(change_email.finish, browser, token=token)
    assert site.user(ADA).email == ADA
    assert site.is_alive(here)


def test_a_change_kills_the_link_for_a_new_password(site: Site) -> None:
    """TK06."""
    site.run(reset_password.ask, identifier=ADA)
    reset = token_of(site.last_link())
    _, browser, token = asked(site)
    site.run(change_email.finish, browser, token=token)
    with pytest.raises(Refused, match="link_invalid"):
        site.run(reset_password.finish, token=reset, new_password="a kettle on the green roof")


def test_a_log_in_that_ended_meanwhile_is_not_brought_back(site: Site) -> None:
    _, browser, token = asked(site)
    assert browser.record is not None
    record = browser.record
    with site.accounts.database.open_session() as session:
        site.accounts.within(session).sessions.end(record.user_id, ids=[record.id])
        session.commit()
    outcome = site.run(change_email.finish, browser, token=token)
    assert outcome == Done("email_changed", logged_out=True)


@pytest.mark.parametrize("by", ["token", "code"])
def test_who_has_logged_out_in_the_browser_that_asked_needs_the_password(
    site: Site, by: str
) -> None:
    """S11: what a copy of the browser still holds of a log-in that is over is no log-in."""
    here, browser, token = asked(site)
    site.run(logout.logout, site.logged_in(here))
    stranger = replace(browser, user=None, record=None)
    given = {by: token if by == "token" else site.last_code(NEW)}
    with pytest.raises(InvalidInput) as needed:
        site.run(change_email.finish, stranger, **given)
    assert needed.value.fields == {"password": ("required",)}
    assert site.user(NEW) is None
    with pytest.raises(Refused, match="wrong_password"):
        site.run(change_email.finish, stranger, **given, password="somebody else's password")
    done = site.run(change_email.finish, stranger, **given, password=PASSWORD)
    assert done == Done("email_changed")


def test_a_log_out_leaves_the_other_mails_of_the_browser_good(site: Site) -> None:
    here = site.logged_in(site.login())
    asking = browser_of(site.run(reset_password.ask, here, identifier=ADA), here)
    site.run(logout.logout, asking)
    stranger = replace(asking, user=None, record=None)
    assert site.run(reset_password.take_code, stranger, code=site.last_code(ADA)).token
