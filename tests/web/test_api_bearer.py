"""A client without cookies: its token alone says who it is, and no answer brings a cookie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Response, session
from flask.testing import FlaskClient

from flask_porter import current_user, login_required
from flask_porter.login.records import TOKEN
from flask_porter.web.api import bearer
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site, token_of
from tests.web.api_client import RIGHT, ROOT, ApiClient, page_script, program, reason_of


def token_in_cookie(client: FlaskClient) -> str:
    with client.session_transaction() as kept:
        token: str = kept[TOKEN]
    return token


def put_into_cookie(client: FlaskClient, token: str) -> None:
    with client.session_transaction() as kept:
        kept.update({"_user_id": "1", "_fresh": True, TOKEN: token})


def test_the_token_is_given_once_and_shown_from_then_on(site: Site) -> None:
    client = program(site)
    assert client.get("/session")["user"]["email"] == ADA
    assert client.call("GET", "/session", headers={"Authorization": ""}).status_code == 401


def test_a_proof_gives_another_token_and_ends_the_first(site: Site) -> None:
    client = program(site)
    site.clock.advance(minutes=11)
    assert reason_of(client.call("GET", "/data")) == (401, "reauthentication_required")
    proven = client.post("/reauthenticate", password=PASSWORD)
    assert proven.json is not None
    old, client.token = client.token, proven.json["session_token"]
    assert client.get("/data")["account"]["email"] == ADA
    client.token = old
    assert reason_of(client.call("GET", "/session")) == (401, "login_required")


def test_log_out_ends_the_token(site: Site) -> None:
    client = program(site)
    assert client.call("POST", "/logout").status_code == 204
    assert reason_of(client.call("GET", "/session")) == (401, "login_required")
    # Whose token is over is logged out already.
    assert client.call("POST", "/logout").status_code == 204


@pytest.mark.parametrize("path", ["/logout", "/logout-everywhere"])
def test_a_program_needs_no_origin(site: Site, path: str) -> None:
    assert program(site).call("POST", path).status_code == 204
    stranger = program(site, logged_in=False)
    assert reason_of(stranger.call("POST", path)) == (403, "no_origin")


def test_another_site_cannot_have_a_token_made(site: Site) -> None:
    for header in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        stranger = program(site, logged_in=False)
        answer = stranger.call("POST", "/login/bearer", RIGHT, headers=header)
        assert reason_of(answer) == (403, "cross_site")


def test_s10_the_token_of_a_cookie_is_nobodys_in_the_header(site: Site) -> None:
    browser = page_script(site, logged_in=True)
    stolen = ApiClient(site.app.test_client(use_cookies=False), token_in_cookie(browser.client))
    assert reason_of(stolen.call("GET", "/session")) == (401, "login_required")
    assert browser.get("/session")["user"]["email"] == ADA


def test_s10_the_token_of_a_program_is_nobodys_in_a_cookie(site: Site) -> None:
    token = program(site).token
    assert token is not None
    browser = site.client()
    put_into_cookie(browser, token)
    assert reason_of(ApiClient(browser).call("GET", "/session")) == (401, "login_required")


@pytest.mark.parametrize("place", ["?session=", "?token=", "?access_token=", "?sid="])
def test_s10_a_token_counts_in_the_header_alone(site: Site, place: str) -> None:
    token = program(site).token
    stranger = program(site, logged_in=False)
    for headers in ({}, {"X-Session-Id": str(token)}, {"X-Authorization": f"Bearer {token}"}):
        answer = stranger.call("GET", f"/session{place}{token}", headers=headers)
        assert reason_of(answer) == (401, "login_required")


@pytest.mark.parametrize("scheme", ["Basic", "Token", "bearerx", "Bearer,", ""])
def test_no_other_scheme_carries_a_token(site: Site, scheme: str) -> None:
    client = program(site)
    headers = {"Authorization": f"{scheme} {client.token}"}
    assert client.call("GET", "/session", headers=headers).status_code == 401


def test_of_token_and_cookie_the_token_counts(site: Site) -> None:
    site.register("bob@example.org")
    both = page_script(site, logged_in=True)
    bob = program(site, logged_in=False)
    given = bob.post("/login/bearer", identifier="bob@example.org", password=PASSWORD).json
    assert given is not None
    both.token = given["session_token"]
    assert both.get("/session")["user"]["email"] == "bob@example.org"
    both.token = "of.nobody"
    assert reason_of(both.call("GET", "/session")) == (401, "login_required")
    both.token = None
    assert both.get("/session")["user"]["email"] == ADA


def test_a_program_that_logs_in_again_gets_a_token_again(site: Site) -> None:
    client = program(site)
    answer = client.post("/login", **RIGHT)
    assert answer.json is not None
    client.token, old = answer.json["session_token"], client.token
    assert [device["is_this"] for device in client.get("/devices")["devices"]] == [True]
    client.token = old
    assert client.call("GET", "/session").status_code == 401


def every_answer(site: Site, client: ApiClient) -> list[Any]:
    """Walk through a life by token, with all cookies that a browser could have beside it."""
    site.register("late@example.org", is_verified=False)
    late = {"identifier": "late@example.org", "password": PASSWORD}
    answers = [
        client.call("POST", "/login/bearer", RIGHT, headers={"Authorization": ""}),
        client.call("POST", "/login/bearer", late, headers={"Authorization": ""}),
        client.call("GET", "/session"),
        client.call("GET", "/devices"),
        client.call("POST", "/verify-email/again", {"identifier": ADA}),
        client.call("POST", "/register", {"email": "new@example.org", "password": PASSWORD}),
        client.call("POST", "/login", RIGHT),
        client.call("POST", "/reauthenticate", {"password": PASSWORD}),
        client.call("POST", "/reset-password", {"identifier": ADA}),
        client.post(
            "/reset-password/finish",
            token=token_of(site.last_link(ADA, "reset_password")),
            new_password=NEW_PASSWORD,
        ),
        client.call("POST", "/logout"),
        client.call("GET", "/nothing"),
        client.call("GET", "/login"),
        client.call("POST", "/login", data=b"{"),
    ]
    client.token = "not.one"
    return [*answers, client.call("GET", "/session"), client.call("POST", "/logout")]


def client_with_cookies(site: Site) -> ApiClient:
    client = program(site)
    client.client = site.logged_in_client()
    client.client.set_cookie("remember_token", "1|junk")
    with client.client.session_transaction() as kept:
        kept.permanent = True
    return client


def test_no_answer_to_a_program_sets_a_cookie(site: Site) -> None:
    @site.app.after_request
    def count(answer: Response) -> Response:
        session["seen"] = session.get("seen", 0) + 1
        return answer

    for answer in every_answer(site, client_with_cookies(site)):
        assert answer.headers.getlist("Set-Cookie") == [], answer.request.path


def test_the_walk_would_show_a_cookie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check above can fail: without the step that forgets cookies there are some."""
    monkeypatch.setattr(bearer, "_is_without_cookies", lambda: False)
    site = make_site(tmp_path)
    site.register()
    answers = every_answer(site, client_with_cookies(site))
    assert sum(bool(answer.headers.getlist("Set-Cookie")) for answer in answers) > 3


def test_the_challenge_says_what_is_wrong_with_the_token(site: Site) -> None:
    client = program(site)
    site.clock.advance(minutes=11)
    stale = client.call("GET", "/data").headers["WWW-Authenticate"]
    assert stale == 'Bearer error="insufficient_user_authentication", max_age="600"'
    client.token = "not.one"
    wrong = client.call("GET", "/data").headers["WWW-Authenticate"]
    assert wrong == 'Bearer error="invalid_token"'
    nobody = page_script(site).call("GET", "/data").headers["WWW-Authenticate"]
    assert nobody == 'Cookie realm="login"'


def test_a_view_of_the_app_knows_a_program_by_its_token(site: Site) -> None:
    @site.app.get("/mine")
    @login_required
    def mine() -> str:
        return str(current_user.email)

    client = program(site)
    headers = {"Authorization": f"Bearer {client.token}"}
    assert client.client.get("/mine", headers=headers).text == ADA
    assert client.client.get("/mine").status_code == 302
    assert client.client.get(f"{ROOT}/session").status_code == 401
