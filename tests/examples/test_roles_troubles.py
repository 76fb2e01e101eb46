"""Tests of the example `roles`: log-ins that end, sensitive changes, and programs with a key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from tests.examples.night_desk import (
    ADA,
    ALAN,
    DOORS,
    GRACE,
    JQUERY,
    SENSITIVE,
    Reader,
    is_logged_in,
    roles,
)
from tests.examples.night_desk import app as app
from tests.examples.night_desk import reader as reader

START = 1_800_000_000


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


# Trouble 2: a log-in that ends


def test_an_idle_log_in_ends_and_says_why(reader: Reader, clock: time_machine.Traveller) -> None:
    reader.log_in()
    clock.shift(1799)
    assert is_logged_in(reader)
    clock.shift(1800)
    answer = reader.client.get("/newsroom?page=2")
    assert answer.location == "/log-in?next=%2Fnewsroom%3Fpage%3D2"
    page = reader.read(answer.location)
    assert page.count("You were away for a while") == 1
    assert "Please log in to open" not in page
    assert "You were away" not in reader.read("/log-in")


def test_a_log_in_ends_in_any_case_after_a_while(
    reader: Reader, clock: time_machine.Traveller
) -> None:
    reader.log_in()
    for _ in range(31):
        clock.shift(900)
        assert is_logged_in(reader)
    clock.shift(900)
    assert "has lasted as long as one may" in reader.read("/newsroom")
    assert not is_logged_in(reader)


def test_a_public_page_says_too_that_the_log_in_ended_and_leads_back(
    reader: Reader, clock: time_machine.Traveller
) -> None:
    reader.log_in()
    clock.shift(1800)
    page = reader.read("/troubles/stranger")
    assert "You were away for a while" in page
    assert 'href="/log-in?next=/troubles/stranger"' in page
    assert "You were away" not in reader.read("/troubles/stranger")


def test_a_script_learns_why_the_log_in_ended(
    reader: Reader, clock: time_machine.Traveller
) -> None:
    reader.log_in()
    token = reader.token()
    clock.shift(1800)
    headers = {"X-CSRFToken": token, **JQUERY}
    answer = reader.client.put("/session/shared", json={}, headers=headers)
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["reason"] == "idle_timeout"
    assert "You were away" in answer.json["message"]
    assert answer.json["login_url"] == "/log-in"


def test_a_shared_computer_has_less_patience(reader: Reader, clock: time_machine.Traveller) -> None:
    reader.log_in()
    assert reader.send("PUT", "/session/shared").json == {"go": "/troubles/expiry"}
    assert 'data-seconds="20"' in reader.read("/troubles/expiry")
    clock.shift(19)
    assert is_logged_in(reader)
    clock.shift(20)
    assert not is_logged_in(reader)
    reader.log_in()
    clock.shift(20)
    assert is_logged_in(reader)


def test_the_cookie_outlasts_the_log_in_and_ends_too(
    reader: Reader, clock: time_machine.Traveller
) -> None:
    lifetime = timedelta(days=1)
    cookie = reader.log_in().headers["Set-Cookie"]
    assert "Expires=Sat, 16 Jan 2027" in cookie
    clock.shift(lifetime + timedelta(seconds=1))
    page = reader.read("/newsroom")
    assert "Please log in to open this page." in page


def test_logging_out_is_no_mishap(reader: Reader) -> None:
    reader.log_in()
    reader.send("DELETE", "/session")
    page = reader.read("/newsroom")
    assert "Please log in to open this page." in page
    assert "You were" not in page


# Trouble 3: a sensitive change


def test_a_sensitive_page_asks_for_the_password_after_a_minute(
    reader: Reader, clock: time_machine.Traveller
) -> None:
    reader.log_in()
    clock.shift(59)
    assert reader.status("/account/password") == 200
    clock.shift(1)
    answer = reader.client.get("/account/password")
    assert answer.location == "/prove?next=%2Faccount%2Fpassword"
    assert "enter your password again" in reader.read(answer.location)
    wrong = reader.prove(password="wrong")
    assert (wrong.status_code, wrong.json) == (
        401,
        {"error": "wrong_password", "message": "Wrong password."},
    )
    assert reader.status("/account/password") == 302
    assert reader.prove(next="/account/password").json == {"go": "/account/password"}
    assert reader.status("/account/password") == 200
    clock.shift(60)
    assert reader.status("/account/password") == 302


@pytest.mark.parametrize(("method", "path"), SENSITIVE)
def test_a_script_is_told_to_ask_for_the_password(
    reader: Reader, clock: time_machine.Traveller, method: str, path: str
) -> None:
    reader.log_in()
    clock.shift(60)
    answer = reader.send(method, path, {"password": "a new one", "repeat": "a new one"})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["reason"] == "fresh_login_required"
    assert answer.json["login_url"] == "/prove"
    assert reader.log_in().status_code == 200


def change_password(reader: Reader) -> TestResponse:
    new = {"password": "another long one", "repeat": "another long one"}
    return reader.send("PUT", "/account/password", new)


def end_other_log_ins(reader: Reader) -> TestResponse:
    return reader.send("DELETE", "/account/other-log-ins")


@pytest.mark.parametrize("change", [change_password, end_other_log_ins])
def test_other_browsers_are_logged_out_and_told_and_this_one_stays(
    app: Flask, change: Callable[[Reader], TestResponse]
) -> None:
    here, elsewhere, somebody_else = Reader(app), Reader(app), Reader(app)
    here.log_in()
    elsewhere.log_in()
    somebody_else.log_in(GRACE)
    assert change(here).json == {"go": "/troubles/fresh"}
    assert is_logged_in(here)
    assert is_logged_in(somebody_else)
    assert "logged out from another browser" in elsewhere.read("/newsroom")
    assert not is_logged_in(elsewhere)


def test_a_changed_password_is_the_one_that_counts(reader: Reader) -> None:
    reader.log_in()
    change_password(reader)
    reader.send("DELETE", "/session")
    assert reader.log_in().status_code == 401
    assert reader.log_in(ADA, "another long one").status_code == 200


def test_a_stolen_cookie_is_worth_nothing_after_the_change(app: Flask, reader: Reader) -> None:
    reader.log_in()
    cookie = reader.client.get_cookie("session")
    assert cookie is not None
    change_password(reader)
    thief = Reader(app)
    thief.client.set_cookie("session", cookie.value)
    assert not is_logged_in(thief)


# Trouble 4: programs


def issue_key(reader: Reader) -> str:
    answer = reader.send("POST", "/account/api-key")
    assert answer.json is not None
    key: str = answer.json["key"]
    return key


def in_headers(key: str) -> list[dict[str, str]]:
    return [{"X-API-Key": key}, {"Authorization": f"Bearer {key}"}]


def test_a_key_in_either_header_opens_the_api_without_a_session(app: Flask, reader: Reader) -> None:
    reader.log_in()
    for headers in in_headers(issue_key(reader)):
        answer = app.test_client().get("/api/me", headers=headers)
        assert answer.json == {"name": "Ada", "email": ADA, "roles": []}
        assert "Set-Cookie" not in answer.headers


def test_without_a_good_key_a_program_gets_401_in_json(app: Flask, reader: Reader) -> None:
    reader.log_in()
    key = issue_key(reader)
    name = key.partition(".")[0]
    bad = ["", ".", "a.b", f"{name}.", f"{name}.wrong", key + "x", key.upper(), "x" * 9000]
    program = app.test_client()
    answers = [program.get("/api/me", headers=way) for value in bad for way in in_headers(value)]
    basic = program.get("/api/me", auth=(ADA, "x"))
    for answer in [program.get("/api/me"), basic, *answers]:
        assert (answer.status_code, answer.is_json) == (401, True)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
        assert "Set-Cookie" not in answer.headers


def test_a_key_carries_the_roles_of_its_owner(app: Flask) -> None:
    program = app.test_client()
    for email, status in [(GRACE, 403), (ALAN, 200)]:
        reader = Reader(app)
        reader.log_in(email)
        answer = program.get("/api/people", headers={"X-API-Key": issue_key(reader)})
        assert (answer.status_code, answer.is_json) == (status, True), email


def test_a_key_opens_no_page_and_changes_nothing(app: Flask, reader: Reader) -> None:
    reader.log_in(ALAN)
    headers = {"X-API-Key": issue_key(reader)}
    program = app.test_client()
    for path in [*DOORS, "/account/password"]:
        assert program.get(path, headers=headers).status_code == 303, path
    for method, path in SENSITIVE:
        answer = program.open(path, method=method, json={}, headers={**headers, **JQUERY})
        assert answer.status_code in {400, 401}, path


def test_a_key_is_kept_as_a_digest_and_replaced_by_a_new_one(app: Flask, reader: Reader) -> None:
    reader.log_in()
    old, new = issue_key(reader), issue_key(reader)
    with app.app_context():
        user = roles.models.find_user(email=ADA)
        assert user
        row = [str(getattr(user, column.key)) for column in user.__table__.columns]
    assert not any(new.partition(".")[2] in value for value in row)
    statuses = [
        app.test_client().get("/api/me", headers={"X-API-Key": key}).status_code
        for key in (old, new)
    ]
    assert statuses == [401, 200]
    assert new not in reader.read("/troubles/programs")
