"""Take one's data along, and close the account."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from flask_porter.errors import Refused, TooManyAttempts
from flask_porter.flows import change_email, close_account, download_data, login, reset_password
from flask_porter.flows.caller import Caller
from flask_porter.flows.outcomes import LoggedIn
from tests.account_site import ADA, PASSWORD, STRANGER, Site


def log_in(site: Site) -> Caller:
    outcome = site.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
    assert isinstance(outcome, LoggedIn)
    return site.logged_in(outcome)


def test_ones_data_are_whole_and_without_secrets(site: Site) -> None:
    caller = log_in(site)
    data = json.dumps(site.run(download_data.download_data, caller).values, default=str)
    user = site.user()
    assert ADA in data
    assert "authn_login_success" in data
    assert user.password_hash not in data
    assert caller.record is not None
    assert caller.record.id not in data
    assert site.events()[-1] == "sensitive_read"


def test_only_a_fresh_log_in_gets_data(site: Site) -> None:
    caller = log_in(site)
    site.clock.advance(minutes=11)
    with pytest.raises(Refused, match="reauthentication_required"):
        site.run(download_data.download_data, caller)


def test_nobody_downloads_without_an_end(site: Site) -> None:
    caller = log_in(site)
    for _ in range(5):
        site.run(download_data.download_data, caller)
    with pytest.raises(TooManyAttempts):
        site.run(download_data.download_data, caller)
    assert site.events().count("sensitive_read") == 5
    site.clock.advance(hours=1)
    site.run(download_data.download_data, log_in(site))


def test_closing_deletes_the_row_and_what_we_keep_but_the_log(site: Site) -> None:
    caller = log_in(site)
    outcome = site.run(close_account.close_account, caller, password=PASSWORD)
    assert outcome.logged_out
    assert site.user() is None
    models = site.accounts.models
    assert site.rows(models.session) == site.rows(models.token) == []
    assert site.last_mail(ADA).kind == "account_closed"
    assert site.events()[-1] == "user_deleted"


def test_a_wrong_password_closes_nothing(site: Site) -> None:
    caller = log_in(site)
    with pytest.raises(Refused, match="wrong_password"):
        site.run(close_account.close_account, caller, password="wrong wrong wrong")
    assert site.user() is not None


def test_a_row_that_the_app_still_points_to_is_emptied(site: Site) -> None:
    caller = log_in(site)
    engine = site.accounts.database.engine()
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(
                text("CREATE TABLE posts (author INTEGER REFERENCES porter_users (id))")
            )
            connection.execute(text("INSERT INTO posts VALUES (:id)"), {"id": caller.user_id})
    site.run(change_email.ask, caller, email="ada.new@example.org")
    site.run(reset_password.ask, STRANGER, identifier=ADA)
    assert site.mails
    site.run(close_account.close_account, caller, password=PASSWORD)
    models = site.accounts.models
    assert site.rows(models.session) == site.rows(models.token) == []
    assert [mail.kind for mail in site.rows(models.outbox)] == ["account_closed"]
    assert site.user() is None
    (row,) = site.rows(site.accounts.models.user)
    assert (row.email, row.username, row.password_hash) == (None, None, None)
    assert row.disabled_at is not None
    assert site.events()[-1] == "user_archived"
