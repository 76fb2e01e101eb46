"""Production settings: a whole life over HTTPS with `__Host-` cookies, and a key that changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import request
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_porter import LoginClient, fresh_login_required
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site

HOST = "larder.example"
OLD_KEY, NEW_KEY = "0a4b6d1c" * 8, "9d2e7f83" * 8
PRODUCTION = {
    "PORTER_MODE": "production",
    "PORTER_BASE_URL": f"https://{HOST}",
    "PREFERRED_URL_SCHEME": "https",
    "SERVER_NAME": HOST,
}

KEYS_ROTATE = pytest.mark.only_where(
    hasattr(SecureCookieSessionInterface, "get_cookie_partitioned"),
    reason="Flask reads SECRET_KEY_FALLBACKS since 3.1",
)


class Browser(FlaskClient):
    """Notes every cookie that it is sent."""

    set_cookies: list[str]

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        assert answer.request.scheme == "https"
        self.set_cookies = [
            *getattr(self, "set_cookies", []),
            *answer.headers.getlist("Set-Cookie"),
        ]
        return answer


def production(tmp_path: Path, **settings: Any) -> Site:
    site = make_site(tmp_path, **{"SECRET_KEY": OLD_KEY, **PRODUCTION, **settings})
    site.app.test_client_class = Browser

    def send() -> str:
        return request.form.get("to", "")

    site.app.add_url_rule("/send", "send", fresh_login_required(send), methods=["GET", "POST"])
    return site


def post(client: FlaskClient, path: str, status: int = 303, **given: Any) -> TestResponse:
    answer = client.post(f"/account/{path}", data=given)
    assert answer.status_code == status, answer.text
    return answer


def test_a_whole_life_with_host_cookies(tmp_path: Path) -> None:
    site = production(tmp_path)
    client: Any = site.client()
    post(client, "register", email=ADA, password=PASSWORD)
    assert site.last_mail().link is not None
    assert str(site.last_mail().link).startswith(f"https://{HOST}/account/verify-email?token=")
    post(client, "verify-email", 200, code=site.last_code())
    post(client, "login", identifier=ADA, password=PASSWORD, remember="on")
    site.clock.advance(minutes=11)
    asked = client.post("/send", data={"to": "Grace"})
    assert asked.status_code == 302
    proven = client.post(asked.location, data={"password": PASSWORD})
    assert "Grace" in client.get(proven.location).text
    post(client, "change-password", 200, password=PASSWORD, new_password=NEW_PASSWORD)
    post(site.client(), "login", identifier=ADA, password=NEW_PASSWORD)
    post(client, "devices/end-others")
    assert client.get("/account/").status_code == 200
    post(client, "logout")
    post(client, "reset-password", identifier=ADA)
    client.get(site.last_link(kind="reset_password"))
    post(client, "reset-password/new", 200, new_password=PASSWORD)
    post(client, "login", identifier=ADA, password=PASSWORD)
    closed = post(client, "close-account", 200, password=PASSWORD)
    assert site.user() is None
    assert "max-age=" in closed.headers["Strict-Transport-Security"]
    _are_for_this_host_alone(client.set_cookies)


def _are_for_this_host_alone(set_cookies: list[str]) -> None:
    """RFC 6265bis section 4.1.3.2."""
    assert {header.partition("=")[0] for header in set_cookies} == {
        "__Host-session",
        "__Host-porter_device",
    }
    for header in set_cookies:
        attributes = header.split("; ")[1:]
        assert {"Secure", "Path=/", "HttpOnly", "SameSite=Lax"} <= set(attributes), header
        assert "Domain" not in header


def test_the_clients_of_the_test_kit_work_in_production_too(tmp_path: Path) -> None:
    site = production(tmp_path)
    client = LoginClient(site.app, user=site.register())
    assert client.get("/account/").status_code == 200


def rotated(site: Site, *, fallbacks: list[str]) -> Site:
    """Return the same site as it starts again, with a new key."""
    folder = Path(site.app.instance_path)
    again = production(folder, SECRET_KEY=NEW_KEY, SECRET_KEY_FALLBACKS=fallbacks)
    again.clock.now = site.clock.now
    return again


def moved(client: FlaskClient, site: Site) -> FlaskClient:
    """Return a browser with the same cookies, now at `site`."""
    to = site.client()
    for name in ("__Host-session", "__Host-porter_device"):
        cookie = client.get_cookie(name, domain=HOST)
        if cookie is not None:
            to.set_cookie(name, cookie.value, domain=HOST, secure=True)
    return to


def logged_in(site: Site) -> FlaskClient:
    client = site.client()
    post(client, "login", identifier=ADA, password=PASSWORD)
    return client


@KEYS_ROTATE
def test_fi10_a_new_key_ends_nothing_that_the_old_one_began(tmp_path: Path) -> None:
    before = production(tmp_path)
    before.register()
    member = logged_in(before)
    before.clock.advance(minutes=11)
    asked = member.post("/send", data={"to": "Grace"})
    forgetful = before.client()
    post(forgetful, "reset-password", identifier=ADA)
    code = before.last_code()

    after = rotated(before, fallbacks=[OLD_KEY])
    member, forgetful = moved(member, after), moved(forgetful, after)
    assert member.get("/account/").status_code == 200
    proven = member.post(asked.location, data={"password": PASSWORD})
    assert "Grace" in member.get(proven.location).text
    post(forgetful, "reset-password", code=code)

    # Written anew, under the new key alone.
    alone = rotated(after, fallbacks=[])
    assert moved(member, alone).get("/account/").status_code == 200


@pytest.mark.parametrize("fallbacks", [[OLD_KEY], []], ids=["with_fallback", "without"])
def test_fi10_a_known_device_stays_known_as_long_as_its_key(
    tmp_path: Path, fallbacks: list[str]
) -> None:
    before = production(tmp_path)
    before.register()
    client = logged_in(before)
    after = rotated(before, fallbacks=fallbacks)
    again = moved(client, after)
    post(again, "login", identifier=ADA, password=PASSWORD)
    logins = [
        row for row in after.rows(after.accounts.models.audit) if row.event == "session_created"
    ]
    assert [login.details["known_device"] for login in logins] == [False, bool(fallbacks)]


@KEYS_ROTATE
def test_fi10_without_the_old_key_nothing_of_it_counts(tmp_path: Path) -> None:
    before = production(tmp_path)
    before.register()
    old, member = logged_in(before), logged_in(before)
    before.clock.advance(minutes=11)
    asked = member.post("/send", data={"to": "Grace"})
    between = rotated(before, fallbacks=[OLD_KEY])
    member = moved(member, between)
    proven = member.post(asked.location, data={"password": PASSWORD})

    after = rotated(between, fallbacks=[])
    assert moved(old, after).get("/account/").status_code == 302
    member = moved(member, after)
    assert member.get("/account/").status_code == 200
    # What was sealed with the old key cannot be opened any more, and is no error of ours.
    answer = member.get(proven.location)
    assert answer.status_code == 404
    assert "Grace" not in answer.text
