"""Tests of the example `roles`: what cannot be right is refused in words, never with a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples.night_desk import ADA, Reader, night_desk, password_of

TAKES_JSON = [
    ("POST", "/session"),
    ("POST", "/session/proof"),
    ("PUT", "/account/password"),
]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = tmp_path_factory.mktemp("night_desk")
    with night_desk(folder) as app:
        yield app


@pytest.fixture
def reader(app: Flask) -> Reader:
    reader = Reader(app)
    reader.log_in()
    return reader


@pytest.mark.parametrize(("method", "path"), TAKES_JSON)
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"email=ada&password=x", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 9000, "application/json", 400),
        (b'{"a":' * 2500, "application/json", 400),
        (b"9" * 9000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"{}", "application/json", 422),
        (b'{"password": null, "email": 7}', "application/json", 422),
        (b'{"password": ["x"], "email": {}}', "application/json", 422),
        (b'{"password": "\\ud800", "repeat": "x", "email": "\\udfff"}', "application/json", 422),
        (b'{"password": "' + b"x" * 257 + b'"}', "application/json", 422),
        (b" " * 20_000 + b"{}", "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_right_is_refused(
    reader: Reader, method: str, path: str, body: bytes, content_type: str, status: int
) -> None:
    headers = {"X-CSRFToken": reader.token(), "Accept": "application/json"}
    answer = reader.client.open(
        path, method=method, data=body, content_type=content_type, headers=headers
    )
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["message"]
    assert reader.status("/newsroom") == 200


def test_each_field_is_told_what_is_wrong_with_it(reader: Reader) -> None:
    answer = reader.send("POST", "/session", {"email": " ", "password": "x" * 257})
    assert answer.status_code == 422
    assert answer.json == {
        "error": "Unprocessable Entity",
        "message": "Please check what you typed.",
        "fields": {"email": "Fill this in.", "password": "This has more than 256 characters."},
    }


@pytest.mark.parametrize(
    ("password", "repeat", "fields"),
    [
        ("short", "short", {"password": "A password has at least 8 characters."}),
        ("long enough", "lung enough", {"repeat": "The two passwords differ."}),
        ("", "", {"password": "Fill this in.", "repeat": "Fill this in."}),
    ],
)
def test_a_new_password_is_refused_beside_its_field(
    reader: Reader, password: str, repeat: str, fields: dict[str, str]
) -> None:
    answer = reader.send("PUT", "/account/password", {"password": password, "repeat": repeat})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["fields"] == fields


def test_any_printable_or_unprintable_text_can_be_a_password(app: Flask) -> None:
    old = password_of(app, ADA)
    for new in ["\0" * 8, "\u202e" * 8, "\U0001f511" * 8, "é" * 256, old]:
        reader = Reader(app)
        reader.log_in(ADA, old)
        answer = reader.send("PUT", "/account/password", {"password": new, "repeat": new})
        assert answer.status_code == 200, new
        reader.send("DELETE", "/session")
        assert reader.log_in(ADA, new).status_code == 200, new
        old = new


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sent=ANY_JSON, field=ANY_JSON)
def test_no_json_makes_a_server_error(app: Flask, sent: object, field: object) -> None:
    reader = Reader(app)
    known = {"email": field, "password": field, "repeat": field, "next": field}
    for method, path in TAKES_JSON:
        for body in (sent, known):
            assert reader.send(method, path, body).status_code < 500


@pytest.mark.parametrize("value", ["\0.\0", "é.é", "١٢٣.٤٥٦", "'.'", "..", "\x7f", "\U0001f511"])
@pytest.mark.parametrize("header", ["HTTP_X_API_KEY", "HTTP_AUTHORIZATION"])
def test_a_hostile_key_is_a_wrong_one(app: Flask, header: str, value: str) -> None:
    scheme = "Bearer " if header == "HTTP_AUTHORIZATION" else ""
    environ = {header: (scheme + value).encode().decode("latin-1")}
    answer = app.test_client().get("/api/me", environ_overrides=environ)
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Bearer a=b", "Basic !", "Digest x", ",", "="]
)
def test_a_broken_authorization_header_is_no_key(app: Flask, value: str) -> None:
    answer = app.test_client().get("/api/me", headers={"Authorization": value})
    assert answer.status_code == 401


def test_a_wrong_method_or_address_is_told_to_people_and_to_scripts(reader: Reader) -> None:
    for path, method, status in [("/nowhere", "GET", 404), ("/newsroom", "PUT", 405)]:
        headers = {"X-CSRFToken": reader.token()}
        page = reader.client.open(path, method=method, headers=headers)
        assert (page.status_code, page.mimetype) == (status, "text/html")
        headers["Accept"] = "application/json"
        answer = reader.client.open(path, method=method, headers=headers)
        assert (answer.status_code, answer.mimetype) == (status, "application/json")


def test_a_hostile_address_is_unknown_to_postgres_too(tmp_path: Path, postgres_url: str) -> None:
    with night_desk(tmp_path, postgres_url) as app:
        reader = Reader(app)
        for email in ["ada\0@example.com", "\x01", "\u202e@example.com"]:
            assert reader.log_in(email, "wrong").status_code == 401, email
        assert reader.log_in().status_code == 200
