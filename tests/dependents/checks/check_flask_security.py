"""Flask-Security is built on Flask-Login: its manager, its session, its guards, its signals."""

import base64
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import flask_login
import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from flask_login import current_user
from flask_security.core import AnonymousUser
from werkzeug.test import TestResponse

from tests.dependents.checks.security_site import PASSWORD, build

Site = Callable[..., Flask]


@pytest.fixture
def site() -> Iterator[Site]:
    """Yield a function that builds the site under other settings."""
    built = []

    def build_site(**settings: Any) -> Flask:
        built.append(build(**settings))
        return built[-1][0]

    yield build_site
    for app, db in built:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(site: Site) -> Flask:
    return site()


def log_in(client: FlaskClient, name: str = "ada", **form: str) -> None:
    credentials = {"email": f"{name}@example.org", "password": PASSWORD}
    assert client.post("/login", data={**credentials, **form}).status_code == 302


def restart_browser(client: FlaskClient) -> None:
    client.delete_cookie("session")


def email_seen_by(client: FlaskClient) -> str | None:
    """Return the address on the page, once the handler has said the same."""
    page = client.get("/page").text
    email: str | None = client.get("/handler").get_json()["email"]
    assert page == (email or "nobody")
    return email


def asked_for(answer: TestResponse) -> str:
    assert answer.status_code == 302
    return urlsplit(answer.location).path


def token_of(app: Flask, name: str) -> str:
    with app.app_context():
        user = app.extensions["security"].datastore.find_user(email=f"{name}@example.org")
        return str(user.get_auth_token())


def basic(name: str, password: str = PASSWORD) -> dict[str, str]:
    pair = f"{name}@example.org:{password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def test_its_manager_is_the_one_that_flask_login_names(app: Flask) -> None:
    assert type(app.login_manager) is flask_login.LoginManager  # type: ignore[attr-defined]


def test_a_login_by_form_lasts_until_the_logout(app: Flask) -> None:
    client = app.test_client()
    assert email_seen_by(client) is None
    log_in(client)
    for _ in range(2):
        assert email_seen_by(client) == "ada@example.org"
    assert asked_for(client.post("/logout")) == "/"
    assert email_seen_by(client) is None


def test_a_wrong_password_logs_nobody_in(app: Flask) -> None:
    client = app.test_client()
    form = {"email": "ada@example.org", "password": "wrong"}
    assert client.post("/login", data=form).status_code == 200
    assert email_seen_by(client) is None


def test_a_login_by_json_is_answered_in_json(app: Flask) -> None:
    client = app.test_client()
    body = {"email": "ada@example.org", "password": PASSWORD}
    assert client.post("/login", json=body).status_code == 200
    assert email_seen_by(client) == "ada@example.org"
    assert client.get("/any", headers={"Accept": "application/json"}).status_code == 200


