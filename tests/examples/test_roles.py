"""Tests of the example `roles`: who may go where, and what a stranger gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete

from tests.attacks.redirecting import ATTACKS
from tests.examples.night_desk import (
    ADA,
    ALAN,
    DOORS,
    GRACE,
    JQUERY,
    SENSITIVE,
    Reader,
    db,
    is_logged_in,
    roles,
)
from tests.examples.night_desk import app as app
from tests.examples.night_desk import reader as reader

TROUBLES = [f"/troubles/{name}" for name in ("stranger", "expiry", "fresh", "programs")]
PUBLIC = ["/", "/log-in", *TROUBLES]


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
        "reason": None,
        "message": "Please log in to open this page.",
        "login_url": "/log-in",
    }
    assert "Please log in" not in reader.read("/")


def test_a_form_sent_by_a_stranger_is_not_where_one_comes_back_to(reader: Reader) -> None:
    token = reader.token()
    answer = reader.client.post("/account/api-key", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/log-in")


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
