"""Turning a stranger away: `LoginManager.unauthorized`, step by step."""

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
    manager.login_view = "/login"
    with app.test_request_context("/secret"), listen(library.user_unauthorized) as heard:
        manager.unauthorized()
    assert heard == [((app,), {})]


def test_the_signal_is_sent_before_a_handler_and_before_a_401(
    app: Flask, library: ModuleType, manager: Any, listen: Callable[..., Any]
) -> None:
    with app.test_request_context("/secret"), listen(library.user_unauthorized) as heard:
        with pytest.raises(Unauthorized):
            manager.unauthorized()
        manager.unauthorized_handler(lambda: str(len(heard)))
        assert manager.unauthorized() == "2"


def test_the_login_message_is_flashed_with_its_category(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "/login"
    with app.test_request_context("/secret"):
        manager.unauthorized()
        assert get_flashed_messages(with_categories=True) == [
            ("message", "Please log in to access this page.")
        ]


def test_message_and_category_are_the_apps(app: Flask, library: ModuleType, manager: Any) -> None:
    manager.login_view = "/login"
    manager.login_message = "Who goes there?"
    manager.login_message_category = "guard"
    with app.test_request_context("/secret"):
        manager.unauthorized()
        assert get_flashed_messages(with_categories=True) == [("guard", "Who goes there?")]


@pytest.mark.parametrize("message", ["", None])
def test_no_message_means_no_flash(
    app: Flask, library: ModuleType, manager: Any, message: str | None
) -> None:
    manager.login_view = "/login"
    manager.login_message = message
    with app.test_request_context("/secret"):
        manager.unauthorized()
        assert get_flashed_messages() == []


def test_what_the_localize_callback_returns_is_flashed(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "/login"
    manager.localize_callback = str.upper
    with app.test_request_context("/secret"):
        manager.unauthorized()
        assert get_flashed_messages() == ["PLEASE LOG IN TO ACCESS THIS PAGE."]


def test_a_handlers_own_response_is_returned(app: Flask, library: ModuleType, manager: Any) -> None:
    answer = Response("teapot", status=418)
    manager.login_view = "/login"
    manager.unauthorized_handler(lambda: answer)
    with app.test_request_context("/secret"):
        assert manager.unauthorized() is answer
        assert get_flashed_messages() == []


def test_a_handlers_answer_reaches_the_client(
    app: Flask, library: ModuleType, manager: Any, client: FlaskClient
) -> None:
    manager.unauthorized_handler(lambda: ("not you", 403))
    response = client.get("/secret")
    assert (response.status_code, response.text) == (403, "not you")


@pytest.mark.parametrize("view", [None, ""])
def test_without_a_login_view_the_answer_is_401(
    client: FlaskClient, library: ModuleType, manager: Any, view: str | None
) -> None:
    manager.login_view = view
    assert client.get("/secret").status_code == 401


def test_without_a_login_view_nothing_is_flashed(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    with app.test_request_context("/secret"):
        with pytest.raises(Unauthorized):
            manager.unauthorized()
        assert get_flashed_messages() == []


@pytest.mark.parametrize("view", ["login", "/login"])
def test_the_redirect_is_relative_and_names_the_page_wanted(
    client: FlaskClient, library: ModuleType, manager: Any, view: str
) -> None:
    manager.login_view = view
    response = client.get("/secret")
    assert response.status_code == 302
    assert response.location == "/login?next=%2Fsecret"


def test_the_query_of_the_page_wanted_goes_along(
    client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "login"
    location = client.get("/secret?page=2&order=name").location
    assert location == "/login?next=%2Fsecret%3Fpage%3D2%26order%3Dname"


def test_a_login_view_on_another_host_gets_the_whole_url(
    client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "https://accounts.example/login"
    location = client.get("/secret").location
    assert location == "https://accounts.example/login?next=http%3A%2F%2Flocalhost%2Fsecret"


def test_next_can_travel_in_the_session(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    manager: Any,
    session_of: Callable[..., dict[str, Any]],
) -> None:
    app.config["USE_SESSION_FOR_NEXT"] = True
    manager.login_view = "login"
    response = client.get("/secret?page=2")
    assert response.status_code == 302
    assert response.location == "/login"
    assert session_of(client)["next"] == "/secret?page=2"


def test_next_in_the_session_keeps_the_identifier_beside_it(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    app.config["USE_SESSION_FOR_NEXT"] = True
    manager.login_view = "/login"
    manager._session_identifier_generator = lambda: "this browser"
    with app.test_request_context("/secret"):
        manager.unauthorized()
        assert session["_id"] == "this browser"


def test_in_strong_mode_the_login_view_may_ask_for_the_user_and_next_stays(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    manager: Any,
    session_of: Callable[..., dict[str, Any]],
) -> None:
    app.config.update(USE_SESSION_FOR_NEXT=True, SESSION_PROTECTION="strong")
    manager.login_view = "who"
    assert client.get("/secret", follow_redirects=True).text == "nobody"
    assert session_of(client)["next"] == "/secret"


def test_it_does_not_ask_who_the_user_is(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    manager: Any,
    listen: Callable[..., Any],
) -> None:
    manager.login_view = "login"
    client.get("/login?id=1")
    with listen(library.user_accessed) as heard:
        assert client.get("/secret").status_code == 302
    assert heard == []


def test_the_callback_may_be_assigned_directly(
    client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    """Flask-Security does so."""
    manager.unauthorized_callback = lambda: "assigned"
    assert client.get("/secret").text == "assigned"


def test_a_forced_host_leads_every_redirect_with_next(
    app: Flask, client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    app.config["FORCE_HOST_FOR_REDIRECTS"] = "good.com"
    manager.login_view = "login"
    evil = client.get("/secret", headers={"Host": "evil.com"})
    assert evil.location == "//good.com/login?next=%2Fsecret"


def test_without_a_forced_host_the_redirect_stays_relative(
    client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "login"
    response = client.get("/secret", headers={"Host": "evil.com"})
    assert response.location == "/login?next=%2Fsecret"
