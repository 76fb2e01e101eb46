"""The link "this wasn't me" of a security notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flask_porter.errors import Refused
from flask_porter.flows import (
    change_email,
    change_password,
    logout,
    mailed_proof,
    not_me,
    reset_password,
)
from flask_porter.flows.accounts import Accounts
from flask_porter.flows.caller import Caller
from flask_porter.flows.mailed_proof import Proven
from flask_porter.flows.outcomes import Done, LoggedIn
from flask_porter.flows.users import disable, enable
from tests.account_site import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    STRANGER,
    Site,
    browser_of,
    token_of,
)

EVE = "eve@evil.example"
OPERATOR = Caller("cli")


def take_back(site: Site, token: str, caller: Caller = STRANGER) -> Done:
    return site.run(not_me.not_me, caller, token=token)


def key(site: Site, kind: str, to: str = ADA) -> str:
    """Return the token of the last "this wasn't me"."""
    return token_of(site.last_not_me(to, kind))


def move(site: Site, here: LoggedIn, to: str) -> LoggedIn:
    """Change the address."""
    in_ = site.logged_in(here)
    browser = browser_of(site.run(change_email.ask, in_, email=to), in_)
    outcome = site.run(change_email.finish, browser, token=token_of(site.last_link(to)))
    assert isinstance(outcome, LoggedIn)
    return outcome


def taken_over(site: Site) -> LoggedIn:
    """Have somebody who knows the password take the account: another password and address."""
    site.login()
    eve = site.login()
    changed = site.run(
        change_password.change_password,
        site.logged_in(eve),
        password=PASSWORD,
        new_password=NEW_PASSWORD,
    )
    assert isinstance(changed, LoggedIn)
    return move(site, changed, EVE)


def is_dead(site: Site, token: str) -> bool:
    looked: Any = site.ask(lambda accounts: not_me.look(accounts, STRANGER, token))
    return looked is None


def test_it_gives_the_address_back_and_ends_everything(site: Site) -> None:
    """TK32."""
    eve = taken_over(site)
    site.run(reset_password.ask, identifier=EVE)
    reset = token_of(site.last_link(EVE))
    assert take_back(site, key(site, "email_changed")) == Done(
        "account_secured", {"is_mailed": True}
    )
    user = site.user(ADA)
    assert user.email == ADA
    assert site.user(EVE) is None
    assert user.password_hash is None
    assert not site.is_alive(eve)
    for password in (PASSWORD, NEW_PASSWORD):
        with pytest.raises(Refused, match="wrong_credentials"):
            site.login(password=password)
    with pytest.raises(Refused, match="link_invalid"):
        site.run(reset_password.finish, token=reset, new_password=NEW_PASSWORD)


def test_its_owner_chooses_a_new_password_by_the_mail_that_follows(site: Site) -> None:
    taken_over(site)
    take_back(site, key(site, "email_changed"))
    given = {"token": token_of(site.last_link(ADA)), "new_password": "a third one, of the owner"}
    site.run(reset_password.finish, **given)
    assert site.user(ADA).password_disabled_at is None
    assert site.is_alive(site.login(password="a third one, of the owner"))


@pytest.mark.parametrize("kind", ["new_device", "password_changed", "change_email_notice"])
def test_an_earlier_notice_undoes_what_came_after_it(site: Site, kind: str) -> None:
    eve = taken_over(site)
    take_back(site, key(site, kind))
    assert site.user(ADA) is not None
    assert not site.is_alive(eve)


def test_a_notice_before_the_change_stops_it(site: Site) -> None:
    here = site.login()
    site.run(change_email.ask, site.logged_in(here), email=EVE)
    link = token_of(site.last_link(EVE))
    take_back(site, key(site, "change_email_notice"))
    with pytest.raises(Refused, match="link_invalid"):
        site.run(change_email.finish, token=link)
    assert site.user(ADA) is not None


def test_it_works_once(site: Site) -> None:
    taken_over(site)
    token = key(site, "email_changed")
    take_back(site, token)
    with pytest.raises(Refused, match="link_invalid"):
        take_back(site, token)


@pytest.mark.parametrize(("seconds", "works"), [(-1, True), (0, False)])
def test_it_works_for_seven_days(site: Site, seconds: int, works: bool) -> None:
    taken_over(site)
    token = key(site, "email_changed")
    site.clock.now += timedelta(days=7, seconds=seconds)
    assert is_dead(site, token) is not works


def test_the_seven_days_begin_with_what_it_tells_of(site: Site) -> None:
    """However late the mail is delivered."""
    taken_over(site)
    site.clock.advance(days=2)
    token = key(site, "email_changed")
    site.clock.advance(days=5)
    assert is_dead(site, token)


def test_looking_at_it_changes_nothing(site: Site) -> None:
    """TK13."""
    eve = taken_over(site)
    token = key(site, "email_changed")
    for _ in range(10):
        assert not is_dead(site, token)
    assert site.is_alive(eve)
    take_back(site, token)


def test_the_links_of_who_took_it_over_do_not_beat_those_of_its_owner(site: Site) -> None:
    """Older beats newer: what is written to the second mailbox is void once the first speaks."""
    eve = taken_over(site)
    site.run(logout.logout_everywhere, site.logged_in(eve))
    hers = key(site, "sessions_ended", EVE)
    take_back(site, key(site, "email_changed"))
    assert is_dead(site, hers)
    with pytest.raises(Refused, match="link_invalid"):
        take_back(site, hers)
    assert site.user(ADA) is not None


def test_nor_do_those_from_right_after_the_change_of_the_address(site: Site) -> None:
    """The notice to the owner belongs to the generation before it."""
    eve = taken_over(site)
    site.run(change_email.ask, site.logged_in(eve), email="third@evil.example")
    hers = key(site, "change_email_notice", EVE)
    take_back(site, key(site, "email_changed"))
    assert is_dead(site, hers)


def test_nor_do_those_that_were_not_delivered_yet(site: Site) -> None:
    eve = taken_over(site)
    owners = key(site, "email_changed")
    site.run(logout.logout_everywhere, site.logged_in(eve))
    take_back(site, owners)
    with pytest.raises(Refused, match="link_invalid"):
        take_back(site, key(site, "sessions_ended", EVE))
    assert site.user(ADA) is not None


def test_an_owner_whose_way_back_is_taken_back_has_the_last_word(site: Site) -> None:
    """Whoever took it over got a notice when the owner moved it back; the owner's are older."""
    eve = taken_over(site)
    owners = key(site, "email_changed")
    move(site, eve, "ada@other.example")
    take_back(site, key(site, "email_changed", EVE))
    assert site.user(EVE) is not None
    take_back(site, owners)
    assert site.user(ADA) is not None
    with pytest.raises(Refused, match="wrong_credentials"):
        site.login(EVE, NEW_PASSWORD)


