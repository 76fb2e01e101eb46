"""Where an app puts something of its own in the place of Flask's, Flask's code runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import (
    Flask,
    request,
    session,
)
from flask.json.provider import DefaultJSONProvider
from flask.json.tag import JSONTag, TaggedJSONSerializer
from flask.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
)
from itsdangerous import base64_decode

from flask_porter.login.cookie_session import (
    CookieSessionInterface,
    opened_session,
)

from .session_site import answer, both, name_under, sign, site

if TYPE_CHECKING:
    from _pytest.monkeypatch import MonkeyPatch


def test_a_session_class_of_the_app_is_used_at_once() -> None:
    class Own(SecureCookieSession):
        pass

    class Interface(CookieSessionInterface):
        session_class = Own

    app = site(True)
    app.session_interface = Interface()
    cookie = sign(app, {"name": "Ada"})
    with app.test_request_context(headers={"Cookie": f"session={cookie}"}):
        found = opened_session(request)
        assert type(found) is Own
        assert dict(found) == {"name": "Ada"}


class ReversingSerializer:
    """Writes and reads JSON from back to front."""

    def dumps(self, value: Any) -> str:
        return json.dumps(value)[::-1]

    def loads(self, value: str) -> Any:
        return json.loads(value[::-1])


class UpperProvider(DefaultJSONProvider):
    """Reads JSON in capital letters, so that it shows."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return super().loads(s.upper(), **kwargs)


def test_a_serializer_of_the_app_is_used() -> None:
    class Interface(CookieSessionInterface):
        serializer = ReversingSerializer()  # type: ignore[assignment]

    app = site(True)
    app.session_interface = Interface()
    client = app.test_client()
    client.get("/write")
    assert client.get("/item").text == "'Bea'"


def test_a_serializer_or_class_that_comes_later_is_used_at_once() -> None:
    class Own(SecureCookieSession):
        pass

    app = site(True)
    interface: Any = app.session_interface
    client = app.test_client()
    client.get("/write")
    interface.session_class = Own
    with client:
        client.get("/item")
        assert type(opened_session(request)) is Own
    del interface.session_class
    interface.serializer = ReversingSerializer()
    client.delete_cookie("session")
    client.get("/write")
    assert client.get("/item").text == "'Bea'"
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert base64_decode(cookie.value.split(".")[0]) == b'{"name": "Bea"}'[::-1]


def test_a_json_provider_of_the_app_reads_the_session_as_under_flask() -> None:
    for app in both():
        cookie = sign(app, {"name": "ada"})
        app.json = UpperProvider(app)
        with app.test_request_context(headers={"Cookie": f"session={cookie}"}):
            assert dict(session) == {"NAME": "ADA"}


def test_a_rule_of_the_app_for_setting_the_cookie_is_asked() -> None:
    class Always(CookieSessionInterface):
        def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
            return True

    app = site(True)
    cookie = f"session={sign(app, {'name': 'Ada'})}"
    app.session_interface = Always()
    got = answer(app.test_client(use_cookies=False), "/nothing", cookie)
    assert "Set-Cookie" in dict(got["headers"])


def test_a_signing_serializer_of_the_app_is_asked_each_time() -> None:
    class Changing(CookieSessionInterface):
        key = "first"

        def get_signing_serializer(self, app: Flask) -> Any:
            other = Flask(__name__)
            other.secret_key = self.key
            return SecureCookieSessionInterface().get_signing_serializer(other)

    app = site(True)
    interface = app.session_interface = Changing()
    for key in "first", "second":
        interface.key = key
        assert name_under(app, sign(site(False, {"SECRET_KEY": key}), {"name": "Ada"})) == "Ada"
        assert name_under(app, sign(app, {"name": "Ada"})) is None


def test_a_method_that_is_replaced_on_the_interface_is_used(monkeypatch: MonkeyPatch) -> None:
    app = site(True)
    cookie = sign(app, {"name": "Ada"})
    assert name_under(app, cookie) == "Ada"
    other = Flask(__name__)
    other.secret_key = "another"
    make = SecureCookieSessionInterface().get_signing_serializer
    monkeypatch.setattr(app.session_interface, "get_signing_serializer", lambda _: make(other))
    assert name_under(app, cookie) is None
    monkeypatch.undo()
    assert name_under(app, cookie) == "Ada"


def test_a_tag_of_the_app_is_read(monkeypatch: MonkeyPatch) -> None:
    class ComplexTag(JSONTag):
        __slots__ = ()
        key = " c"

        def check(self, value: object) -> bool:
            return isinstance(value, complex)

        def to_json(self, value: complex) -> Any:
            return [value.real, value.imag]

        def to_python(self, value: Any) -> complex:
            return complex(*value)

    class Interface(CookieSessionInterface):
        serializer = TaggedJSONSerializer()

    app = site(True)
    app.session_interface = Interface()
    Interface.serializer.register(ComplexTag)
    with app.test_client() as client:
        with client.session_transaction() as written:
            written["name"] = 1 + 2j
        assert client.get("/item").text == "(1+2j)"
