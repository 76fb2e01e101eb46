"""Flask's session interface and ours read each other's cookies, under every key and setting."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

import pytest
from flask import (
    Flask,
    session,
)
from flask.sessions import (
    SecureCookieSessionInterface,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_porter.login.cookie_session import (
    CookieSessionInterface,
)

from .session_site import KEY, SLICE, answer, both, name_under, sign, site

if TYPE_CHECKING:
    pass


@settings(SLICE, max_examples=25)
@given(
    data=st.dictionaries(st.text(max_size=8), st.text(max_size=99) | st.binary(), max_size=4),
    key=st.text(min_size=1, max_size=40),
    fallback=st.none() | st.text(min_size=1, max_size=40),
)
def test_each_reads_what_the_other_has_written(
    data: dict[str, Any], key: str, fallback: str | None
) -> None:
    config = {"SECRET_KEY": key, "SECRET_KEY_FALLBACKS": [fallback] if fallback else None}
    for writer, reader in (both(config), both(config)[::-1]):
        with writer.test_client() as client:
            with client.session_transaction() as written:
                written.update(data)
            cookie = client.get_cookie("session")
            if cookie is None:
                assert not data
                continue
        with reader.test_request_context(headers={"Cookie": f"session={cookie.value}"}):
            assert dict(session) == data


def test_a_key_that_is_now_a_fallback_still_opens_what_it_signed() -> None:
    for app in both({"SECRET_KEY_FALLBACKS": ["the key of yesterday"]}):
        app.secret_key = "the key of yesterday"
        old = sign(app, {"name": "Ada"})
        app.secret_key = KEY
        expected = (
            "Ada" if hasattr(SecureCookieSessionInterface, "get_cookie_partitioned") else None
        )
        assert name_under(app, old) == expected
        app.config["SECRET_KEY_FALLBACKS"] = None
        assert name_under(app, old) is None


def test_a_new_secret_key_counts_at_once() -> None:
    app = site(True)
    first = sign(app, {"name": "Ada"})
    assert name_under(app, first) == "Ada"
    app.secret_key = "another"
    assert name_under(app, first) is None
    second = sign(app, {"name": "Bea"})
    assert name_under(app, second) == "Bea"
    app.secret_key = KEY
    assert name_under(app, first) == "Ada"
    assert name_under(app, second) is None


def test_a_fallback_that_is_added_in_place_counts_at_once() -> None:
    fallbacks: list[str] = []
    app = site(True, {"SECRET_KEY_FALLBACKS": fallbacks})
    now = sign(app, {"name": "Ada"})
    app.secret_key = "another"
    assert name_under(app, now) is None
    fallbacks.append(KEY)
    theirs = site(False, app.config)
    assert name_under(app, now) == name_under(theirs, now)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("salt", "another salt"),
        ("key_derivation", "concat"),
        ("key_derivation", "django-concat"),
        ("key_derivation", "none"),
        ("digest_method", staticmethod(hashlib.sha512)),
        ("digest_method", staticmethod(lambda data=b"": hashlib.sha256(data))),
    ],
)
def test_the_settings_of_a_subclass_are_those_of_flasks(setting: str, value: Any) -> None:
    theirs, ours = site(False), site(True)
    theirs.session_interface = type("Theirs", (SecureCookieSessionInterface,), {setting: value})()
    ours.session_interface = type("Ours", (CookieSessionInterface,), {setting: value})()
    for writer, reader in ((theirs, ours), (ours, theirs)):
        client = writer.test_client()
        client.get("/update")
        cookie = client.get_cookie("session")
        assert cookie is not None
        assert name_under(reader, cookie.value) == "Bea"
        assert name_under(site(True), cookie.value) is None


@pytest.mark.parametrize(
    ("setting", "value"),
    [("salt", "another"), ("key_derivation", "none"), ("digest_method", hashlib.sha512)],
)
def test_a_setting_that_is_changed_on_the_interface_counts_at_once(
    setting: str, value: Any
) -> None:
    app = site(True)
    cookie = sign(app, {"name": "Ada"})
    assert name_under(app, cookie) == "Ada"
    setattr(app.session_interface, setting, value)
    assert name_under(app, cookie) is None


def test_the_signing_serializer_is_that_of_flask() -> None:
    app = site(True)
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert serializer.loads(sign(app, {"name": "Ada"})) == {"name": "Ada"}
    assert name_under(app, serializer.dumps({"name": "Bea"})) == "Bea"


def test_one_interface_may_serve_several_apps() -> None:
    one, other = site(True), site(True, {"SECRET_KEY": "another"})
    other.session_interface = one.session_interface
    for _ in range(2):
        assert name_under(one, sign(one, {"name": "Ada"})) == "Ada"
        assert name_under(other, sign(other, {"name": "Bea"})) == "Bea"
        assert name_under(other, sign(one, {"name": "Ada"})) is None


def test_threads_that_change_keys_see_their_own() -> None:
    one, other = site(True), site(True, {"SECRET_KEY": "another"})
    other.session_interface = one.session_interface
    wrong: list[str | None] = []

    def ask(app: Flask, name: str) -> None:
        cookie = sign(app, {"name": name})
        found = [name_under(app, cookie) for _ in range(100)]
        wrong.extend(other for other in found if other != name)

    threads = [
        threading.Thread(target=ask, args=(app, name))
        for app, name in ((one, "Ada"), (other, "Bea"), (one, "Cleo"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_one_request_changes_the_next_does_not_see() -> None:
    app = site(True)
    for data in {"name": "Ada"}, {"name": "Ada", "list": [1]}:
        cookie = f"session={sign(app, data)}"
        client = app.test_client(use_cookies=False)
        before = answer(client, "/all", cookie)
        for path in "/write", "/append", "/pop", "/clear", "/all":
            answer(client, path, cookie)
        assert answer(client, "/all", cookie) == before
