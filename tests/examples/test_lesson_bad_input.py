"""Tests of the lesson application: what cannot be right is said beside its field, never a 5xx."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from lesson.database import db
from lesson.models import User
from sqlalchemy import create_engine, event, func, insert, select
from sqlalchemy.orm import Session

from tests.examples.visitor import ADA, Visitor


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'lesson.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def complaints(page: str) -> dict[str, str]:
    """Return what is said beside each field."""
    found = re.findall(r'<p class="field-error" id="(\w+)-error">(.*?)</p>', page, re.DOTALL)
    return {field: unescape(text) for field, text in found}


def number_of_users(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(func.count(User.id))).one()


REFUSED = [
    ("email", "", "Enter an e-mail address."),
    ("email", "mary", "Enter an e-mail address such as"),
    ("email", "mary@" + "long" * 70 + ".com", "at most 254 characters"),
    ("email", "mary\0@example.com", "Enter an e-mail address such as"),
    ("email", "mary\u202e@example.com", "such as"),
    ("email", "mary@example.com\r\nBcc: all@example.com", "such as"),
    ("email", "<script>@example.com", "such as"),
    ("email", "ADA@Example.COM", "registered already"),
    ("username", "", "Choose a username."),
    ("username", "m" * 65, "at most 64 characters"),
    ("username", "ma\0ry", "Use letters from a to z"),
    ("username", "mary\u202egnp", "Use letters from a to z"),
    ("username", "а\u0434\u0430", "Use letters from a to z"),
    ("username", "\U0001f511", "Use letters from a to z"),
    ("username", "1mary", "begin with a letter"),
    ("username", "<b>mary</b>", "Use letters from a to z"),
    ("username", "ADA", "This username is taken."),
    ("password", "", "Enter a password."),
    ("password", "1234567", "8 to 128 characters"),
    ("password", "p" * 129, "8 to 128 characters"),
    ("repeat", "a lung password", "The two passwords differ."),
]


def test_a_registration_is_refused_beside_the_field(app: Flask, visitor: Visitor) -> None:
    before = number_of_users(app)
    for field, value, complaint in REFUSED:
        page = visitor.register(**{field: value})
        assert page.status_code == 200, value
        said = complaints(page.text)
        assert complaint in said[field], value
        assert set(said) <= {field, "repeat"}, value
        assert f'aria-describedby="{field}-error"' in page.text
        assert "a long password" not in page.text
    assert number_of_users(app) == before


def test_any_characters_make_a_password(visitor: Visitor) -> None:
    for number, value in enumerate(["\0" * 8, "p\0ssword", "\u202e" * 8, "\U0001f511" * 8]):
        email = f"mary{number}@example.com"
        visitor.register(username=f"mary{number}", email=email, password=value, repeat=value)
        assert visitor.log_in(email, value).location == "/", value
        visitor.log_out()


def test_a_log_in_with_no_email_address_is_told_so(visitor: Visitor) -> None:
    for email in ["", "ada", "ada\0@example.com", "a" * 300, "\u202e@example.com"]:
        page = visitor.log_in(email, "password")
        assert page.status_code == 200, email
        assert set(complaints(page.text)) == {"email"}, email


def test_a_hostile_password_is_a_wrong_one(visitor: Visitor) -> None:
    for password in ["\0", "x" * 129, "\U0001f511", "' OR 1=1 --"]:
        assert visitor.log_in(ADA, password).status_code in {200, 303}, password
        assert visitor.client.get("/members").status_code == 303, password


def test_a_hostile_api_key_is_a_wrong_one(visitor: Visitor) -> None:
    keys = [
        "",
        ".",
        "a.b",
        "\0.\0",
        "'.'",
        "é.é",
        "x" * 9000,
        "١٢٣.٤٥٦",
        "None.None",
        "..",
        "0" * 40,
    ]
    for key in keys:
        environ = {"HTTP_X_API_KEY": key.encode().decode("latin-1")}
        answer = visitor.client.get("/api/profile", environ_overrides=environ)
        assert answer.status_code == 401, key


def test_a_hostile_next_is_ignored(visitor: Visitor) -> None:
    visitor.log_in()
    for query in ["next=%00", "next=%ff", "next=" + "a" * 9000, "next=&next=/x"]:
        assert visitor.client.get(f"/auth/login?{query}").location == "/", query


@pytest.mark.parametrize("field", ["email", "username"])
def test_of_two_who_register_the_same_at_once_one_is_told(
    app: Flask, visitor: Visitor, database_url: str, field: str
) -> None:
    """The other one commits between the look at the table and the insert."""
    other = {"username": "other", "email": "other@example.com"}
    other[field] = {"username": "mary", "email": "mary@example.com"}[field]
    with app.app_context():
        other_engine = create_engine(db.engine.url)

    def someone_is_quicker(*_: object) -> None:
        with other_engine.begin() as connection:
            row = {**other, "password_hash": "-", "login_id": "-"}
            connection.execute(insert(User.__table__).values(**row))

    before = number_of_users(app)
    event.listen(Session, "before_flush", someone_is_quicker, once=True)
    page = visitor.register()
    other_engine.dispose()
    assert page.status_code == 200
    assert set(complaints(page.text)) == {field}
    assert number_of_users(app) == before + 1
