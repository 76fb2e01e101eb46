"""Logging out: what `logout_user` promises."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient


def test_the_user_is_anonymous_right_after(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        library.login_user(members["1"])
        assert library.logout_user() is True
        assert library.current_user.is_anonymous


def test_a_logout_lasts(client: FlaskClient) -> None:
    client.get("/login?id=1")
    assert client.get("/logout").text == "True"
    assert client.get("/who").text == "nobody"


def test_the_signal_names_the_former_user(
    app: Flask, library: ModuleType, members: dict[str, Any], listen: Callable[..., Any]
) -> None:
    with app.test_request_context():
        library.login_user(members["1"])
        with listen(library.user_logged_out) as heard:
            library.logout_user()
    assert heard == [((app,), {"user": members["1"]})]


def test_during_the_signal_the_user_is_current_and_the_session_clean(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    seen = []

    def look(sender: Flask, user: Any) -> None:
        seen.append((library.current_user.name, "_user_id" in session))

    with app.test_request_context(), library.user_logged_out.connected_to(look):
        library.login_user(members["1"])
        library.logout_user()
    assert seen == [("Ada", False)]


def test_a_logout_works_when_the_id_was_taken_out_by_hand(
    app: Flask, library: ModuleType, members: dict[str, Any], listen: Callable[..., Any]
) -> None:
    with app.test_request_context():
        library.login_user(members["1"])
        del session["_user_id"]
        with listen(library.user_logged_out) as heard:
            assert library.logout_user() is True
    assert heard == [((app,), {"user": members["1"]})]


def test_an_anonymous_visitor_may_log_out(
    app: Flask, library: ModuleType, listen: Callable[..., Any]
) -> None:
    with app.test_request_context():
        with listen(library.user_logged_out) as heard:
            assert library.logout_user() is True
        ((args, kwargs),) = heard
        assert args == (app,)
        assert kwargs["user"].is_anonymous


def test_the_three_login_keys_go_and_all_others_stay(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        session.update(basket="pear", next="/there")
        library.login_user(members["1"])
        library.logout_user()
        assert dict(session) == {"basket": "pear", "next": "/there"}


def test_the_user_is_loaded_before_the_logout(
    app: Flask, client: FlaskClient, library: ModuleType, listen: Callable[..., Any]
) -> None:
    client.get("/login?id=1")
    with listen(library.user_logged_out) as heard:
        client.get("/logout")
    ((_, kwargs),) = heard
    assert kwargs["user"].name == "Ada"


@pytest.mark.parametrize("login", ["/login?id=1&remember", "/login?id=1&remember&seconds=3600"])
def test_a_remembered_user_stays_logged_out(client: FlaskClient, login: str) -> None:
    client.get(login)
    client.get("/logout")
    assert client.get_cookie("remember_token") is None
    assert client.get("/who").text == "nobody"
    client.delete_cookie("session")
    assert client.get("/who").text == "nobody"


def test_the_custom_duration_ends_with_the_remembered_login(
    client: FlaskClient, session_of: Callable[..., dict[str, Any]]
) -> None:
    client.get("/login?id=1&remember&seconds=3600")
    client.get("/logout")
    assert session_of(client) == {}


def test_without_a_remember_cookie_no_clearing_is_asked_for(
    client: FlaskClient, remember_line: Callable[..., str | None]
) -> None:
    client.get("/login?id=1")
    assert remember_line(client.get("/logout")) is None
