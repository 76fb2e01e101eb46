"""Whose place the session interface takes, and what others do with its sessions."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import pytest
from flask import (
    Flask,
    Response,
    copy_current_request_context,
    request,
    session,
    stream_with_context,
)
from flask.sessions import (
    NullSession,
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionInterface,
    SessionMixin,
)
from werkzeug.routing import BaseConverter

from flask_porter.login.cookie_session import (
    CookieSessionInterface,
    install_cookie_session,
    opened_session,
)
from flask_porter.login.unopened_session import UnopenedSession

from .session_site import answer, sign, site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.monkeypatch import MonkeyPatch
    from flask import Request


def test_flasks_own_interface_is_replaced() -> None:
    app = Flask(__name__)
    assert install_cookie_session(app)
    assert type(app.session_interface) is CookieSessionInterface


def test_it_is_installed_once() -> None:
    app = Flask(__name__)
    install_cookie_session(app)
    first = app.session_interface
    assert install_cookie_session(app)
    assert app.session_interface is first


def test_other_apps_keep_theirs() -> None:
    install_cookie_session(Flask(__name__))
    assert type(Flask(__name__).session_interface) is SecureCookieSessionInterface


def test_an_interface_that_somebody_has_changed_stays() -> None:
    class Subclass(SecureCookieSessionInterface):
        pass

    salted = SecureCookieSessionInterface()
    salted.salt = "another salt"
    wrapped = SecureCookieSessionInterface()
    wrapped.open_session = wrapped.open_session  # type: ignore[method-assign]
    for interface in Subclass(), SessionInterface(), salted, wrapped:
        app = Flask(__name__)
        app.session_interface = interface
        assert not install_cookie_session(app)
        assert app.session_interface is interface


@pytest.mark.parametrize("method", ["open_session", "save_session"])
def test_an_interface_that_is_instrumented_stays(method: str, monkeypatch: MonkeyPatch) -> None:
    original = getattr(SecureCookieSessionInterface, method)

    def instrumented(self: Any, *args: Any) -> Any:
        return original(self, *args)

    monkeypatch.setattr(SecureCookieSessionInterface, method, instrumented)
    assert not install_cookie_session(Flask(__name__))
    monkeypatch.setattr(SecureCookieSessionInterface, method, lambda *_: None)
    assert not install_cookie_session(Flask(__name__))


def test_an_interface_that_comes_later_is_in_force() -> None:
    class Kept(dict[str, Any], SessionMixin):
        pass

    class InMemory(SessionInterface):
        kept = Kept()

        def open_session(self, app: Flask, request: Request) -> SessionMixin:
            return self.kept

        def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
            pass

    app = site(True)
    app.session_interface = InMemory()
    with app.test_request_context():
        assert opened_session(request) is InMemory.kept
    app.test_client().get("/write")
    assert InMemory.kept == {"name": "Bea"}


def test_without_a_secret_key_writing_explains_itself() -> None:
    app = site(True, {"SECRET_KEY": None})
    with app.test_request_context():
        assert isinstance(session._get_current_object(), NullSession)  # type: ignore[attr-defined]
        assert "name" not in session
        assert opened_session(request) is not None
        with pytest.raises(RuntimeError, match="secret key"):
            session["name"] = "Ada"
    assert answer(app.test_client(), "/contains", "session=x")["body"] == "False"


def test_a_session_transaction_reads_and_writes() -> None:
    app = site(True)
    with app.test_client() as client:
        with client.session_transaction() as first:
            first["name"] = "Ada"
        with client.session_transaction() as second:
            assert type(second) is SecureCookieSession
            assert dict.items(second) == {"name": "Ada"}.items()
            assert OrderedDict(name="Ada") == second
            del second["name"]
        assert client.get_cookie("session") is None


def test_c_code_sees_the_content_of_a_session_that_was_touched() -> None:
    app = site(True)
    cookie = sign(app, {"name": "Ada"})
    with app.test_request_context(headers={"Cookie": f"session={cookie}"}):
        assert session.get("name") == "Ada"
        current = session._get_current_object()  # type: ignore[attr-defined]
        assert OrderedDict(name="Ada") == current
        assert dict.__len__(current) == 1
        assert json.dumps(current) == '{"name": "Ada"}'


def test_an_unopened_session_goes_through_a_stream() -> None:
    app = site(True)

    @app.get("/stream")
    def stream() -> Response:
        @stream_with_context
        def generate() -> Iterator[str]:
            yield "name: "
            yield session["name"]

        return Response(generate())  # type: ignore[call-arg]

    cookie = f"session={sign(app, {'name': 'Ada'})}"
    assert answer(app.test_client(use_cookies=False), "/stream", cookie)["body"] == "name: Ada"


def test_an_unopened_session_goes_to_a_thread() -> None:
    app = site(True)
    seen: list[str] = []

    @app.get("/thread")
    def start() -> str:
        @copy_current_request_context
        def work() -> None:
            seen.append(session["name"])

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        return "x"

    cookie = f"session={sign(app, {'name': 'Ada'})}"
    answer(app.test_client(use_cookies=False), "/thread", cookie)
    assert seen == ["Ada"]


def test_an_url_converter_may_read_the_session() -> None:
    app = site(True)

    class FromSession(BaseConverter):
        def to_python(self, value: str) -> str:
            return f"{value} {session['name']}"

    app.url_map.converters["from_session"] = FromSession
    app.add_url_rule("/hello/<from_session:name>", "hello", lambda name: name)
    cookie = f"session={sign(app, {'name': 'Ada'})}"
    got = answer(app.test_client(use_cookies=False), "/hello/Dr", cookie)
    assert got["body"] == "Dr Ada"


def test_an_unopened_session_is_neither_null_nor_another_kind() -> None:
    app = site(True)
    cookie = sign(app, {"name": "Ada"})
    with app.test_request_context(headers={"Cookie": f"session={cookie}"}):
        current = request.__dict__["flask_porter_session"]
        assert not app.session_interface.is_null_session(current)
        assert isinstance(current, SecureCookieSession)
        assert type(current) is UnopenedSession


def test_a_signed_session_that_is_no_mapping_is_empty() -> None:
    app = site(True)
    for data in ([1, 2], "text", 5, [["a", 1, 2]]):
        cookie = f"session={sign(app, data)}"
        client = app.test_client(use_cookies=False)
        assert answer(client, "/all", cookie)["body"] == "[]"
        assert answer(client, "/nothing", cookie)["status"] == 200
