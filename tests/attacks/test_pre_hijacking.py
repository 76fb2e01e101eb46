"""Somebody registers with the address of another first, and keeps nothing of it.

Source of the cases: "Pre-hijacked accounts", Sudhodanan and Paverd, USENIX Security 2022.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flask_porter.errors import InvalidInput, Refused
from flask_porter.flows import (
    change_email,
    import_users,
    login,
    register,
    reset_password,
    users,
    verify_email,
)
from flask_porter.flows.caller import Caller
from flask_porter.flows.outcomes import LoggedIn, MailSent
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

VICTIM = "victim@example.org"
SQUATTERS = "mallory has chosen this one"
OPERATOR = Caller("cli")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a site where whoever has registered may log in at once: the worst case."""
    return make_site(tmp_path, PORTER_REQUIRE_VERIFIED=False)


@pytest.fixture
def strict(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def squat(site: Site) -> Caller:
    """Register with the address of the victim, and return the browser in which it was done."""
    return browser_of(site.run(register.register, email=VICTIM, password=SQUATTERS))


def choose_by_mail(site: Site, kind: str) -> None:
    """Open the link of the last mail to the victim, and choose a password."""
    token = token_of(site.last_link(VICTIM, kind))
    site.run(reset_password.finish, token=token, new_password=NEW_PASSWORD)


def test_who_registers_second_and_has_the_mailbox_has_the_account_alone(site: Site) -> None:
    """Classic-federated merge and unexpired session, by password."""
    squatter = squat(site)
    inside = site.login(VICTIM, SQUATTERS)
    site.run(register.register, email=VICTIM, password=PASSWORD)
    choose_by_mail(site, "already_registered")
    assert site.user(VICTIM).email_verified_at is not None
    assert not site.is_alive(inside)
    for password in (SQUATTERS, PASSWORD):
        with pytest.raises(Refused, match="wrong_credentials"):
            site.run(login.with_password, squatter, identifier=VICTIM, password=password)
    assert site.is_alive(site.login(VICTIM, NEW_PASSWORD))


def test_what_the_squatter_was_mailed_or_has_begun_is_dead_then(site: Site) -> None:
    """Unexpired e-mail change; and the codes of the squatter's own browser."""
    squatter = squat(site)
    code = site.last_code(VICTIM)
    inside = site.logged_in(site.login(VICTIM, SQUATTERS))
    inside = browser_of(site.run(change_email.ask, inside, email="m@evil.example"), inside)
    to_evil = token_of(site.last_link("m@evil.example"))
    site.run(register.register, email=VICTIM, password=PASSWORD)
    choose_by_mail(site, "already_registered")
    for caller in (inside, squatter):
        with pytest.raises(Refused, match="link_invalid"):
            site.run(change_email.finish, caller, token=to_evil)
    with pytest.raises(Refused, match="code_invalid"):
        site.run(verify_email.verify_email, squatter, code=code)
    assert site.user(VICTIM).email == VICTIM


def test_the_victim_confirms_no_squatters_password_by_either_mail(strict: Site) -> None:
    """The link of the first mail, in the browser where the victim has registered too."""
    squat(strict)
    link = token_of(strict.last_link(VICTIM, "verify_email"))
    own = browser_of(strict.run(register.register, email=VICTIM, password=PASSWORD))
    with pytest.raises(InvalidInput) as refused:
        strict.run(verify_email.verify_email, own, token=link)
    assert refused.value.fields == {"password": ("required",)}
    with pytest.raises(Refused, match="wrong_password"):
        strict.run(verify_email.verify_email, own, token=link, password=PASSWORD)
    assert strict.user(VICTIM).email_verified_at is None


def test_who_registers_second_without_the_mailbox_changes_nothing(strict: Site) -> None:
    owner = browser_of(strict.run(register.register, email=VICTIM, password=PASSWORD))
    code = strict.last_code(VICTIM)
    squat(strict)
    strict.run(verify_email.verify_email, owner, code=code)
    assert strict.is_alive(strict.login(VICTIM, PASSWORD))
    with pytest.raises(Refused, match="wrong_credentials"):
        strict.login(VICTIM, SQUATTERS)


def owner_asks(site: Site) -> Caller:
    """Ask as Ada, who has another account, for the address that the squatter has."""
    if site.user() is None:
        site.register(username="ada", username_key="ada")
    in_ = site.logged_in(site.login())
    return browser_of(site.run(change_email.ask, in_, email=VICTIM), in_)


def prove(site: Site, browser: Caller) -> Any:
    token = token_of(site.last_link(VICTIM, "change_email"))
    return site.run(change_email.finish, browser, token=token)


def _is_taken_over(site: Site) -> None:
    squat(site)
    loser = site.user(VICTIM)
    inside = site.login(VICTIM, SQUATTERS)
    # Its notice has a link "this wasn't me", which outlives what ends the others.
    site.run(change_email.ask, site.logged_in(inside), email="m@evil.example")
    site.run(reset_password.ask, identifier=VICTIM)
    reset = token_of(site.last_link(VICTIM, "reset_password"))
    outcome = prove(site, owner_asks(site))
    assert isinstance(outcome, LoggedIn)
    assert site.user(VICTIM).id == outcome.record.user_id != loser.id
    assert site.user(VICTIM).username == "ada"
    left = site.ask(lambda accounts: accounts.users.get(loser.id))
    assert (left.email, left.email_key, left.email_verified_at) == (None, None, None)
    assert not site.is_alive(inside)
    with pytest.raises(Refused, match="wrong_credentials"):
        site.login(VICTIM, SQUATTERS)
    with pytest.raises(Refused, match="link_invalid"):
        site.run(reset_password.finish, token=reset, new_password=NEW_PASSWORD)
    alive = [row for row in site.rows(site.accounts.models.token) if row.consumed_at is None]
    assert {row.user_id for row in alive} == {outcome.record.user_id}


def test_who_proves_the_mailbox_gets_the_address_from_who_never_did(site: Site) -> None:
    _is_taken_over(site)


@pytest.mark.postgres
def test_so_it_is_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    _is_taken_over(make_site(tmp_path, url=postgres_url, PORTER_REQUIRE_VERIFIED=False))


def test_the_loss_is_in_both_logs_and_tells_the_squatter_of_no_device(site: Site) -> None:
    squat(site)
    loser = site.user(VICTIM)
    prove(site, replace(owner_asks(site), address="203.0.113.9"))
    entries = site.rows(site.accounts.models.audit)
    lost = [row for row in entries if row.user_id == str(loser.id)][-2:]
    assert [row.event for row in lost] == ["user_updated", "session_ended"]
    assert lost[0].details == {"what": "email", "reason": "never_verified"}
    assert {(row.address, row.user_agent, row.session_id) for row in lost} == {("", "", "")}
    won = [row for row in entries if row.details.get("lost_by")]
    assert [row.details["lost_by"] for row in won] == [str(loser.id)]


def test_an_account_that_is_disabled_and_never_verified_loses_it_too(site: Site) -> None:
    squat(site)
    loser = site.user(VICTIM)
    site.change(loser, disabled_at=site.clock())
    prove(site, owner_asks(site))
    assert site.user(VICTIM).username == "ada"
    assert site.ask(lambda accounts: accounts.users.get(loser.id)).disabled_at is not None


@pytest.mark.parametrize("changes", [{}, {"disabled_at": True}, {"password_hash": None}])
def test_who_has_verified_an_address_never_loses_it(site: Site, changes: dict[str, Any]) -> None:
    owner = site.register(VICTIM)
    site.change(owner, **{name: value and site.clock() for name, value in changes.items()})
    owner_asks(site)
    assert [mail.kind for mail in site.mails if mail.kind == "change_email"] == []
    assert site.user(VICTIM).id == owner.id


def test_nor_who_verifies_it_until_the_link_is_opened(site: Site) -> None:
    squat(site)
    browser = owner_asks(site)
    owner = site.user(VICTIM)
    site.change(owner, email_verified_at=site.clock())
    with pytest.raises(Refused, match="email_taken"):
        prove(site, browser)
    assert site.user(VICTIM).id == owner.id
    assert site.user(ADA) is not None


def test_an_operator_is_told_and_gives_a_squatter_nothing(strict: Site) -> None:
    """The way on is a mail to the mailbox, or deleting what the squatter has."""
    squat(strict)
    with pytest.raises(InvalidInput) as refused:
        strict.run(users.create, OPERATOR, email=VICTIM, verified=True)
    assert refused.value.fields == {"email": ("taken",)}
    one = {"email": VICTIM, "verified": True, "roles": ("admin",)}
    with pytest.raises(Refused) as problems:
        strict.run(import_users.import_users, OPERATOR, users={2: one})
    assert problems.value.details == {"problems": {2: "email_taken"}}
    squatted = strict.user(VICTIM)
    assert squatted.email_verified_at is None
    assert strict.ask(lambda accounts: accounts.roles.names_of(squatted.id)) == []
    strict.run(users.send_reset, OPERATOR, user=VICTIM)
    choose_by_mail(strict, "reset_password")
    with pytest.raises(Refused, match="wrong_credentials"):
        strict.login(VICTIM, SQUATTERS)
    assert strict.is_alive(strict.login(VICTIM, NEW_PASSWORD))


def test_whom_an_operator_invites_chooses_the_password_whoever_registers_too(strict: Site) -> None:
    strict.run(users.create, OPERATOR, email=VICTIM)
    squat(strict)
    sent = {mail.kind for mail in strict.mails}
    assert sent == {"invitation", "already_registered"}
    assert strict.user(VICTIM).password_hash is None
    choose_by_mail(strict, "invitation")
    with pytest.raises(Refused, match="wrong_credentials"):
        strict.login(VICTIM, SQUATTERS)


def test_a_squatter_who_logs_in_is_mailed_for_and_not_let_in(strict: Site) -> None:
    squat(strict)
    answer = strict.run(login.with_password, identifier=VICTIM, password=SQUATTERS)
    assert isinstance(answer, MailSent)
    link = token_of(strict.last_link(VICTIM, "verify_email"))
    with pytest.raises(InvalidInput):
        strict.run(verify_email.verify_email, STRANGER, token=link)
