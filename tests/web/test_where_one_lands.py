"""Who was sent away from a page to log in lands there, whatever lies between."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_porter import fresh_login_required, login_required
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site

WANTED = "/orders?page=2&of=a%20b"


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    is_in_session = getattr(request, "param", "in the address") == "in the session"
    made = make_site(tmp_path, USE_SESSION_FOR_NEXT=is_in_session, PORTER_AFTER_LOGIN="/home")
    made.app.add_url_rule("/orders", "orders", login_required(_page))
    made.app.add_url_rule("/sums", "sums", fresh_login_required(_page))
    return made


def _page() -> str:
    return "here"


@pytest.fixture
def browser(site: Site) -> FlaskClient:
    return site.client()


def sent_to_log_in(browser: FlaskClient, wanted: str = WANTED) -> TestResponse:
    return browser.get(browser.get(wanted).location)


def press(browser: FlaskClient, page: TestResponse, path: str, **fields: str) -> TestResponse:
    """Send the form of a page, with its hidden fields."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    data: dict[str, Any] = {name: unescape(value) for name, value in hidden}
    return browser.post(path, data=data | fields)


def click(browser: FlaskClient, page: TestResponse, words: str) -> TestResponse:
    """Follow the link that says ``words``."""
    [url] = re.findall(rf'href="([^"]*)">{re.escape(words)}', page.text)
    return browser.get(unescape(url))


def lands(browser: FlaskClient, page: TestResponse, password: str = PASSWORD) -> str:
    """Log in at ``page``, and return where that leads."""
    answer = press(browser, page, "/account/login", identifier=ADA, password=password)
    assert answer.status_code == 303, answer.text
    return answer.location


def prove_by_mail(site: Site, browser: FlaskClient, how: str, flow: str) -> TestResponse:
    """Take the last mail to this browser, and return the page behind it."""
    if how == "by its code":
        code = {"code": site.last_code()}
        return browser.post(f"/account/{flow}", data=code, follow_redirects=True)
    page = browser.get(site.last_link(), follow_redirects=True)
    if flow == "reset-password":
        return page
    return press(browser, page, f"/account/{flow}")


EITHER_WAY = pytest.mark.parametrize("site", ["in the address", "in the session"], indirect=True)
BY_MAIL = pytest.mark.parametrize("how", ["by its code", "by its link"])


@EITHER_WAY
@BY_MAIL
def test_who_registers_on_the_way_lands_there(site: Site, browser: FlaskClient, how: str) -> None:
    page = click(browser, sent_to_log_in(browser), "Register")
    press(browser, page, "/account/register", email=ADA, password=PASSWORD)
    page = prove_by_mail(site, browser, how, "verify-email")
    assert "You can log in now" in page.text
    assert lands(browser, click(browser, page, "Log in")) == WANTED


@BY_MAIL
def test_who_chooses_a_new_password_on_the_way_lands_there(
    site: Site, browser: FlaskClient, how: str
) -> None:
    site.register()
    page = click(browser, sent_to_log_in(browser), "Forgotten?")
    press(browser, page, "/account/reset-password", identifier=ADA)
    page = prove_by_mail(site, browser, how, "reset-password")
    page = press(browser, page, "/account/reset-password/new", new_password=NEW_PASSWORD)
    assert "You have a new password" in page.text
    assert lands(browser, click(browser, page, "Log in"), NEW_PASSWORD) == WANTED


@BY_MAIL
def test_whose_address_waits_for_its_proof_lands_there(
    site: Site, browser: FlaskClient, how: str
) -> None:
    site.register(is_verified=False)
    assert "check-your-mail" in lands(browser, sent_to_log_in(browser))
    page = prove_by_mail(site, browser, how, "verify-email")
    assert lands(browser, click(browser, page, "Log in")) == WANTED


@EITHER_WAY
def test_who_mistypes_the_password_lands_there_still(site: Site, browser: FlaskClient) -> None:
    site.register()
    page = sent_to_log_in(browser)
    page = press(browser, page, "/account/login", identifier=ADA, password="wrong wrong wrong")
    assert page.status_code == 401
    assert lands(browser, page) == WANTED


@EITHER_WAY
def test_who_proves_it_again_lands_there_once(site: Site) -> None:
    site.register()
    browser = site.logged_in_client()
    site.clock.advance(minutes=11)
    page = sent_to_log_in(browser, "/sums")
    answer = press(browser, page, "/account/reauthenticate", password=PASSWORD)
    assert answer.location == "/sums"
    answer = browser.post("/account/reauthenticate", data={"password": PASSWORD})
    assert answer.location == "/home"


@EITHER_WAY
def test_it_is_for_one_log_in(site: Site, browser: FlaskClient) -> None:
    site.register()
    page = click(browser, sent_to_log_in(browser), "Forgotten?")
    press(browser, page, "/account/reset-password", identifier=ADA)
    assert lands(browser, browser.get("/account/login")) == WANTED
    assert lands(browser, browser.get("/account/login")) == "/home"
    browser.post("/account/logout")
    assert lands(browser, browser.get("/account/login")) == "/home"


def test_it_waits_as_long_as_the_link_of_the_mail(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_VERIFY_TTL=3600)
    site.register()
    browser = site.client()
    given = {"identifier": ADA, "next": WANTED}
    browser.post("/account/reset-password", data=given)
    site.clock.advance(minutes=59)
    assert "page=2" in browser.get("/account/login").text
    site.clock.advance(minutes=1)
    assert "page=2" not in browser.get("/account/login").text


def test_it_is_kept_in_the_browser_and_in_no_mail(site: Site, browser: FlaskClient) -> None:
    page = click(browser, sent_to_log_in(browser), "Register")
    press(browser, page, "/account/register", email=ADA, password=PASSWORD)
    mail = site.last_mail()
    assert mail.html is not None
    assert "orders" not in mail.text + mail.html
    elsewhere = site.client()
    assert "orders" not in elsewhere.get(site.last_link(), follow_redirects=True).text


def test_a_log_out_leads_where_it_says(site: Site, browser: FlaskClient) -> None:
    site.register()
    page = click(browser, sent_to_log_in(browser), "Forgotten?")
    press(browser, page, "/account/reset-password", identifier=ADA)
    assert browser.post("/account/logout").location == "/"


def test_a_very_long_way_is_left_out(site: Site, browser: FlaskClient) -> None:
    given = {"email": ADA, "password": PASSWORD, "next": "/" + "a" * 1000}
    assert browser.post("/account/register", data=given).status_code == 303
    assert "aaaa" not in browser.get("/account/login").text