def test_a_script_without_a_login_gets_401_in_json(app: Flask) -> None:
    answer = app.test_client().get("/any", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.is_json


@pytest.mark.parametrize("page", ["any", "session", "members", "vault"])
def test_a_visitor_is_sent_to_log_in(app: Flask, page: str) -> None:
    assert asked_for(app.test_client().get(f"/{page}")) == "/login"


def test_a_remembered_member_returns_stale(app: Flask) -> None:
    client = app.test_client()
    log_in(client, remember="y")
    assert client.get("/vault").status_code == 200
    restart_browser(client)
    seen = client.get("/session").get_json()
    assert seen == {"email": "ada@example.org", "fresh": False, "remembered": True}
    assert client.get("/members").status_code == 200
    assert client.get("/vault").status_code == 401


def test_a_remembered_member_must_verify_for_what_needs_a_recent_login(app: Flask) -> None:
    client = app.test_client()
    log_in(client, remember="y")
    assert client.get("/recent").status_code == 200
    restart_browser(client)
    assert asked_for(client.get("/recent")) == "/verify"
    assert client.post("/verify", data={"password": PASSWORD}).status_code == 302
    assert client.get("/recent").status_code == 200


def test_a_logout_forgets_a_remembered_member(app: Flask) -> None:
    client = app.test_client()
    log_in(client, remember="y")
    restart_browser(client)
    client.post("/logout")
    assert client.get_cookie("remember_token") is None
    restart_browser(client)
    assert email_seen_by(client) is None


def test_another_browser_with_the_same_cookies_is_stale(app: Flask) -> None:
    client = app.test_client()
    log_in(client)
    seen = client.get("/session", headers={"User-Agent": "another"}).get_json()
    assert (seen["email"], seen["fresh"]) == ("ada@example.org", False)


def test_two_visitors_are_two(app: Flask) -> None:
    ada, grace = app.test_client(), app.test_client()
    log_in(ada)
    log_in(grace, "grace")
    ada.post("/logout")
    assert (email_seen_by(ada), email_seen_by(grace)) == (None, "grace@example.org")


def test_roles_and_permissions_are_those_of_the_current_user(app: Flask) -> None:
    ada, grace = app.test_client(), app.test_client()
    log_in(ada)
    log_in(grace, "grace")
    for page in ("/staff", "/mail"):
        assert ada.get(page).status_code == 200
        assert grace.get(page).status_code == 403


def test_a_token_in_a_header_is_a_login_for_one_request(app: Flask) -> None:
    client = app.test_client()
    headers = {"Authentication-Token": token_of(app, "ada")}
    heard: list[Any] = []
    with flask_login.user_loaded_from_request.connected_to(
        lambda sender, user: heard.append(user.email), sender=app
    ):
        for page in ("/any", "/token", "/handler"):
            assert client.get(page, headers=headers).get_json()["email"] == "ada@example.org"
    assert "ada@example.org" in heard
    assert email_seen_by(client) is None


def test_a_page_for_sessions_refuses_a_token(app: Flask) -> None:
    headers = {"Authentication-Token": token_of(app, "ada")}
    assert asked_for(app.test_client().get("/session", headers=headers)) == "/login"


def test_a_bad_token_logs_nobody_in(app: Flask) -> None:
    headers = {"Authentication-Token": token_of(app, "ada") + "x", "Accept": "application/json"}
    assert app.test_client().get("/token", headers=headers).status_code == 401


@pytest.mark.parametrize("page", ["/basic", "/http"])
def test_a_password_in_a_header_is_a_login_for_one_request(app: Flask, page: str) -> None:
    client = app.test_client()
    for name in ("ada", "grace"):
        seen = client.get(page, headers=basic(name)).get_json()
        assert seen["email"] == f"{name}@example.org"
    assert client.get(page).status_code == 401
    assert client.get(page, headers=basic("ada", "wrong")).status_code == 401
    assert email_seen_by(client) is None


def test_a_password_in_a_header_beats_the_session_for_that_request(app: Flask) -> None:
    client = app.test_client()
    log_in(client, "grace")
    assert client.get("/basic", headers=basic("ada")).get_json()["email"] == "ada@example.org"
    assert email_seen_by(client) == "grace@example.org"


def test_a_user_put_in_place_by_hand_is_the_current_one(app: Flask) -> None:
    with app.test_request_context():
        user = app.extensions["security"].datastore.find_user(email="ada@example.org")
        app.login_manager._update_request_context_with_user(user)  # type: ignore[attr-defined]
        assert current_user == user
        assert g._login_user is user


def test_a_visitor_is_flask_securitys_own_anonymous_user(app: Flask) -> None:
    with app.test_request_context():
        assert isinstance(current_user, AnonymousUser)
        assert isinstance(current_user, flask_login.AnonymousUserMixin)
        assert current_user.has_role("staff") is False


def test_a_visitor_is_none_where_the_anonymous_user_is_switched_off(site: Site) -> None:
    app = site(SECURITY_ANONYMOUS_USER_DISABLED=True)
    with app.test_request_context():
        assert not current_user
        assert g._login_user is None
    client = app.test_client()
    assert client.get("/handler").get_json()["email"] is None
    for page in ("/any", "/session"):
        assert asked_for(client.get(page)) == "/login"
    assert client.get("/staff").status_code == 403
    log_in(client, remember="y")
    restart_browser(client)
    assert client.get("/session").get_json()["email"] == "ada@example.org"
    client.post("/logout")
    assert client.get("/handler").get_json()["email"] is None
    assert client.get("/any", headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.mended("the original asks None whether it is logged in, and fails")
def test_flask_logins_guard_stands_where_the_anonymous_user_is_switched_off(site: Site) -> None:
    app = site(SECURITY_ANONYMOUS_USER_DISABLED=True)
    for page in ("/members", "/vault"):
        assert asked_for(app.test_client().get(page)) == "/login"


def test_a_unified_sign_in_is_a_login(site: Site) -> None:
    app = site(SECURITY_UNIFIED_SIGNIN=True)
    client = app.test_client()
    form = {"identity": "ada@example.org", "passcode": PASSWORD, "remember": "y"}
    assert client.post("/us-signin", data=form).status_code == 302
    assert client.get("/vault").status_code == 200
    restart_browser(client)
    seen = client.get("/session").get_json()
    assert seen == {"email": "ada@example.org", "fresh": False, "remembered": True}
    client.post("/logout")
    assert email_seen_by(client) is None


def test_a_deactivated_user_is_out_at_the_next_request(app: Flask) -> None:
    client = app.test_client()
    log_in(client, remember="y")
    with app.app_context():
        datastore = app.extensions["security"].datastore
        datastore.deactivate_user(datastore.find_user(email="ada@example.org"))
        datastore.commit()
    assert email_seen_by(client) is None
    restart_browser(client)
    assert email_seen_by(client) is None


def test_a_password_change_keeps_this_browser_in_and_puts_others_out(app: Flask) -> None:
    here, there = app.test_client(), app.test_client()
    log_in(here, remember="y")
    log_in(there, remember="y")
    new = "battery staple"
    form = {"password": PASSWORD, "new_password": new, "new_password_confirm": new}
    assert here.post("/change", data=form).status_code == 302
    assert email_seen_by(here) == "ada@example.org"
    restart_browser(here)
    assert email_seen_by(here) == "ada@example.org"
    assert email_seen_by(there) is None
    restart_browser(there)
    assert email_seen_by(there) is None


def test_signals_of_flask_login_tell_of_its_logins(app: Flask) -> None:
    heard: list[tuple[str, str]] = []
    with (
        flask_login.user_logged_in.connected_to(
            lambda sender, user: heard.append(("in", user.email)), sender=app
        ),
        flask_login.user_logged_out.connected_to(
            lambda sender, user: heard.append(("out", user.email)), sender=app
        ),
        flask_login.user_loaded_from_cookie.connected_to(
            lambda sender, user: heard.append(("back", user.email)), sender=app
        ),
    ):
        client = app.test_client()
        log_in(client, remember="y")
        restart_browser(client)
        client.get("/session")
        client.post("/logout")
    assert heard == [(what, "ada@example.org") for what in ("in", "back", "out")]