def test_what_happens_afterwards_can_be_taken_back_again(site: Site) -> None:
    taken_over(site)
    take_back(site, key(site, "email_changed"))
    given = {"token": token_of(site.last_link(ADA)), "new_password": NEW_PASSWORD}
    site.run(reset_password.finish, **given)
    assert not is_dead(site, key(site, "password_reset_done"))


def test_the_mailbox_that_loses_the_account_is_told_and_gets_no_link(site: Site) -> None:
    taken_over(site)
    take_back(site, key(site, "email_changed"))
    told = site.last_mail(EVE)
    assert told.kind == "address_given_back"
    assert (told.link, told.code, told.not_me_link) == (None, None, None)
    assert STRANGER.address not in told.text


def test_who_registers_the_address_in_between_does_not_block_the_way_back(site: Site) -> None:
    taken_over(site)
    token = key(site, "email_changed")
    squatter = site.register(ADA, is_verified=False)
    take_back(site, token)
    assert site.user(ADA).id != squatter.id
    assert site.user(EVE) is None


def test_an_address_that_has_been_verified_by_another_account_stays_there(site: Site) -> None:
    """And the one who took this account over gets no mail for a new password either."""
    eve = taken_over(site)
    token = key(site, "email_changed")
    other = site.register(ADA)
    assert take_back(site, token) == Done("account_secured", {"is_mailed": False})
    assert site.user(ADA).id == other.id
    assert site.user(EVE) is None
    assert not site.is_alive(eve)
    assert [mail.kind for mail in site.mails if mail.to == EVE][-1] == "address_given_back"


def test_an_address_that_was_never_verified_is_verified_by_it(site: Site) -> None:
    site.change(site.user(), email_verified_at=None)
    site.run(reset_password.ask, identifier=ADA)
    given = {"token": token_of(site.last_link()), "new_password": NEW_PASSWORD}
    site.run(reset_password.finish, **given)
    site.change(site.user(), email_verified_at=None)
    take_back(site, key(site, "password_reset_done"))
    assert site.user().email_verified_at == site.clock()


def test_a_browser_of_the_account_is_logged_out_one_of_somebody_else_is_not(site: Site) -> None:
    site.register("bob@example.org")
    bob, ada = site.login("bob@example.org"), site.login()
    site.login()
    mine = key(site, "new_device")
    assert not take_back(site, mine, site.logged_in(bob)).logged_out
    assert site.is_alive(bob)
    assert not site.is_alive(ada)
    given = {"token": token_of(site.last_link(ADA)), "new_password": NEW_PASSWORD}
    site.run(reset_password.finish, **given)
    here = site.login(password=NEW_PASSWORD)
    theirs = key(site, "password_reset_done")
    assert take_back(site, theirs, site.logged_in(here)).logged_out


def test_an_operator_who_disables_the_account_has_the_last_word(site: Site) -> None:
    taken_over(site)
    token = key(site, "email_changed")
    site.run(disable, OPERATOR, user=EVE)
    assert is_dead(site, token)
    site.run(enable, OPERATOR, user=EVE)
    assert is_dead(site, token)


def test_it_is_written_into_the_audit_log(site: Site) -> None:
    taken_over(site)
    take_back(site, key(site, "email_changed"))
    entry = site.rows(site.accounts.models.audit)[-1]
    assert entry.event == "user_updated"
    assert entry.details == {
        "what": "email, password",
        "reason": "not_me",
        "change": "email_changed",
    }


def test_an_earlier_link_that_is_used_at_the_same_moment_wins(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve = taken_over(site)
    site.run(logout.logout_everywhere, site.logged_in(eve))
    owners, hers = key(site, "email_changed"), key(site, "sessions_ended", EVE)
    steps = [lambda: take_back(site, owners)]

    def consume(accounts: Accounts, caller: Caller, proven: Proven) -> Any:
        while steps:
            steps.pop()()
        return mailed_proof.consume(accounts, caller, proven)

    monkeypatch.setattr(not_me, "consume", consume)
    with pytest.raises(Refused, match="link_invalid"):
        take_back(site, hers)
    assert site.user(ADA) is not None
