"""The manager: its attributes, its callbacks, its apps."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

DEFAULTS: dict[str, object] = {
    "login_view": None,
    "blueprint_login_views": {},
    "login_message": "Please log in to access this page.",
    "login_message_category": "message",
    "refresh_view": None,
    "needs_refresh_message": "Please reauthenticate to access this page.",
    "needs_refresh_message_category": "message",
    "session_protection": "basic",
    "localize_callback": None,
    "unauthorized_callback": None,
    "needs_refresh_callback": None,
    "id_attribute": "get_id",
    "_user_callback": None,
    "_request_callback": None,
}


@pytest.mark.parametrize(("name", "value"), DEFAULTS.items())
def test_each_attribute_has_its_default_and_is_writable(
    library: ModuleType, name: str, value: object
) -> None:
    manager = library.LoginManager()
    assert getattr(manager, name) == value
    assert name in vars(manager)
    sentinel = object()
    setattr(manager, name, sentinel)
    assert getattr(manager, name) is sentinel


def test_the_anonymous_user_and_the_identifier_are_plain_attributes_too(
    library: ModuleType, submodule: Callable[[str], Any]
) -> None:
    manager = library.LoginManager()
    assert vars(manager)["anonymous_user"] is library.AnonymousUserMixin
    identifier = vars(manager)["_session_identifier_generator"]
    assert identifier is submodule("utils")._create_identifier


def test_two_managers_share_no_blueprint_views(library: ModuleType) -> None:
    first, second = library.LoginManager(), library.LoginManager()
    first.blueprint_login_views["shop"] = "/login"
    assert second.blueprint_login_views == {}


def test_an_app_may_hang_attributes_of_its_own_on_it(library: ModuleType) -> None:
    """PgAdmin and Redash do so."""
    manager = library.LoginManager()
    manager.logout_view = "/logout"
    manager.REMEMBER_COOKIE_DURATION = 5
    assert (manager.logout_view, manager.REMEMBER_COOKIE_DURATION) == ("/logout", 5)


@pytest.mark.parametrize(
    ("decorator", "attributes"),
    [
        ("user_loader", ["_user_callback", "user_callback"]),
        ("request_loader", ["_request_callback", "request_callback"]),
        ("unauthorized_handler", ["unauthorized_callback"]),
        ("needs_refresh_handler", ["needs_refresh_callback"]),
    ],
)
def test_each_decorator_returns_the_callback_and_the_last_one_counts(
    library: ModuleType, decorator: str, attributes: list[str]
) -> None:
    manager = library.LoginManager()

    def first() -> None: ...

    def second() -> None: ...

    for callback in (first, second):
        assert getattr(manager, decorator)(callback) is callback
        for attribute in attributes:
            assert getattr(manager, attribute) is callback


@pytest.mark.parametrize("name", ["user_callback", "request_callback"])
def test_the_two_loaders_can_be_read_but_not_set(library: ModuleType, name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(library.LoginManager(), name, len)


@pytest.mark.parametrize("late", [True, False])
def test_both_ways_of_binding_an_app_do_the_same(library: ModuleType, late: bool) -> None:
    app = Flask("bound")
    manager: Any
    if late:
        manager = library.LoginManager()
        assert manager.init_app(app) is None
    else:
        manager = library.LoginManager(app)
    assert vars(app)["login_manager"] is manager
    assert app.after_request_funcs[None] == [manager._update_remember_cookie]
    assert len(app.template_context_processors[None]) == 2


def test_the_app_is_the_only_positional_argument_an_app_needs(library: ModuleType) -> None:
    app = Flask("bound")
    library.LoginManager(app, False)
    assert len(app.template_context_processors[None]) == 1


def test_binding_writes_neither_config_nor_extensions(library: ModuleType) -> None:
    app = Flask("bound")
    config, extensions = dict(app.config), dict(app.extensions)
    library.LoginManager(app)
    assert dict(app.config) == config
    assert app.extensions == extensions


def test_one_manager_serves_several_apps(library: ModuleType, members: dict[str, Any]) -> None:
    manager = library.LoginManager()
    manager.user_loader(lambda stored_id: members.get(str(stored_id)))
    for name in ("first", "second"):
        app = Flask(name)
        app.secret_key = name
        manager.init_app(app)
        app.add_url_rule("/in", "in", lambda: str(library.login_user(members["1"])))
        app.add_url_rule("/who", "who", lambda: getattr(library.current_user, "name", "nobody"))
        client = app.test_client()
        assert client.get("/who").text == "nobody"
        client.get("/in")
        assert client.get("/who").text == "Ada"


def test_a_second_manager_replaces_the_first_but_both_see_the_response(
    library: ModuleType,
) -> None:
    app = Flask("bound")
    first, second = library.LoginManager(app), library.LoginManager(app)
    assert vars(app)["login_manager"] is second
    assert app.after_request_funcs[None] == [
        first._update_remember_cookie,
        second._update_remember_cookie,
    ]


def test_a_subclass_may_override_what_loads_the_user(
    library: ModuleType, members: dict[str, Any]
) -> None:
    """Hiddify does so."""

    def load(self: Any) -> None:
        self._update_request_context_with_user(members["2"])

    app = Flask("bound")
    subclass: Any = type("Manager", (library.LoginManager,), {"_load_user": load})
    subclass(app)
    with app.test_request_context():
        assert library.current_user.name == "Grace"
