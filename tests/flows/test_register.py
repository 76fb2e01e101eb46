"""Register: a new account, or a mail to the owner of the old one; the answer is the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from flask_porter.authenticators.passwords import Argon2Hasher
from flask_porter.errors import InvalidInput, Refused, TooManyAttempts
from flask_porter.flows import login, register, verify_email
from flask_porter.flows.outcomes import MailSent
from flask_porter.flows.run import run
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
from tests.authenticators.quick import quick_hasher


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def test_an_account_begins_unverified_and_logs_nobody_in(site: Site) -> None:
    outcome = site.run(register.register, email=" Ada@Example.ORG ", password=PASSWORD)
    assert outcome.flow == "verify_email"
    user = site.user("ada@example.org")
    assert user.email_verified_at is None
    assert PASSWORD not in user.password_hash
    assert site.last_mail().kind == "verify_email"
    assert site.rows(site.accounts.models.session) == []
    assert site.events() == ["user_created"]


def test_a_known_address_gets_the_same_answer_and_its_owner_a_mail(site: Site) -> None:
    site.register()
    before = site.user().password_hash
    new = site.run(register.register, email="new@example.org", password=PASSWORD)
    old = site.run(register.register, email=ADA, password="another long password")
    assert replace(old, browser=None, asked_for="") == replace(new, browser=None, asked_for="")
    assert site.last_mail(ADA).kind == "already_registered"
    assert site.user().password_hash == before


def test_an_app_may_say_on_the_page_that_an_address_is_taken(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_REVEAL_EXISTING=True)
    site.register()
    with pytest.raises(InvalidInput) as refused:
        site.run(register.register, email=ADA, password=PASSWORD)
    assert refused.value.fields == {"email": ("taken",)}
    assert site.mails == []


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_IDENTIFIERS="both")
    with pytest.raises(InvalidInput) as refused:
        site.run(register.register, email="no address", password="short", username="admin")
    assert refused.value.fields == {
        "email": ("invalid_email",),
        "password": ("too_short",),
        "username": ("reserved",),
    }


def test_a_username_is_asked_for_where_people_have_one(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_IDENTIFIERS="username")
    with pytest.raises(InvalidInput) as refused:
        site.run(register.register, email=ADA, password=PASSWORD)
    assert refused.value.fields == {"username": ("required",)}
    site.run(register.register, email=ADA, password=PASSWORD, username="ada")
    assert site.user().username == "ada"
    with pytest.raises(InvalidInput) as refused:
        site.run(register.register, email="b@example.org", password=PASSWORD, username="Ada")
    assert refused.value.fields == {"username": ("taken",)}


def test_a_username_that_was_taken_this_moment_is_taken(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_IDENTIFIERS="both")

    class Slow(Argon2Hasher):
        """While it hashes, somebody else is quicker."""

        def hash(self, password: str) -> str:
            site.register("b@example.org", username="ada", username_key="ada")
            return quick_hasher().hash(password)

    accounts = replace(site.accounts, hasher=Slow(64, 1))
    given = {"email": ADA, "password": PASSWORD, "username": "Ada"}
    with site.app.app_context():
        form = register.register.read(accounts, given, strict=False)
        with pytest.raises(InvalidInput) as refused:
            run(accounts, STRANGER, register.register, form)
    assert refused.value.fields == {"username": ("taken",)}
    assert site.user() is None


def test_a_closed_registration_is_closed_to_all(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_REGISTRATION="closed")
    with pytest.raises(Refused, match="registration_closed"):
        site.run(register.register, email=ADA, password=PASSWORD)


def test_registrations_from_one_address_are_counted(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_REGISTRATIONS_PER_ADDRESS=1)
    site.run(register.register, email=ADA, password=PASSWORD)
    with pytest.raises(TooManyAttempts):
        site.run(register.register, email="b@example.org", password=PASSWORD)


def test_the_code_verifies_in_the_browser_that_asked_alone(site: Site) -> None:
    outcome = site.run(register.register, email=ADA, password=PASSWORD)
    asked = replace(STRANGER, browser=outcome.browser, asked_for=outcome.asked_for)
    code = site.last_code()
    with pytest.raises(Refused, match="code_invalid"):
        site.run(verify_email.verify_email, replace(asked, browser="another"), code=code)
    assert site.run(verify_email.verify_email, asked, code=code).what == "email_verified"
    assert site.user().email_verified_at == site.clock()
    with pytest.raises(Refused, match="code_invalid"):
        site.run(verify_email.verify_email, asked, code=code)


def test_the_right_code_of_who_is_disabled_meanwhile_is_like_a_wrong_one(site: Site) -> None:
    asked = browser_of(site.run(register.register, email=ADA, password=PASSWORD))
    code = site.last_code()
    site.change(site.user(), disabled_at=site.clock())
    with pytest.raises(Refused, match="code_invalid"):
        site.run(verify_email.verify_email, asked, code=code)
    assert site.user().email_verified_at is None


def test_the_link_asks_another_browser_for_the_password(site: Site) -> None:
    site.run(register.register, email=ADA, password=PASSWORD)
    token = site.last_link().partition("token=")[2]
    with pytest.raises(InvalidInput):
        site.run(verify_email.verify_email, STRANGER, token=token)
    with pytest.raises(Refused, match="wrong_password"):
        site.run(verify_email.verify_email, STRANGER, token=token, password="wrong wrong wrong")
    site.run(verify_email.verify_email, STRANGER, token=token, password=PASSWORD)
    assert site.user().email_verified_at is not None


def test_asking_again_kills_no_account_and_tells_nothing(site: Site) -> None:
    site.register(is_verified=False)
    known = site.run(verify_email.ask_again, identifier=ADA)
    unknown = site.run(verify_email.ask_again, identifier="nobody@example.org")
    assert known.flow == unknown.flow == "verify_email"
    assert [mail.to for mail in site.mails] == [ADA]


def test_an_address_gets_so_many_mails_by_registering_whoever_asks(site: Site) -> None:
    site.register()
    answers = []
    for email in (ADA, "Nobody@example.org"):
        for place in range(7):
            caller = replace(STRANGER, address=f"192.0.2.{place}")
            try:
                site.run(register.register, caller, email=email, password=NEW_PASSWORD)
            except TooManyAttempts:
                answers.append("no")
            else:
                answers.append("yes")
    assert answers == (["yes"] * 5 + ["no"] * 2) * 2
    assert len(site.mails) == 10


def test_who_asks_for_the_mail_again_confirms_no_strangers_password(site: Site) -> None:
    site.run(register.register, email=ADA, password="mallory has chosen this one")
    owner = replace(STRANGER, address="192.0.2.9")
    owner = browser_of(site.run(verify_email.ask_again, owner, identifier=ADA), owner)
    for proof in ({"code": site.last_code()}, {"token": token_of(site.last_link())}):
        with pytest.raises(InvalidInput) as refused:
            site.run(verify_email.verify_email, owner, **proof)
        assert refused.value.fields == {"password": ("required",)}
        with pytest.raises(Refused, match="wrong_password"):
            site.run(verify_email.verify_email, owner, **proof, password=PASSWORD)
    assert site.user().email_verified_at is None


def test_who_has_registered_may_ask_again_and_show_the_password(site: Site) -> None:
    site.run(register.register, email=ADA, password=PASSWORD)
    here = browser_of(site.run(verify_email.ask_again, identifier=ADA))
    site.run(verify_email.verify_email, here, code=site.last_code(), password=PASSWORD)
    assert site.user().email_verified_at is not None


def test_who_logs_in_instead_has_shown_it(site: Site) -> None:
    site.register(is_verified=False)
    sent = site.run(login.with_password, identifier=ADA, password=PASSWORD)
    assert isinstance(sent, MailSent)
    site.run(verify_email.verify_email, browser_of(sent), code=site.last_code())
    assert site.user().email_verified_at is not None


def _one_of_five(site: Site) -> None:
    with ThreadPoolExecutor(5) as pool:
        given = {"email": ADA, "password": PASSWORD}
        asked = [pool.submit(site.run, register.register, **given) for _ in range(5)]
    assert {one.result().flow for one in asked} == {"verify_email"}
    assert site.ask(lambda accounts: accounts.users.count()) == 1
    kinds = [row.kind for row in site.rows(site.accounts.models.outbox)]
    assert sorted(kinds) == ["already_registered"] * 4 + ["verify_email"]


def test_of_five_at_once_one_begins_the_account(site: Site) -> None:
    _one_of_five(site)


@pytest.mark.postgres
def test_so_it_is_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    _one_of_five(make_site(tmp_path, url=postgres_url))
