"""An app that has Flask-WTF's ``CSRFProtect``: ours has a check of its own, and theirs goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_wtf.csrf import CSRFProtect
from werkzeug.test import TestResponse

from flask_porter import fresh_login_required
from tests.account_site import ADA, PASSWORD, Site, make_site
from tests.web.api_client import page_script

HOST = "larder.example"
RIGHT = {"identifier": ADA, "password": PASSWORD}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(
        tmp_path,
        PORTER_MODE="production",
        PORTER_BASE_URL=f"https://{HOST}",
        PREFERRED_URL_SCHEME="https",
        SERVER_NAME=HOST,
    )
    site.register()
    CSRFProtect(site.app)

    @site.app.route("/send", methods=["GET", "POST"])
    @fresh_login_required
    def send() -> str:
        return "Sent."

    return site


def check_first(site: Site) -> None:
    """Have their check before ours, as if it had been set up before us."""
    checks = site.app.before_request_funcs[None]
    checks.insert(0, checks.pop())


def token_in(page: TestResponse) -> str:
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0]


def sent_by(page: str, **typed: str) -> dict[str, object]:
    """Return what a browser sends from ``page`` of ours that lets it say where it is."""
    return {"data": typed, "headers": {"Referer": f"https://{HOST}{page}"}}


@pytest.mark.parametrize("is_first", [True, False])
def test_our_pages_and_api_work_without_their_token_and_referer(
    site: Site, *, is_first: bool
) -> None:
    if is_first:
        check_first(site)
    assert site.client().post("/account/login", data=RIGHT).status_code == 303
    assert page_script(site).post("/login", **RIGHT).status_code == 200


def test_their_check_would_refuse_our_pages_and_api(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: without the exemption Flask-WTF refuses."""
    assert site.client().post("/account/login", data=RIGHT).status_code == 303
    site.app.extensions["csrf"]._exempt_blueprints.clear()
    monkeypatch.setattr(site.app.extensions["csrf"], "exempt", lambda _: None)
    assert site.client().post("/account/login", data=RIGHT).status_code == 400
    assert page_script(site).post("/login", **RIGHT).status_code == 400


def test_another_site_is_refused_by_our_own_check(site: Site) -> None:
    client = site.app.test_client()
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"}
    assert client.post("/account/login", data=RIGHT, headers=elsewhere).status_code == 403


def test_views_of_the_app_are_asked_for_their_token(site: Site) -> None:
    client = site.logged_in_client()
    assert client.post("/send", **sent_by("/send")).status_code == 400


def test_a_kept_post_brings_their_token_and_where_it_comes_from(site: Site) -> None:
    client: FlaskClient = site.logged_in_client()
    site.clock.advance(minutes=11)
    account = client.get("/account/change-password")
    given = {"csrf_token": token_in(account), "to": "Grace"}
    asked = client.post("/send", **sent_by("/account/change-password", **given))
    assert asked.status_code == 302, asked.text
    offered = client.post(asked.location, data={"password": PASSWORD}).location
    page = client.get(offered)
    assert page.headers["Referrer-Policy"] == "same-origin"
    again = {"csrf_token": token_in(page), "to": "Grace"}
    pressed = client.post(offered, **sent_by(offered, **again))
    assert pressed.status_code == 307
    assert client.post(pressed.location, **sent_by(offered, **again)).status_code == 200
