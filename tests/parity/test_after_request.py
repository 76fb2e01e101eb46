"""The last step of a request: set, renew or clear the remember cookie, or do nothing."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, Response, session
from flask.testing import FlaskClient

ReadLine = Callable[..., str | None]


def test_it_returns_the_response_it_was_given(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    response = Response()
    with app.test_request_context():
        assert manager._update_remember_cookie(response) is response


def test_without_an_order_nothing_is_sent(client: FlaskClient, remember_line: ReadLine) -> None:
    client.get("/login?id=1&remember")
    for path in ("/who", "/plain", "/fresh", "/confirm"):
        assert remember_line(client.get(path)) is None


def test_an_order_to_clear_deletes_the_cookie_even_if_none_came_in(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    response = Response()
    with app.test_request_context():
        session["_remember"] = "clear"
        manager._update_remember_cookie(response)
        assert "_remember" not in session
    assert response.headers["Set-Cookie"].startswith("remember_token=;")


def test_an_order_to_set_issues_the_cookie(app: Flask, library: ModuleType, manager: Any) -> None:
    response = Response()
    with app.test_request_context():
        session.update(_remember="set", _user_id=1)
        manager._update_remember_cookie(response)
        assert "_remember" not in session
    assert response.headers["Set-Cookie"].startswith("remember_token=1|")


def test_it_calls_the_managers_own_methods(app: Flask, library: ModuleType) -> None:
    """So that a subclass can have its say."""
    said = []

    def say(what: str) -> Callable[..., None]:
        return lambda self, response: said.append(what)

    subclass = type(
        "Manager",
        (library.LoginManager,),
        {"_set_cookie": say("set"), "_clear_cookie": say("clear")},
    )
    manager = subclass(app)
    with app.test_request_context():
        session.update(_remember="set", _user_id=1)
        manager._update_remember_cookie(Response())
        session["_remember"] = "clear"
        manager._update_remember_cookie(Response())
    assert said == ["set", "clear"]


@pytest.mark.parametrize("status", [404, 500])
def test_error_pages_carry_the_order_too(
    app: Flask, client: FlaskClient, library: ModuleType, remember_line: ReadLine, status: int
) -> None:
    @app.get("/fail")
    def fail() -> Any:
        library.logout_user()
        return "no", status

    client.get("/login?id=1&remember")
    line = remember_line(client.get("/fail"))
    assert line is not None
    assert line.startswith("remember_token=;")


@pytest.mark.ours_only("0.6.3 refreshes, and so remembers, every session")
def test_refreshing_renews_only_a_cookie_that_came_in(
    app: Flask, client: FlaskClient, remember_line: ReadLine
) -> None:
    app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = True
    client.get("/login?id=1")
    assert remember_line(client.get("/who")) is None
    client.get("/login?id=1&remember")
    assert remember_line(client.get("/who")) is not None


def test_refreshing_does_not_undo_a_logout(
    app: Flask, client: FlaskClient, remember_line: ReadLine
) -> None:
    app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = True
    client.get("/login?id=1&remember")
    client.get("/logout")
    assert client.get_cookie("remember_token") is None
    assert remember_line(client.get("/who")) is None


def test_refreshing_sends_nothing_when_nobody_is_in_the_session(
    app: Flask, client: FlaskClient, library: ModuleType, remember_line: ReadLine
) -> None:
    app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = True
    client.set_cookie("remember_token", library.encode_cookie("1", key="deterministic"))
    assert remember_line(client.get("/plain")) is None
