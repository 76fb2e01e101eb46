"""Tests of the lesson application: JSON for programs with a key and for the page's script."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from lesson.database import db
from lesson.models import User
from sqlalchemy import select

from tests.examples.visitor import ADA, GRACE, Visitor

JQUERY = {
    "Accept": "application/json, text/javascript, */*; q=0.01",
    "X-Requested-With": "XMLHttpRequest",
}


def issue_key(visitor: Visitor) -> str:
    answer = visitor.send("/members/api-key")
    assert (answer.status_code, answer.location) == (303, "/members/api-key")
    found = re.search(r'<code id="api-key">(\S+)</code>', visitor.read("/members/api-key"))
    assert found
    return found[1]


def test_a_key_opens_the_profile_without_a_session(app: Flask, visitor: Visitor) -> None:
    visitor.log_in()
    key = issue_key(visitor)
    answer = app.test_client().get("/api/profile", headers={"X-API-Key": key})
    assert answer.json == {"username": "ada", "email": ADA, "role": "member"}
    assert "Set-Cookie" not in answer.headers


def test_a_key_is_shown_once(visitor: Visitor) -> None:
    visitor.log_in()
    key = issue_key(visitor)
    assert key not in visitor.read("/members/api-key")
    assert key not in visitor.read("/members")


def test_a_key_is_kept_as_a_digest(app: Flask, visitor: Visitor) -> None:
    visitor.log_in()
    secret = issue_key(visitor).partition(".")[2]
    with app.app_context():
        user = db.session.scalars(select(User).filter_by(email=ADA)).one()
        row = [str(getattr(user, column.key)) for column in User.__table__.columns]
    assert not any(secret in value for value in row)


def test_a_new_key_replaces_the_old_one(app: Flask, visitor: Visitor) -> None:
    visitor.log_in()
    old, new = issue_key(visitor), issue_key(visitor)
    stranger = app.test_client()
    assert stranger.get("/api/profile", headers={"X-API-Key": old}).status_code == 401
    assert stranger.get("/api/profile", headers={"X-API-Key": new}).status_code == 200


def test_every_character_of_a_key_counts(app: Flask, visitor: Visitor) -> None:
    visitor.log_in()
    key = issue_key(visitor)
    wrong = [
        key[:place] + ("x" if key[place] != "x" else "y") + key[place + 1 :]
        for place in range(len(key))
    ]
    stranger = app.test_client()
    for other in [*wrong, key[:-1], key + "x", key.partition(".")[0] + ".", key.upper()]:
        assert stranger.get("/api/profile", headers={"X-API-Key": other}).status_code == 401, other


def test_a_key_opens_no_page(app: Flask, visitor: Visitor) -> None:
    visitor.log_in(GRACE)
    headers = {"X-API-Key": issue_key(visitor)}
    stranger = app.test_client()
    for path in ["/members", "/administrators", "/members/api-key", "/auth/change-password"]:
        assert stranger.get(path, headers=headers).location.startswith("/auth/login"), path
    assert "Hello, Anonymous!" in stranger.get("/", headers=headers).text


def test_a_session_opens_the_profile_too(visitor: Visitor) -> None:
    visitor.log_in()
    assert visitor.client.get("/api/profile").json["username"] == "ada"  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/profile", {}),
        ("/api/profile", {"Accept": "text/html"}),
        ("/members", JQUERY),
        ("/members", {"Accept": "application/json"}),
        ("/members", {"Accept": "*/*", "X-Requested-With": "XMLHttpRequest"}),
    ],
)
def test_a_script_gets_401_in_json(visitor: Visitor, path: str, headers: dict[str, str]) -> None:
    answer = visitor.client.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.json == {
        "error": "Unauthorized",
        "message": "Please log in to access this page.",
    }
    assert "Basic" not in answer.headers["WWW-Authenticate"]
    assert "Please log in" not in visitor.read("/")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept": "*/*"},
        {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
        {"Accept": "text/html, */*; q=0.01", "X-Requested-With": "XMLHttpRequest"},
    ],
)
def test_a_browser_gets_the_log_in_page(visitor: Visitor, headers: dict[str, str]) -> None:
    answer = visitor.client.get("/members", headers=headers)
    assert answer.status_code == 303
    assert answer.location.startswith("/auth/login")


def test_a_script_logs_in_and_out(visitor: Visitor) -> None:
    headers = {**JQUERY, "X-CSRFToken": visitor.token("/")}
    fields = {"email": ADA, "password": visitor.demo_password(ADA)}
    answer = visitor.client.post("/api/login", data=fields, headers=headers)
    assert answer.json == {"message": "You are logged in as ada."}
    assert "Hello, ada!" in visitor.read("/")
    headers["X-CSRFToken"] = visitor.token("/")
    assert visitor.client.post("/api/logout", headers=headers).status_code == 200
    assert "Hello, Anonymous!" in visitor.read("/")


def test_a_script_with_a_wrong_password_is_told_no_more_than_a_person(visitor: Visitor) -> None:
    headers = {**JQUERY, "X-CSRFToken": visitor.token("/")}
    for email in [ADA, "nobody@example.com"]:
        fields = {"email": email, "password": "wrong"}
        answer = visitor.client.post("/api/login", data=fields, headers=headers)
        assert answer.status_code == 401
        assert answer.json == {"message": "Wrong e-mail or password."}


def test_a_script_is_told_which_field_is_wrong(visitor: Visitor) -> None:
    headers = {**JQUERY, "X-CSRFToken": visitor.token("/")}
    answer = visitor.client.post("/api/login", data={"email": "ada"}, headers=headers)
    assert answer.status_code == 422
    assert answer.json is not None
    assert set(answer.json["fields"]) == {"email", "password"}


@pytest.mark.parametrize("path", ["/api/login", "/api/logout"])
def test_a_script_without_the_token_is_refused(visitor: Visitor, path: str) -> None:
    visitor.log_in()
    for headers in [JQUERY, {**JQUERY, "X-CSRFToken": "forged"}]:
        answer = visitor.client.post(path, headers=headers)
        assert answer.status_code == 400
        assert answer.is_json
    assert "Hello, ada!" in visitor.read("/")


def test_a_script_gets_errors_in_json(visitor: Visitor) -> None:
    answer = visitor.client.get("/api/nowhere")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"] == "Not Found"
