"""The kit for those who test an app with accounts: a client, a mail and its code, a clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from flask_porter import Porter, login_required
from flask_porter.login.pytest_plugin import LoginClientFactory
from flask_porter.testing import pytest_plugin
from flask_porter.testing.accounts import CapturedMail, FrozenClock, captured_mail
from tests.account_site import ADA, PASSWORD, Site, make_site

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def _home() -> str:
    return "at home"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


@pytest.fixture
def app(site: Site) -> Flask:
    site.app.add_url_rule("/", "home", login_required(_home))
    return site.app


def test_a_logged_in_client_has_a_record(site: Site, login_client: LoginClientFactory) -> None:
    user = site.register()
    client = login_client(user)
    assert client.get("/").text == "at home"
    assert len(site.rows(site.accounts.models.session)) == 1
    site.change(user, session_generation=1)
    assert client.get("/").status_code == 302


def test_a_client_posts_as_a_page_of_this_site(
    app: Flask, login_client: LoginClientFactory
) -> None:
    """C02: it says what each browser says; a test of another site's page says that."""
    client = login_client()
    given = {"identifier": ADA, "password": PASSWORD}
    assert client.post("/account/login", data=given).status_code == 401
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/account/login", data=given, headers=elsewhere).status_code == 403
    assert app.test_client().post("/account/login", data=given).status_code == 403


def test_a_mail_is_captured_with_its_code_and_its_link(
    app: Flask, porter_mail: CapturedMail
) -> None:
    client = app.test_client()
    given = {"email": ADA, "password": PASSWORD}
    client.post("/account/register", data=given, headers=SAME_ORIGIN)
    assert porter_mail.last().to == ADA
    code = porter_mail.code(kind="verify_email")
    assert len(code) == 8
    assert porter_mail.link().startswith("/account/verify-email?token=")
    done = client.post("/account/verify-email", data={"code": code}, headers=SAME_ORIGIN)
    assert done.status_code == 200


def test_an_app_that_nothing_was_asked_of_has_no_mail(tmp_path: Path) -> None:
    app = Flask("shop", instance_path=str(tmp_path))
    app.config["TESTING"] = True
    Porter(app)
    with captured_mail(app) as mail:
        assert mail.all == []


def test_a_mail_that_is_not_there_names_those_that_are(
    app: Flask, site: Site, porter_mail: CapturedMail
) -> None:
    with pytest.raises(LookupError, match="no mail at all"):
        porter_mail.last()


def test_the_clock_stands_until_it_is_moved(
    site: Site, login_client: LoginClientFactory, porter_clock: FrozenClock
) -> None:
    client = login_client(site.register())
    porter_clock.advance(minutes=59)
    assert client.get("/").status_code == 200
    porter_clock.advance(hours=24)
    assert client.get("/").status_code == 302


def test_an_app_without_porter_is_told_so() -> None:
    with pytest.raises(pytest.UsageError, match=r"Porter\(app, db\)"):
        pytest_plugin._of(Flask("bare"))
