"""What the released 0.6.3 has and the main branch has dropped: deprecated, and still working."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

GUARDS = ["login_required", "fresh_login_required"]


def test_setup_app_warns_and_binds(library: ModuleType) -> None:
    app = Flask("released")
    manager = library.LoginManager()
    with pytest.warns(DeprecationWarning, match="setup_app.*init_app"):
        manager.setup_app(app)
    assert vars(app)["login_manager"] is manager
    assert len(app.template_context_processors[None]) == 2


def test_setup_app_can_do_without_the_context_processor(library: ModuleType) -> None:
    app = Flask("released")
    with pytest.warns(DeprecationWarning, match="setup_app"):
        library.LoginManager().setup_app(app, False)
    assert len(app.template_context_processors[None]) == 1


def test_a_warning_points_at_the_caller(library: ModuleType) -> None:
    with pytest.warns(DeprecationWarning, match="header_loader") as warned:
        library.LoginManager().header_loader(len)
    assert warned[0].filename == __file__


@pytest.fixture
def header_loader(manager: Any, members: dict[str, Any]) -> list[str]:
    """Register a header loader; return the headers that it gets."""
    got: list[str] = []

    def load(header: str) -> Any:
        got.append(header)
        return members.get(header.removeprefix("Bearer "))

    with pytest.warns(DeprecationWarning, match="header_loader.*request_loader"):
        assert manager.header_loader(load) is load
    return got


def test_the_header_loader_gets_the_raw_header(
    client: FlaskClient, library: ModuleType, header_loader: list[str]
) -> None:
    assert client.get("/who", headers={"Authorization": "Bearer 2"}).text == "Grace"
    assert client.get("/who", headers={"Authorization": "Bearer 9"}).text == "nobody"
    assert client.get("/who").text == "nobody"
    assert header_loader == ["Bearer 2", "Bearer 9"]


def test_the_name_of_the_header_is_a_config_key(
    app: Flask, client: FlaskClient, library: ModuleType, header_loader: list[str]
) -> None:
    app.config["AUTH_HEADER_NAME"] = "X-Key"
    assert client.get("/who", headers={"X-Key": "2"}).text == "Grace"
    assert client.get("/who", headers={"Authorization": "2"}).text == "nobody"
    assert library.AUTH_HEADER_NAME == "Authorization"


def test_a_user_of_the_session_comes_before_the_header(
    client: FlaskClient, library: ModuleType, header_loader: list[str]
) -> None:
    client.get("/login?id=1")
    assert client.get("/who", headers={"Authorization": "2"}).text == "Ada"
    assert header_loader == []


def test_a_request_loader_takes_the_place_of_a_header_loader(
    client: FlaskClient, library: ModuleType, manager: Any, header_loader: list[str]
) -> None:
    manager.request_loader(lambda request: None)
    assert client.get("/who", headers={"Authorization": "2"}).text == "nobody"
    assert header_loader == []


def test_a_user_from_the_header_has_a_signal(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    members: dict[str, Any],
    submodule: Callable[[str], Any],
    listen: Callable[..., Any],
    header_loader: list[str],
) -> None:
    with pytest.warns(DeprecationWarning, match="user_loaded_from_header"):
        signal = submodule("signals").user_loaded_from_header
    assert signal.name == "loaded-from-header"
    with pytest.warns(DeprecationWarning, match="user_loaded_from_header"):
        assert library.user_loaded_from_header is signal
    with listen(signal) as heard:
        client.get("/who", headers={"Authorization": "2"})
    assert heard == [((app,), {"user": members["2"]})]


def guarded() -> str:
    return "Access granted"


@pytest.mark.parametrize("guard", GUARDS)
def test_login_disabled_lets_everybody_through(
    app: Flask, client: FlaskClient, library: ModuleType, guard: str
) -> None:
    """ASReview stays on 0.6.3 for it, and Dify carries a copy."""
    app.add_url_rule("/guarded", view_func=getattr(library, guard)(guarded))
    assert client.get("/guarded").status_code == 401
    app.config["LOGIN_DISABLED"] = True
    assert client.get("/guarded").text == "Access granted"
    app.config["LOGIN_DISABLED"] = False
    assert client.get("/guarded").status_code == 401


@pytest.mark.parametrize("guard", GUARDS)
def test_login_disabled_lets_coroutine_views_run_too(
    app: Flask, client: FlaskClient, library: ModuleType, guard: str
) -> None:
    @app.get("/guarded")
    @getattr(library, guard)  # type: ignore[untyped-decorator]
    async def later() -> str:
        return "Access granted"

    app.config["LOGIN_DISABLED"] = True
    assert client.get("/guarded").text == "Access granted"


@pytest.mark.parametrize("guard", GUARDS)
def test_login_disabled_loads_no_user(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    guard: str,
    listen: Callable[..., Any],
) -> None:
    app.add_url_rule("/guarded", view_func=getattr(library, guard)(guarded))
    app.config["LOGIN_DISABLED"] = True
    with listen(library.user_accessed) as heard:
        client.get("/guarded")
    assert heard == []


@pytest.mark.parametrize("guard", GUARDS)
def test_login_disabled_needs_no_manager(library: ModuleType, guard: str) -> None:
    """The tests of a blueprint mount it on a bare app."""
    app = Flask("bare")
    app.config["LOGIN_DISABLED"] = True
    app.add_url_rule("/guarded", view_func=getattr(library, guard)(guarded))
    assert app.test_client().get("/guarded").text == "Access granted"


def test_the_property_on_the_manager_reads_and_writes_the_key(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    with app.app_context():
        with pytest.warns(DeprecationWarning, match="LOGIN_DISABLED"):
            assert manager._login_disabled is False
        with pytest.warns(DeprecationWarning, match="LOGIN_DISABLED"):
            manager._login_disabled = True
        assert app.config["LOGIN_DISABLED"] is True
        with pytest.warns(DeprecationWarning, match="LOGIN_DISABLED"):
            assert manager._login_disabled is True


def test_the_property_is_false_outside_any_app(library: ModuleType) -> None:
    with pytest.warns(DeprecationWarning, match="LOGIN_DISABLED"):
        assert library.LoginManager()._login_disabled is False
