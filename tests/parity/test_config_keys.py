"""Every configuration key: its default, and that it counts from the moment it is set."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.parity.member_site import seconds_between

ReadLine = Callable[..., str | None]

#: What to look for in the Set-Cookie line when the key stands at its default, and when set.
COOKIE_KEYS: list[tuple[str, object, str, str]] = [
    ("REMEMBER_COOKIE_DOMAIN", "localhost", "", "; Domain=localhost"),
    ("REMEMBER_COOKIE_PATH", "/app", "; Path=/", "; Path=/app"),
    ("REMEMBER_COOKIE_SECURE", True, "", "; Secure"),
    ("REMEMBER_COOKIE_SAMESITE", "Strict", "", "; SameSite=Strict"),
    ("REMEMBER_COOKIE_HTTPONLY", False, "; HttpOnly", ""),
]


@pytest.mark.parametrize(("key", "value", "default", "effect"), COOKIE_KEYS)
def test_cookie_keys_count_once_the_app_is_running(
    app: Flask,
    client: FlaskClient,
    remember_line: ReadLine,
    key: str,
    value: object,
    default: str,
    effect: str,
) -> None:
    before = remember_line(client.get("/login?id=1&remember")) or ""
    app.config[key] = value
    after = remember_line(client.get("/login?id=1&remember")) or ""
    assert key not in Flask("other").config
    if default:
        assert default in before
    if effect:
        assert effect not in before
        assert effect in after
    else:
        assert default not in after


@pytest.mark.parametrize(
    "key",
    ["REMEMBER_COOKIE_DOMAIN", "REMEMBER_COOKIE_SAMESITE"],
)
def test_none_means_the_same_as_no_key(
    app: Flask, client: FlaskClient, remember_line: ReadLine, key: str
) -> None:
    absent = remember_line(client.get("/login?id=1&remember")) or ""
    app.config[key] = None
    present = remember_line(client.get("/login?id=1&remember")) or ""
    assert without_expiry(absent) == without_expiry(present)


def without_expiry(line: str) -> list[str]:
    return [part for part in line.split("; ") if not part.startswith("Expires")]


def test_the_cookies_name_counts_for_reading_too(app: Flask, client: FlaskClient) -> None:
    app.config["REMEMBER_COOKIE_NAME"] = "one"
    client.get("/login?id=1&remember")
    assert client.get("/remembered").text == "True"
    app.config["REMEMBER_COOKIE_NAME"] = "two"
    assert client.get("/remembered").text == "False"
    client.delete_cookie("session")
    assert client.get("/who").text == "nobody"
    app.config["REMEMBER_COOKIE_NAME"] = "one"
    assert client.get("/who").text == "Ada"


@pytest.mark.parametrize("duration", [timedelta(hours=3), 10_800])
def test_the_duration_is_a_timedelta_or_whole_seconds(
    app: Flask, client: FlaskClient, duration: object
) -> None:
    client.get("/login?id=1&remember&seconds=86400")
    day = client.get_cookie("remember_token")
    client.get("/logout")
    app.config["REMEMBER_COOKIE_DURATION"] = duration
    client.get("/login?id=1&remember")
    three_hours = client.get_cookie("remember_token")
    assert seconds_between(three_hours, day) == pytest.approx(86_400 - 10_800, abs=10)


def test_use_session_for_next_can_be_switched_at_any_time(
    app: Flask, client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "login"
    assert client.get("/secret").location == "/login?next=%2Fsecret"
    app.config["USE_SESSION_FOR_NEXT"] = True
    assert client.get("/secret").location == "/login"
    app.config["USE_SESSION_FOR_NEXT"] = False
    assert client.get("/secret").location == "/login?next=%2Fsecret"


def test_force_host_can_be_set_at_any_time(
    app: Flask, client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "login"
    client.get("/secret")
    app.config["FORCE_HOST_FOR_REDIRECTS"] = "good.com"
    assert client.get("/secret").location == "//good.com/login?next=%2Fsecret"
    app.config["FORCE_HOST_FOR_REDIRECTS"] = ""
    assert client.get("/secret").location == "/login?next=%2Fsecret"


def test_session_protection_can_be_set_at_any_time(app: Flask, client: FlaskClient) -> None:
    other = {"User-Agent": "another browser"}
    client.get("/login?id=1")
    assert client.get("/who", headers=other).text == "Ada"
    app.config["SESSION_PROTECTION"] = "strong"
    assert client.get("/who", headers=other).text == "nobody"


def test_the_secret_key_signs_the_cookie_from_the_moment_it_is_set(
    app: Flask, library: ModuleType
) -> None:
    with app.app_context():
        old = library.encode_cookie("1")
        app.config["SECRET_KEY"] = "another"
        assert library.decode_cookie(old) is None
        assert library.encode_cookie("1") == library.encode_cookie("1", key="another")


def test_requests_write_nothing_into_the_config(app: Flask, client: FlaskClient) -> None:
    before = dict(app.config)
    for path in ("/login?id=1&remember", "/who", "/confirm", "/logout", "/plain"):
        client.get(path)
    assert dict(app.config) == before
