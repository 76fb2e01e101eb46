"""What a manager answers when asked for its user; `tests/typing` holds the types."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, redirect
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, Unauthorized

from flask_porter import LoginClient, LoginManager, UserMixin, current_user, logged_in_as
from tests.login.mended import OURS, Site, restart, shown, site
from tests.parity.member_site import Member


def greeting(manager: LoginManager[Member]) -> str:
    """Ask far below the view."""
    return f"Hello, {manager.require_user().name}"


@pytest.fixture
def house() -> Site:
    house = site(OURS)
    house.app.add_url_rule("/hello", "hello", lambda: greeting(house.manager))

    @house.app.get("/later")
    async def later() -> str:
        return greeting(house.manager)

    house.app.add_url_rule("/get", "get", lambda: repr(house.manager.get_user()))
    return house


def logged_in(house: Site) -> FlaskClient:
    return LoginClient(house.app, user=house.members["1"], remember=True)


def test_the_user_is_the_object_itself(house: Site) -> None:
    ada = house.members["1"]
    with logged_in_as(house.app, ada):
        assert house.manager.get_user() is ada
        assert house.manager.require_user() is ada
        assert house.manager.current_user == ada


def test_current_user_is_the_very_proxy_of_the_module(house: Site) -> None:
    assert house.manager.current_user is current_user


def test_a_manager_may_be_given_an_own_current_user(house: Site) -> None:
    house.manager.current_user = None
    assert house.manager.current_user is None
    assert LoginManager[Any]().current_user is current_user


@pytest.mark.parametrize("path", ["/hello", "/later"])
def test_whoever_is_logged_in_is_answered(house: Site, path: str) -> None:
    client = logged_in(house)
    assert shown(client, path) == "Hello, Ada"
    restart(client)
    assert shown(client, path) == "Hello, Ada"


@pytest.mark.parametrize("path", ["/hello", "/later"])
def test_nobody_gets_the_answer_of_unauthorized(house: Site, path: str) -> None:
    visitor = house.client()
    assert visitor.get(path).status_code == 401
    house.manager.login_view = "login"
    assert visitor.get(path).location == f"/login?next=%2F{path[1:]}"


@pytest.mark.parametrize(
    ("handler", "status", "text"),
    [
        (lambda: "Who are you?", 200, "Who are you?"),
        (lambda: ("Who are you?", 403, {"X-Why": "stranger"}), 403, "Who are you?"),
        (lambda: {"error": "stranger"}, 200, '{"error":"stranger"}\n'),
        (lambda: redirect("/front", 303), 303, None),
    ],
)
def test_an_own_handler_may_answer_all_that_a_view_may(
    house: Site, handler: Callable[[], Any], status: int, text: str | None
) -> None:
    house.manager.unauthorized_handler(handler)
    answer = house.client().get("/hello")
    assert answer.status_code == status
    assert text is None or answer.text == text


def test_an_async_handler_answers_too(house: Site) -> None:
    async def stranger() -> str:
        return "Who are you?"

    house.manager.unauthorized_handler(stranger)
    assert shown(house.client(), "/hello") == "Who are you?"
    assert shown(house.client(), "/later") == "Who are you?"


def test_nothing_of_the_view_runs_after_it(house: Site) -> None:
    ran: list[str] = []

    @house.app.get("/spend")
    def spend() -> str:
        user = house.manager.require_user()
        ran.append(user.name)
        return "spent"

    house.client().get("/spend")
    assert ran == []
    logged_in(house).get("/spend")
    assert ran == ["Ada"]


def test_the_apps_handler_of_401_is_asked(house: Site) -> None:
    def page(error: Unauthorized) -> tuple[str, int]:
        return "Our page", 401

    house.app.register_error_handler(401, page)
    assert house.client().get("/hello").text == "Our page"


def test_get_user_answers_none_for_nobody(house: Site) -> None:
    assert shown(house.client(), "/get") == "None"
    assert house.manager.get_user() is None
    with house.app.app_context():
        assert house.manager.get_user() is None


def test_get_user_answers_none_where_nobody_is_none(house: Site) -> None:
    house.manager.anonymous_user = lambda: None
    assert shown(house.client(), "/get") == "None"
    assert house.client().get("/hello").status_code == 401


def test_somebody_who_is_not_authenticated_is_nobody(house: Site) -> None:
    client = logged_in(house)
    house.members["1"].is_active = False
    assert shown(client, "/get") == "None"
    assert client.get("/hello").status_code == 401


def test_log_in_disabled_makes_no_user(house: Site) -> None:
    house.app.config["LOGIN_DISABLED"] = True
    assert house.client().get("/hello").status_code == 401


def test_outside_a_request_there_is_nobody_to_answer(house: Site) -> None:
    with pytest.raises(RuntimeError, match="outside a request"):
        house.manager.require_user()
    with house.app.app_context(), pytest.raises(RuntimeError, match="outside a request"):
        house.manager.require_user()


def test_what_is_raised_is_an_http_exception(house: Site) -> None:
    house.manager.login_view = "login"
    with (
        house.app.test_request_context("/hello"),
        pytest.raises(HTTPException) as raised,
    ):
        house.manager.require_user()
    assert raised.value.get_response().location == "/login?next=%2Fhello"


def test_bare_and_typed_managers_are_the_same_at_run_time() -> None:
    class User(UserMixin):
        id = "ada"

    for manager in (LoginManager(), LoginManager[User](), LoginManager[Any]()):
        app = Flask("typed")
        app.secret_key = "deterministic"
        manager.init_app(app)
        load = manager.user_loader(callback=lambda user_id: User())
        assert manager.user_callback is load
        find = manager.request_loader(callback=lambda request: None)
        assert manager.request_callback is find
        assert type(manager) is LoginManager
