"""Users known by the request itself: a manager with a request loader alone."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient


@pytest.fixture
def manager(library: ModuleType, members: dict[str, Any]) -> Any:
    manager = library.LoginManager()
    manager.request_loader(lambda request: members.get(request.args.get("key", "")))
    return manager


@pytest.fixture
def client(app: Flask, library: ModuleType) -> FlaskClient:
    @app.get("/guarded")
    @library.login_required  # type: ignore[untyped-decorator]
    def guarded() -> str:
        return str(library.current_user.name)

    return app.test_client()


def test_there_is_no_user_loader(manager: Any, library: ModuleType) -> None:
    assert manager._user_callback is None
    assert manager.user_callback is None


def test_a_visitor_without_a_key_is_anonymous(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    with app.test_request_context():
        assert library.current_user.is_anonymous
    assert client.get("/who").text == "nobody"
    assert client.get("/guarded").status_code == 401


def test_the_key_decides_on_each_request(client: FlaskClient) -> None:
    assert client.get("/guarded?key=1").text == "Ada"
    assert client.get("/guarded?key=2").text == "Grace"
    assert client.get("/guarded").status_code == 401


def test_the_key_beats_who_logged_in(client: FlaskClient) -> None:
    client.get("/login?id=1")
    assert client.get("/who?key=2").text == "Grace"


def test_an_unknown_key_is_refused_even_when_somebody_logged_in(client: FlaskClient) -> None:
    client.get("/login?id=1")
    assert client.get("/guarded?key=9").status_code == 401


def test_the_stored_id_alone_lets_nobody_in(client: FlaskClient) -> None:
    client.get("/login?id=1")
    assert client.get("/guarded").status_code == 401


def test_one_signal_tells_who_the_request_named(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    members: dict[str, Any],
    listen: Callable[..., Any],
) -> None:
    with listen(library.user_loaded_from_request) as heard:
        client.get("/who?key=1")
        client.get("/who?key=9")
    assert heard == [((app,), {"user": members["1"]})]


def test_a_request_login_leaves_no_session_behind(app: Flask, library: ModuleType) -> None:
    with app.test_client() as client:
        response = client.get("/who?key=1")
        assert response.text == "Ada"
        assert "Set-Cookie" not in response.headers
        assert not session
        assert session.modified is False


def test_a_remember_cookie_names_nobody_without_a_user_loader(client: FlaskClient) -> None:
    client.get("/login?id=1&remember")
    client.delete_cookie("session")
    assert client.get("/who").text == "nobody"
