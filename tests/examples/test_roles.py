"""Tests of the example `roles`: who may go where, and the ends of the four troubles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete
from werkzeug.test import TestResponse

from tests.attacks.redirecting import ATTACKS
from tests.examples.night_desk import ADA, ALAN, GRACE, Reader, db, night_desk, roles

PUBLIC = [
    "/",
    "/log-in",
    *(f"/troubles/{name}" for name in ["stranger", "expiry", "fresh", "programs"]),
]
DOORS = {
    "/newsroom": {ADA, GRACE, ALAN},
    "/staff": {GRACE, ALAN},
    "/editors": {GRACE, ALAN},
    "/people": {ALAN},
}
SENSITIVE = [
    ("PUT", "/account/password"),
    ("DELETE", "/account/other-log-ins"),
    ("POST", "/account/api-key"),
]
JQUERY = {"Accept": "*/*", "X-Requested-With": "XMLHttpRequest"}
START = 1_800_000_000


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with night_desk(tmp_path) as app:
        yield app


@pytest.fixture
def reader(app: Flask) -> Reader:
    return Reader(app)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as clock:
        yield clock


def is_logged_in(reader: Reader) -> bool:
    return reader.status("/newsroom") == 200


# Logging in and out, as the page's script does


def test_a_script_logs_in_and_out_in_json(reader: Reader) -> None:
    answer = reader.log_in()
    assert (answer.status_code, answer.json) == (200, {"go": "/", "name": "Ada"})
    assert "Good evening, Ada." in reader.read("/")
    assert reader.send("DELETE", "/session").json == {"go": "/"}
    page = reader.read("/")
    assert "You are logged out." in page
    assert "Good evening, stranger." in page


def test_a_wrong_password_and_an_unknown_address_get_one_answer(reader: Reader) -> None:
    for email in [ADA, "nobody@example.com", "\0", "' OR 1=1 --"]:
        answer = reader.log_in(email, "wrong")
        assert answer.status_code == 401
        assert answer.json == {"error": "wrong_password", "message": "Wrong e-mail or password."}
    assert not is_logged_in(reader)


@pytest.mark.parametrize("token", [None, "forged"])
def test_nothing_is_changed_without_the_token_in_the_header(app: Flask, token: str | None) -> None:
    reader = Reader(app)
    reader.log_in()
    headers = {} if token is None else {"X-CSRFToken": token}
    for method, path in [("DELETE", "/session"), ("PUT", "/session/shared"), *SENSITIVE]:
        answer = reader.client.open(path, method=method, json={}, headers=headers)
        assert answer.status_code == 400, path
        assert answer.json is not None
        assert "Load it again" in answer.json["message"]
    assert is_logged_in(reader)


def test_a_log_in_brings_nothing_along_that_a_stranger_has_planted(reader: Reader) -> None:
    token = reader.token()
    with reader.client.session_transaction() as session:
        session["planted"] = "by a stranger"
    reader.log_in()
    with reader.client.session_transaction() as session:
        assert "planted" not in session
    assert reader.token() != token


@pytest.mark.parametrize("path", ["/session", "/session/proof"])
def test_next_stays_on_this_site(reader: Reader, path: str) -> None:
    reader.log_in()
    send = reader.log_in if path == "/session" else reader.prove
    assert send(next="/people?page=2").json["go"] == "/people?page=2"  # type: ignore[index]
    for target in [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "javascript:x",
        "\0",
        7,
        [],
    ]:
        assert send(next=target).json["go"] == "/", target  # type: ignore[index]


def test_no_hostile_next_leads_away_from_the_log_in_page(reader: Reader) -> None:
    reader.log_in()
    for attack in ATTACKS[::7]:
        if attack.kind != "legitimate":
            answer = reader.client.get("/log-in", query_string={"next": attack.value})
            assert answer.location.startswith("/"), attack
            assert not answer.location.startswith("//"), attack


# Roles


@pytest.mark.parametrize("path", DOORS)
def test_each_room_is_for_those_who_hold_its_role(app: Flask, path: str) -> None:
    for email in [ADA, GRACE, ALAN]:
        reader = Reader(app)
        reader.log_in(email)
        assert reader.status(path) == (200 if email in DOORS[path] else 403), email


def test_a_missing_role_is_told_and_not_sent_to_log_in(reader: Reader) -> None:
    reader.log_in()
    answer = reader.client.get("/people")
    assert answer.status_code == 403
    assert "Forbidden" in answer.text
    assert GRACE not in answer.text
    script = reader.client.get("/people", headers=JQUERY)
    assert (script.status_code, script.is_json) == (403, True)


def test_a_role_taken_away_closes_the_door_at_the_next_click(app: Flask, reader: Reader) -> None:
    reader.log_in(GRACE)
    assert reader.status("/editors") == 200
    with app.app_context():
        db.session.execute(delete(roles.models.held_roles))
        db.session.commit()
    assert reader.status("/editors") == 403


def test_templates_know_who_holds_which_role(app: Flask) -> None:
    seen = {}
    for email in [ADA, GRACE, ALAN]:
        reader = Reader(app)
        reader.log_in(email)
        page = reader.read("/newsroom")
        seen[email] = ("/editors" in page, "/people" in page)
    assert seen == {ADA: (False, False), GRACE: (True, False), ALAN: (True, True)}
    people = reader.read("/people")
    assert people.count("holds the keys") == 1


def test_times_are_told_in_words(app: Flask) -> None:
    in_words = app.jinja_env.filters["in_words"]
    told = [in_words(time) for time in (1, 20, 60, 90, 1800, 28800, timedelta(days=1), 0)]
    assert told == [
        *("1 second", "20 seconds", "1 minute", "90 seconds", "30 minutes", "8 hours", "1 day"),
        "0 seconds",
    ]


# Trouble 1: a stranger


def test_everything_asks_for_a_log_in_but_what_is_public(app: Flask, reader: Reader) -> None:
    open_to_all = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            if reader.status(rule.rule) == 200:
                open_to_all.append(rule.rule)
    assert sorted(open_to_all) == sorted(PUBLIC)


@pytest.mark.parametrize("path", [*DOORS, "/prove", "/account/password"])
def test_a_person_is_sent_to_log_in_and_comes_back(reader: Reader, path: str) -> None:
    answer = reader.client.get(path)
    assert (answer.status_code, answer.location) == (
        303,
        "/log-in?next=" + path.replace("/", "%2F"),
    )
    page = reader.read(answer.location)
    assert "Please log in to open this page." in page
    assert f'name="next" value="{path}"' in page
    assert reader.log_in(ALAN, next=path).json == {"go": path, "name": "Alan"}
    assert reader.status(path) == 200


@pytest.mark.parametrize("headers", [JQUERY, {"Accept": "application/json"}])
def test_a_script_gets_401_and_the_way_to_log_in(reader: Reader, headers: dict[str, str]) -> None:
    answer = reader.client.get("/newsroom", headers=headers)
    assert answer.status_code == 401
    assert answer.json == {
        "error": "log_in_required",
        "reason": "",
        "message": "Please log in to open this page.",
        "login_url": "/log-in",
    }
    assert "Please log in" not in reader.read("/")


def test_a_form_sent_by_a_stranger_is_not_where_one_comes_back_to(reader: Reader) -> None:
    token = reader.token()
    answer = reader.client.post("/account/api-key", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/log-in")


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
    app: Flask, change: object
) -> None:
    here, elsewhere, somebody_else = Reader(app), Reader(app), Reader(app)
    here.log_in()
    elsewhere.log_in()
    somebody_else.log_in(GRACE)
    assert callable(change)
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


# Headers


def test_every_page_says_what_it_loads_and_is_kept_by_nobody(reader: Reader) -> None:
    reader.log_in(ALAN)
    for path in [*PUBLIC, *DOORS, "/account/password", "/prove", "/nowhere", "/api/me"]:
        answer = reader.client.get(path)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        for forbidden in ["<style", "style=", "onclick", "<script>", "http://", "https://"]:
            assert forbidden not in answer.text, path
