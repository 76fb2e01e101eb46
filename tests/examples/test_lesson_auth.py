"""Tests of the lesson application: registering, logging in and out, coming back."""

from __future__ import annotations

import re
import time

from flask import Flask
from lesson.database import db
from lesson.models import User, find_by_password
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from tests.attacks.redirecting import ATTACKS
from tests.examples.visitor import ADA, REMEMBER_COOKIE, Visitor


def is_logged_in(visitor: Visitor) -> bool:
    return visitor.client.get("/members").status_code == 200


def test_one_registers_then_logs_in(visitor: Visitor) -> None:
    answer = visitor.register()
    assert (answer.status_code, answer.location) == (303, "/auth/login")
    assert "You can log in now." in visitor.read("/auth/login")
    assert not is_logged_in(visitor)
    answer = visitor.log_in("mary@example.com", "a long password")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Hello, mary!" in visitor.read("/")


def test_a_password_is_kept_only_as_a_hash(app: Flask, visitor: Visitor) -> None:
    visitor.register()
    with app.app_context():
        user = db.session.scalars(select(User).filter_by(username="mary")).one()
        row = [str(getattr(user, column.key)) for column in User.__table__.columns]
        assert not any("a long password" in value for value in row)
        assert user.password_hash.startswith("scrypt:")
        assert user.check_password("a long password")


def test_an_email_address_is_typed_in_any_case(visitor: Visitor) -> None:
    visitor.register(email="Mary@Example.com")
    visitor.log_in(" MARY@EXAMPLE.COM ", "a long password")
    assert is_logged_in(visitor)


def test_a_password_is_typed_on_any_keyboard(visitor: Visitor) -> None:
    composed, decomposed = "pass\u00e9 compos\u00e9", "passe\u0301 compose\u0301"
    visitor.register(password=composed, repeat=composed)
    visitor.log_in("mary@example.com", decomposed)
    assert is_logged_in(visitor)


def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(app: Flask) -> None:
    answers = []
    for email in [ADA, "nobody@example.com"]:
        visitor = Visitor(app)
        answer = visitor.log_in(email, "wrong")
        page = visitor.read(answer.location)
        assert "Wrong e-mail or password." in page
        assert not is_logged_in(visitor)
        # A token tells the second in which it was made.
        page = re.sub(r'(?<=name="csrf_token" type="hidden" value=")[^"]+', "", page)
        answers.append((answer.status, answer.location, page.replace(email, "")))
    assert answers[0] == answers[1]


def test_an_unknown_email_takes_as_long_as_a_wrong_password(app: Flask) -> None:
    """With the application's own hash, not the quick one of these tests."""

    def cost(email: str) -> float:
        started = time.process_time()
        assert find_by_password(email, "wrong") is None
        return time.process_time() - started

    with app.app_context():
        ada = db.session.scalars(select(User).filter_by(email=ADA)).one()
        ada.password_hash = generate_password_hash("right")
        known = min(cost(ADA) for _ in range(3))
        unknown = min(cost("nobody@example.com") for _ in range(3))
    assert known / 2 < unknown < known * 2


def test_a_failed_log_in_leaves_nothing_to_send_again_but_the_email(visitor: Visitor) -> None:
    answer = visitor.log_in(ADA, "wrong", path="/auth/login?next=/members")
    assert (answer.status_code, answer.location) == (303, "/auth/login?next=/members")
    page = visitor.read(answer.location)
    assert f'value="{ADA}"' in page
    assert "wrong" not in page
    assert f'value="{ADA}"' not in visitor.read(answer.location)


def test_whoever_is_logged_in_is_sent_past_the_forms(visitor: Visitor) -> None:
    visitor.log_in()
    assert visitor.client.get("/auth/login?next=/members").location == "/members"
    assert visitor.client.get("/auth/register").location == "/"


def test_next_stays_on_this_site(visitor: Visitor) -> None:
    hostile = [attack.value for attack in ATTACKS if attack.must_be_refused]
    assert len(hostile) > 50
    path = "/auth/login?next=https://evil.test/"
    assert visitor.log_in(ADA, "wrong", path=path).location.startswith("/auth/login?next=https")
    assert visitor.log_in(path=path).location == "/"
    for target in hostile:
        answer = visitor.client.get("/auth/login", query_string={"next": target})
        assert answer.location == "/", target


