"""Log in: one answer for all that is wrong, and a record for what is right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flask_porter.errors import Refused, SetUpError, TooManyAttempts
from flask_porter.flows import login
from flask_porter.flows.inputs import Input
from flask_porter.flows.login import PasswordLogin
from flask_porter.flows.outcomes import LoggedIn, MailSent
from tests.account_site import ADA, PASSWORD, STRANGER, Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def log_in(site: Site, **given: Any) -> LoggedIn:
    values = {"identifier": ADA, "password": PASSWORD, **given}
    outcome = site.run(login.with_password, STRANGER, **values)
    assert isinstance(outcome, LoggedIn)
    return outcome


def test_the_right_password_opens_a_record(site: Site) -> None:
    user = site.register()
    outcome = log_in(site)
    assert outcome.record.user_id == user.id
    assert outcome.record.amr == ("pwd",)
    assert site.is_alive(outcome)
    assert site.events() == ["session_created", "authn_login_success"]


@pytest.mark.parametrize(
    ("identifier", "password"),
    [(ADA, "another password"), ("nobody@example.org", PASSWORD), ("no address", PASSWORD)],
)
def test_whatever_is_wrong_the_reason_is_the_same(
    site: Site, identifier: str, password: str
) -> None:
    site.register()
    with pytest.raises(Refused) as refused:
        site.run(login.with_password, STRANGER, identifier=identifier, password=password)
    assert (refused.value.reason, refused.value.status) == ("wrong_credentials", 401)
    assert site.rows(site.accounts.models.session) == []


def test_where_people_log_in_by_username_an_address_logs_in_who_has_none_alone(
    tmp_path: Path,
) -> None:
    site = make_site(tmp_path, PORTER_IDENTIFIERS="username")
    site.register(username="ada", username_key="ada")
    site.register("of_before@example.org")
    assert log_in(site, identifier="ada").user.username == "ada"
    assert log_in(site, identifier="of_before@example.org").user.username is None
    with pytest.raises(Refused, match="wrong_credentials"):
        log_in(site)


def test_there_attempts_at_an_address_tell_nothing_either(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_IDENTIFIERS="username", PORTER_ATTEMPTS_FREE=2)
    site.register(username="ada", username_key="ada")
    for address in (ADA, "nobody@example.org"):
        for spelt in (address, address.upper()):
            with pytest.raises(Refused, match="wrong_credentials"):
                log_in(site, identifier=spelt)
        with pytest.raises(TooManyAttempts):
            log_in(site, identifier=address)


def test_a_disabled_account_is_like_a_wrong_password(site: Site) -> None:
    site.change(site.register(), disabled_at=site.clock())
    with pytest.raises(Refused, match="wrong_credentials"):
        log_in(site)


def test_whom_the_app_calls_inactive_is_like_a_wrong_password(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = site.register()
    monkeypatch.setattr(type(user), "is_active", False)
    with pytest.raises(Refused, match="wrong_credentials"):
        log_in(site)
    assert site.rows(site.accounts.models.session) == []


def test_who_has_not_verified_gets_the_mail_again_and_no_record(site: Site) -> None:
    site.register(is_verified=False)
    outcome = site.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
    assert isinstance(outcome, MailSent)
    assert site.last_mail().kind == "verify_email"
    assert site.rows(site.accounts.models.session) == []


def test_who_has_not_verified_may_log_in_where_the_app_says_so(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_REQUIRE_VERIFIED=False)
    site.register(is_verified=False)
    assert site.is_alive(log_in(site))


def test_a_remembered_record_outlives_a_day_and_another_does_not(site: Site) -> None:
    site.register()
    remembered, other = log_in(site, remember=True), log_in(site)
    site.clock.advance(days=29)
    assert site.is_alive(remembered)
    assert not site.is_alive(other)
    site.clock.advance(days=1)
    assert not site.is_alive(remembered)


def test_a_record_ends_at_the_idle_limit_and_not_before(site: Site) -> None:
    site.register()
    outcome = log_in(site)
    site.clock.advance(minutes=59, seconds=59)
    assert site.is_alive(outcome)
    site.clock.advance(hours=1)
    assert not site.is_alive(outcome)


def test_use_puts_the_idle_limit_off_but_not_the_absolute_one(site: Site) -> None:
    site.register()
    outcome = log_in(site)
    for _ in range(23):
        site.clock.advance(minutes=59)
        assert site.is_alive(outcome)
    site.clock.advance(hours=24 - 23 * 59 / 60)
    assert not site.is_alive(outcome)


def test_a_log_in_ends_the_record_that_the_client_had(site: Site) -> None:
    site.register()
    first = log_in(site)
    caller = site.logged_in(first)
    second = site.run(login.with_password, caller, identifier=ADA, password=PASSWORD)
    assert isinstance(second, LoggedIn)
    assert not site.is_alive(first)
    assert site.is_alive(second)


def test_a_token_of_the_cookie_is_nobodys_as_a_bearer_token(site: Site) -> None:
    site.register()
    outcome = log_in(site)
    crossed = replace(outcome, record=replace(outcome.record, transport="bearer"))
    assert not site.is_alive(crossed)


def test_a_change_between_proof_and_record_ends_the_record(site: Site) -> None:
    user = site.register()
    outcome = log_in(site)
    site.change(user, session_generation=1)
    assert not site.is_alive(outcome)


def test_the_second_device_is_told_of_by_mail_and_the_first_is_not(site: Site) -> None:
    site.register()
    first = log_in(site)
    assert site.mails == []
    again = site.logged_in(first, user=None, record=None)
    site.run(login.with_password, again, identifier=ADA, password=PASSWORD)
    assert site.mails == []
    log_in(site)
    assert [mail.kind for mail in site.mails] == ["new_device"]


def test_the_cap_ends_the_record_that_was_seen_longest_ago(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_MAX_SESSIONS=2)
    site.register()
    outcomes = []
    for _ in range(3):
        outcomes.append(log_in(site))
        site.clock.advance(seconds=1)
    assert [site.is_alive(outcome) for outcome in outcomes] == [False, True, True]


def test_a_check_of_the_app_keeps_people_out(site: Site) -> None:
    site.register()
    rooms = site.app.extensions["porter"]
    accounts = replace(rooms.accounts, checks=(lambda user, caller: "not_from_there",))
    site.app.extensions["porter"] = replace(rooms, accounts=accounts)
    with pytest.raises(Refused, match="wrong_credentials"):
        log_in(site)


def test_the_app_may_log_in_whom_it_has_proven_itself(site: Site) -> None:
    user = site.register()
    outcome = site.run(
        login.by_app, STRANGER, user_id=user.id, remember=True, duration=timedelta(days=2)
    )
    assert outcome.record.expires_at == site.clock() + timedelta(days=2)
    with pytest.raises(Refused, match="unknown_user"):
        site.run(login.by_app, STRANGER, user_id=999)


def test_an_input_model_of_another_flow_is_a_wrong_set_up(tmp_path: Path) -> None:
    site = make_site(tmp_path)

    class Other(Input):
        name: str

    accounts = replace(site.accounts, inputs={"login": Other})
    with pytest.raises(SetUpError, match="must derive"):
        login.with_password.read(accounts, {}, strict=False)
    assert issubclass(login.with_password.model_in(site.accounts), PasswordLogin)
