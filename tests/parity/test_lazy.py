"""A request that ignores users pays nothing for them."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/plain", "/fresh", "/static/not-there.ico"])
def test_a_request_that_asks_for_no_user_loads_none(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    manager: Any,
    path: str,
    listen: Callable[..., Any],
) -> None:
    client.get("/login?id=1&remember")
    asked = []
    manager.user_loader(lambda stored_id: asked.append(stored_id))
    manager.request_loader(lambda request: asked.append(request))
    with listen(library.user_accessed) as heard:
        client.get(path)
    assert heard == []
    assert asked == []


def test_a_user_asked_for_twice_is_accessed_once(
    app: Flask, client: FlaskClient, library: ModuleType, listen: Callable[..., Any]
) -> None:
    client.get("/login?id=1")
    with listen(library.user_accessed) as heard:
        assert client.get("/who").text == "Ada"
    assert heard == [((app,), {})]


def test_a_user_asked_for_after_the_response_can_still_be_found(
    app: Flask, library: ModuleType, listen: Callable[..., Any]
) -> None:
    with app.test_client() as client, listen(library.user_accessed) as heard:
        assert client.get("/static/not-there.ico").status_code == 404
        assert heard == []
        assert library.current_user.is_anonymous
        assert len(heard) == 1


@pytest.mark.parametrize("path", ["/plain", "/static/not-there.ico", "/fresh"])
def test_an_untouched_session_stays_unmodified(app: Flask, library: ModuleType, path: str) -> None:
    during = []

    @app.after_request
    def look(response: Any) -> Any:
        during.append(session.modified)
        return response

    with app.test_client() as client:
        client.get("/login?id=1")
        during.clear()
        response = client.get(path)
        assert session.modified is False
        assert "Set-Cookie" not in response.headers
    assert during == [False]


def test_a_user_loaded_from_the_session_modifies_nothing(app: Flask, library: ModuleType) -> None:
    with app.test_client() as client:
        client.get("/login?id=1")
        response = client.get("/who")
        assert session.modified is False
        assert "Set-Cookie" not in response.headers