def test_next_keeps_its_query(visitor: Visitor) -> None:
    answer = visitor.client.get("/members?tab=2&sort=name")
    assert visitor.log_in(path=answer.location).location == "/members?tab=2&sort=name"


def test_next_after_reauthentication_stays_on_this_site(visitor: Visitor) -> None:
    visitor.log_in()
    path = "/auth/reauthenticate?next=//evil.test/"
    assert visitor.send(path, password=visitor.demo_password(ADA)).location == "/"


def test_only_a_sent_form_logs_out(visitor: Visitor) -> None:
    visitor.log_in()
    assert "Do you want to log out" in visitor.read("/auth/logout")
    assert visitor.client.post("/auth/logout").status_code == 400
    assert is_logged_in(visitor)
    answer = visitor.log_out()
    assert (answer.status_code, answer.location) == (303, "/")
    assert "You are logged out." in visitor.read("/")
    assert not is_logged_in(visitor)


def test_logging_out_forgets_a_remembered_user(visitor: Visitor) -> None:
    visitor.log_in(remember="y")
    assert visitor.client.get_cookie(REMEMBER_COOKIE)
    visitor.log_out()
    assert visitor.client.get_cookie(REMEMBER_COOKIE) is None
    visitor.forget_session()
    assert not is_logged_in(visitor)


def test_a_user_who_is_not_remembered_is_a_stranger_after_a_restart(visitor: Visitor) -> None:
    visitor.log_in()
    visitor.forget_session()
    assert not is_logged_in(visitor)


def test_a_remembered_user_is_stale_until_the_password_is_typed_again(visitor: Visitor) -> None:
    visitor.log_in(remember="y")
    visitor.forget_session()
    assert is_logged_in(visitor)
    for path in ["/auth/change-password", "/members/api-key"]:
        answer = visitor.client.get(path)
        assert answer.status_code in {302, 303}
        assert answer.location.startswith("/auth/reauthenticate?next=%2F")
    assert "enter your password again" in visitor.read(answer.location)
    wrong = visitor.send(answer.location, password="wrong")
    assert wrong.location.startswith("/auth/reauthenticate?next=")
    assert "Wrong password." in visitor.read(wrong.location)
    right = visitor.send(wrong.location, password=visitor.demo_password(ADA))
    assert right.location == "/members/api-key"
    assert visitor.client.get("/auth/change-password").status_code == 200


def test_a_new_password_ends_every_other_session(app: Flask, visitor: Visitor) -> None:
    elsewhere = Visitor(app)
    for someone in [visitor, elsewhere]:
        someone.log_in(remember="y")
    new = {"password": "another long one", "repeat": "another long one"}
    assert visitor.send("/auth/change-password", **new).location == "/members"
    assert is_logged_in(visitor)
    visitor.forget_session()
    assert is_logged_in(visitor)
    assert not is_logged_in(elsewhere)
    elsewhere.forget_session()
    assert not is_logged_in(elsewhere)
    elsewhere.log_in()
    assert not is_logged_in(elsewhere)
    elsewhere.log_in(ADA, "another long one")
    assert is_logged_in(elsewhere)


def test_a_new_password_does_not_make_a_browser_remember(visitor: Visitor) -> None:
    visitor.log_in()
    new = {"password": "another long one", "repeat": "another long one"}
    visitor.send("/auth/change-password", **new)
    assert visitor.client.get_cookie(REMEMBER_COOKIE) is None


def test_a_row_of_the_same_number_is_not_the_same_person(app: Flask, visitor: Visitor) -> None:
    visitor.register()
    visitor.log_in("mary@example.com", "a long password")
    with app.app_context():
        mary = db.session.scalars(select(User).filter_by(username="mary")).one()
        number = mary.id
        db.session.delete(mary)
        db.session.commit()
        eve = User(id=number, username="eve", email="eve@example.com", password="long enough")
        db.session.add(eve)
        db.session.commit()
    assert not is_logged_in(visitor)
