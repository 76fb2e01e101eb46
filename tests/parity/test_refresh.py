"""Asking for the password again: `needs_refresh` and `confirm_login`."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, Response, get_flashed_messages, session
from flask.testing import FlaskClient
from werkzeug.exceptions import Unauthorized


def test_one_signal_is_sent_first(
    app: Flask, library: ModuleType, manager: Any, listen: Callable[..., Any]
) -> None:
    with app.test_request_context("/stale"), listen(library.user_needs_refresh) as heard:
        with pytest.raises(Unauthorized):
            manager.needs_refresh()
        assert heard == [((app,), {})]
        manager.needs_refresh_handler(lambda: str(len(heard)))
        assert manager.needs_refresh() == "2"


def test_a_handlers_own_response_is_returned(app: Flask, library: ModuleType, manager: Any) -> None:
    answer = Response("again, please")
    manager.refresh_view = "/refresh"
    manager.needs_refresh_handler(lambda: answer)
    with app.test_request_context("/stale"):
        assert manager.needs_refresh() is answer
        assert get_flashed_messages() == []


def test_the_callback_may_be_assigned_directly(
    client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    manager.needs_refresh_callback = lambda: "assigned"
    assert client.get("/stale").text == "assigned"


def test_without_a_refresh_view_the_answer_is_401(
    client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "login"
    assert client.get("/stale").status_code == 401


def test_the_redirect_is_relative_and_names_the_page_wanted(
    client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    manager.refresh_view = "/refresh-view"
    response = client.get("/stale")
    assert response.status_code == 302
    assert response.location == "/refresh-view?next=%2Fstale"


def test_a_blueprints_login_view_is_not_a_refresh_view(
    client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    manager.blueprint_login_views = {None: "/login"}
    manager.refresh_view = "/refresh-view"
    assert client.get("/stale").location == "/refresh-view?next=%2Fstale"


def test_next_can_travel_in_the_session(app: Flask, library: ModuleType, manager: Any) -> None:
    app.config["USE_SESSION_FOR_NEXT"] = True
    manager.refresh_view = "/refresh-view"
    manager._session_identifier_generator = lambda: "this browser"
    with app.test_request_context("/stale?page=2"):
        response = manager.needs_refresh()
        assert response.status_code == 302
        assert response.location == "/refresh-view"
        assert session["next"] == "/stale?page=2"
        assert session["_id"] == "this browser"


def test_the_message_is_flashed_with_its_category(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    manager.refresh_view = "/refresh-view"
    with app.test_request_context("/stale"):
        manager.needs_refresh()
        assert get_flashed_messages(with_categories=True) == [
            ("message", "Please reauthenticate to access this page.")
        ]


def test_message_and_category_are_the_apps(app: Flask, library: ModuleType, manager: Any) -> None:
    manager.refresh_view = "/refresh-view"
    manager.needs_refresh_message = "It has been a while."
    manager.needs_refresh_message_category = "guard"
    with app.test_request_context("/stale"):
        manager.needs_refresh()
        assert get_flashed_messages(with_categories=True) == [("guard", "It has been a while.")]


@pytest.mark.parametrize("message", ["", None])
def test_no_message_means_no_flash(
    app: Flask, library: ModuleType, manager: Any, message: str | None
) -> None:
    manager.refresh_view = "/refresh-view"
    manager.needs_refresh_message = message
    with app.test_request_context("/stale"):
        manager.needs_refresh()
        assert get_flashed_messages() == []


def test_what_the_localize_callback_returns_is_flashed(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    manager.refresh_view = "/refresh-view"
    manager.localize_callback = str.upper
    with app.test_request_context("/stale"):
        manager.needs_refresh()
        assert get_flashed_messages() == ["PLEASE REAUTHENTICATE TO ACCESS THIS PAGE."]


def test_confirming_makes_a_remembered_login_fresh_and_leaves_it_remembered(
    client: FlaskClient,
) -> None:
    client.get("/login?id=1&remember")
    client.delete_cookie("session")
    assert client.get("/who").text == "Ada"
    assert client.get("/fresh").text == "False"
    assert client.get("/confirm").text == "None"
    assert client.get("/fresh").text == "True"
    assert client.get("/remembered").text == "True"


def test_confirming_binds_the_session_to_this_browser(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    manager._session_identifier_generator = lambda: "this browser"
    with app.test_request_context():
        library.confirm_login()
        assert dict(session) == {"_fresh": True, "_id": "this browser"}


def test_one_signal_tells_of_a_confirmation_even_by_nobody(
    app: Flask, library: ModuleType, listen: Callable[..., Any]
) -> None:
    with app.test_request_context(), listen(library.user_login_confirmed) as heard:
        library.confirm_login()
    assert heard == [((app,), {})]


def test_confirming_does_not_load_the_user(
    app: Flask, library: ModuleType, listen: Callable[..., Any]
) -> None:
    with app.test_request_context(), listen(library.user_accessed) as heard:
        library.confirm_login()
    assert heard == []
