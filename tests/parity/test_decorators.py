"""The guards: `login_required` and `fresh_login_required`."""

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.views import MethodView

GUARDS = ["login_required", "fresh_login_required"]
both_guards = pytest.mark.parametrize("guard", GUARDS)


def test_a_guarded_view_opens_at_login(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    app.add_url_rule("/guarded", view_func=library.login_required(guarded))
    assert client.get("/guarded").status_code == 401
    client.get("/login?id=1")
    assert client.get("/guarded").text == "Access granted"


def guarded() -> str:
    """Say that access is granted."""
    return "Access granted"


def test_a_freshly_guarded_view_asks_for_a_fresh_login(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    app.add_url_rule("/guarded", view_func=library.fresh_login_required(guarded))
    assert client.get("/guarded").status_code == 401
    client.get("/login?id=1&remember")
    assert client.get("/guarded").text == "Access granted"
    client.delete_cookie("session")
    assert client.get("/guarded").status_code == 401
    client.get("/confirm")
    assert client.get("/guarded").text == "Access granted"


def test_a_stranger_is_unauthorized_and_a_stale_user_needs_refresh(
    app: Flask, client: FlaskClient, library: ModuleType, manager: Any
) -> None:
    app.add_url_rule("/guarded", view_func=library.fresh_login_required(guarded))
    manager.unauthorized_handler(lambda: "who are you?")
    manager.needs_refresh_handler(lambda: "again, please")
    assert client.get("/guarded").text == "who are you?"
    client.get("/login?id=1&stale")
    assert client.get("/guarded").text == "again, please"


def test_a_stale_user_passes_the_plain_guard(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    app.add_url_rule("/guarded", view_func=library.login_required(guarded))
    client.get("/login?id=1&stale")
    assert client.get("/guarded").text == "Access granted"


def test_an_inactive_user_who_was_forced_in_is_not_let_in(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    app.add_url_rule("/guarded", view_func=library.login_required(guarded))
    assert client.get("/login?id=3&force").text == "True"
    assert client.get("/guarded").status_code == 401


@both_guards
def test_the_manager_of_the_app_answers(
    app: Flask, client: FlaskClient, library: ModuleType, guard: str
) -> None:
    subclass = type("Manager", (library.LoginManager,), {"unauthorized": lambda self: "overridden"})
    manager = subclass(app)
    manager.user_loader(lambda stored_id: None)
    app.add_url_rule("/guarded", view_func=getattr(library, guard)(guarded))
    assert client.get("/guarded").text == "overridden"


@both_guards
def test_the_view_keeps_its_name_and_docstring(library: ModuleType, guard: str) -> None:
    wrapped = getattr(library, guard)(guarded)
    assert wrapped.__name__ == "guarded"
    assert wrapped.__doc__ == "Say that access is granted."
    assert wrapped.__wrapped__ is guarded


@both_guards
def test_the_arguments_reach_the_view(
    app: Flask, client: FlaskClient, library: ModuleType, guard: str
) -> None:
    @app.get("/item/<int:number>")
    @getattr(library, guard)  # type: ignore[untyped-decorator]
    def item(number: int) -> str:
        return f"item {number}"

    client.get("/login?id=1")
    assert client.get("/item/7").text == "item 7"


@both_guards
def test_a_coroutine_view_is_guarded_and_run(
    app: Flask, client: FlaskClient, library: ModuleType, guard: str
) -> None:
    @app.get("/guarded")
    @getattr(library, guard)  # type: ignore[untyped-decorator]
    async def later() -> str:
        await asyncio.sleep(0)
        return "Access granted"

    assert client.get("/guarded").status_code == 401
    client.get("/login?id=1")
    assert client.get("/guarded").text == "Access granted"


@pytest.fixture
def secret_endpoint(app: Flask, library: ModuleType) -> None:
    class SecretEndpoint(MethodView):
        decorators = [library.login_required, library.fresh_login_required]  # noqa: RUF012

        def options(self) -> str:
            return "ask away"

        def get(self) -> str:
            return "Access granted"

    app.add_url_rule("/endpoint", view_func=SecretEndpoint.as_view("endpoint"))


@pytest.mark.usefixtures("secret_endpoint")
def test_both_guards_fit_on_a_method_view(client: FlaskClient) -> None:
    assert client.get("/endpoint").status_code == 401
    client.get("/login?id=1")
    assert client.get("/endpoint").text == "Access granted"


@pytest.mark.usefixtures("secret_endpoint")
def test_options_is_exempt_and_loads_no_user(
    client: FlaskClient, library: ModuleType, manager: Any, listen: Callable[..., Any]
) -> None:
    manager._user_callback = None
    with listen(library.user_accessed) as heard:
        response = client.options("/endpoint")
    assert (response.status_code, response.text) == (200, "ask away")
    assert heard == []


@both_guards
def test_the_exempt_methods_are_a_set_that_an_app_can_change(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    submodule: Callable[[str], Any],
    guard: str,
) -> None:
    """Dify imports it."""
    exempt = submodule("config").EXEMPT_METHODS
    assert exempt == {"OPTIONS"}
    app.add_url_rule(
        "/guarded", view_func=getattr(library, guard)(guarded), methods=["GET", "REPORT"]
    )
    assert client.open("/guarded", method="REPORT").status_code == 401
    exempt.add("REPORT")
    try:
        assert client.open("/guarded", method="REPORT").text == "Access granted"
    finally:
        exempt.remove("REPORT")


@both_guards
def test_an_error_in_the_view_is_the_views_own(
    app: Flask, client: FlaskClient, library: ModuleType, guard: str
) -> None:
    @app.get("/guarded")
    @getattr(library, guard)  # type: ignore[untyped-decorator]
    def broken() -> str:
        raise LookupError("the view broke")

    client.get("/login?id=1")
    with pytest.raises(LookupError, match="the view broke"):
        client.get("/guarded")


def test_only_authentication_is_asked_not_activity(
    app: Flask, client: FlaskClient, library: ModuleType, members: dict[str, Any]
) -> None:
    """A user object decides for itself what authenticated means."""
    app.add_url_rule("/guarded", view_func=library.login_required(guarded))
    client.get("/login?id=1")
    members["1"] = type("Ghost", (), {"is_authenticated": True, "is_active": False})()
    assert client.get("/guarded").text == "Access granted"
