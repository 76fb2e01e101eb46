"""A session that nobody touches is not opened, and one can ask whether anybody has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flask import (
    Response,
    render_template_string,
    request,
    session,
)

from flask_porter.login.cookie_session import (
    opened_session,
)
from flask_porter.login.key_ring import KeyRing, Signed

from .session_site import answer, both, name_under, sign, site

if TYPE_CHECKING:
    from _pytest.monkeypatch import MonkeyPatch


@pytest.fixture
def opened(monkeypatch: MonkeyPatch) -> list[bytes]:
    """Return the texts that were read, as they come."""
    texts: list[bytes] = []
    read = KeyRing.data

    def noted(self: KeyRing, signed: Signed) -> Any:
        texts.append(signed.text)
        return read(self, signed)

    monkeypatch.setattr(KeyRing, "data", noted)
    return texts


@pytest.mark.parametrize("data", [{"name": "Ada"}, {"name": "Ada", "long": "x" * 300}])
def test_a_session_that_nobody_touches_is_not_opened(
    data: dict[str, Any], opened: list[bytes]
) -> None:
    app = site(True)
    cookie = sign(app, data)
    client = app.test_client(use_cookies=False)
    got = answer(client, "/nothing", f"session={cookie}")
    assert opened == []
    assert {"Vary", "Set-Cookie"}.isdisjoint(dict(got["headers"]))
    answer(client, "/item", f"session={cookie}")
    assert len(opened) == 1


def test_without_refresh_not_even_the_signature_is_looked_at(monkeypatch: MonkeyPatch) -> None:
    app = site(True, {"SESSION_REFRESH_EACH_REQUEST": False})
    cookie = sign(app, {"name": "Ada", "_permanent": True})
    monkeypatch.setattr(KeyRing, "signed", lambda *_: pytest.fail("looked"))
    got = answer(app.test_client(use_cookies=False), "/nothing", f"session={cookie}")
    assert got["status"] == 200


def test_a_template_that_does_not_name_the_session_does_not_open_it(opened: list[bytes]) -> None:
    app = site(True)
    app.add_url_rule("/page", "page", lambda: render_template_string("{{ request.path }}"))
    app.add_url_rule("/name", "name", lambda: render_template_string("{{ session.name }}"))
    cookie = f"session={sign(app, {'name': 'Ada'})}"
    client = app.test_client(use_cookies=False)
    assert answer(client, "/page", cookie)["body"] == "/page"
    assert opened == []
    assert answer(client, "/name", cookie)["body"] == "Ada"
    assert len(opened) == 1


def test_keys_are_derived_once(monkeypatch: MonkeyPatch) -> None:
    app = site(True)
    cookie = sign(app, {"name": "Ada"})
    made: list[int] = []
    make = KeyRing.__init__

    def noted(self: KeyRing, serializer: Any) -> None:
        made.append(1)
        make(self, serializer)

    monkeypatch.setattr(KeyRing, "__init__", noted)
    for _ in range(5):
        assert name_under(app, cookie) == "Ada"
    assert len(made) == 1


def test_a_session_is_there_once_it_is_touched() -> None:
    app = site(True)
    cookie = sign(app, {"name": "Ada", "_remember": "set"})
    with app.test_request_context(headers={"Cookie": f"session={cookie}"}):
        assert opened_session(request) is None
        assert session["name"] == "Ada"
        found = opened_session(request)
        assert found is session._get_current_object()  # type: ignore[attr-defined]
        assert found is not None
        assert "_remember" in found


def test_to_ask_leaves_no_trace() -> None:
    for app in both():

        @app.after_request
        def ask(response: Response) -> Response:
            found = opened_session(request)
            response.headers["X-Found"] = str(found is not None and "_remember" in found)
            return response

        client = app.test_client(use_cookies=False)
        for cookie in None, f"session={sign(app, {'name': 'Ada'})}":
            headers = dict(answer(client, "/nothing", cookie)["headers"])
            assert headers["X-Found"] == "False"
            assert "Vary" not in headers


def test_what_somebody_has_written_is_found() -> None:
    for app in both():

        @app.get("/order")
        def order() -> str:
            session["_remember"] = "set"
            return str("_remember" in (opened_session(request) or ()))

        client = app.test_client()
        assert client.get("/order").text == "True"
        assert client.get("/order").text == "True"


def test_without_a_cookie_the_session_is_there() -> None:
    app = site(True)
    with app.test_request_context():
        assert opened_session(request) is session._get_current_object()  # type: ignore[attr-defined]


def test_an_app_inside_an_app_does_not_hide_the_session() -> None:
    inner, outer = site(True), site(True)

    @outer.get("/outer")
    def call_inner() -> str:
        session["_remember"] = "set"
        inner.test_client().get("/nothing", environ_base=request.environ)
        b"".join(inner.wsgi_app({**request.environ, "PATH_INFO": "/nothing"}, lambda *_: print))
        return str("_remember" in (opened_session(request) or ()))

    assert outer.test_client().get("/outer").text == "True"
