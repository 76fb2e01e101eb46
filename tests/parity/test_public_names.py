"""Every name an app may import, and where from."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from blinker import Signal
from flask import Flask
from werkzeug.local import LocalProxy

CONSTANTS: dict[str, object] = {
    "COOKIE_DURATION": timedelta(days=365),
    "COOKIE_HTTPONLY": True,
    "COOKIE_NAME": "remember_token",
    "COOKIE_SECURE": False,
    "ID_ATTRIBUTE": "get_id",
    "LOGIN_MESSAGE": "Please log in to access this page.",
    "LOGIN_MESSAGE_CATEGORY": "message",
    "REFRESH_MESSAGE": "Please reauthenticate to access this page.",
    "REFRESH_MESSAGE_CATEGORY": "message",
}
RELEASED_CONSTANTS = {"AUTH_HEADER_NAME": "Authorization"}
CLASSES = ["LoginManager", "AnonymousUserMixin", "UserMixin", "FlaskLoginClient"]
SIGNALS = [
    "session_protected",
    "user_accessed",
    "user_loaded_from_cookie",
    "user_loaded_from_request",
    "user_logged_in",
    "user_logged_out",
    "user_login_confirmed",
    "user_needs_refresh",
    "user_unauthorized",
]
FUNCTIONS = [
    "confirm_login",
    "decode_cookie",
    "encode_cookie",
    "fresh_login_required",
    "login_fresh",
    "login_remembered",
    "login_required",
    "login_url",
    "login_user",
    "logout_user",
    "make_next_param",
    "set_login_view",
]
MAIN = [*CONSTANTS, *CLASSES, *SIGNALS, *FUNCTIONS, "current_user"]
RELEASED = [*MAIN, *RELEASED_CONSTANTS, "__version__"]

SUBMODULES = {
    "config": [
        *CONSTANTS,
        *RELEASED_CONSTANTS,
        "COOKIE_SAMESITE",
        "SESSION_KEYS",
        "EXEMPT_METHODS",
        "USE_SESSION_FOR_NEXT",
    ],
    "login_manager": ["LoginManager"],
    "mixins": ["AnonymousUserMixin", "UserMixin"],
    "signals": SIGNALS,
    "test_client": ["FlaskLoginClient"],
    "utils": [*FUNCTIONS, "current_user", "expand_login_view"],
    "__about__": ["__version__", "__version_info__", "__title__", "__description__"],
}


def test_there_are_thirty_five_names_on_main_and_thirty_seven_released() -> None:
    assert (len(set(MAIN)), len(set(RELEASED))) == (35, 37)


@pytest.mark.parametrize("name", RELEASED)
def test_every_released_name_can_be_imported(library: ModuleType, name: str) -> None:
    assert hasattr(library, name)


@pytest.mark.parametrize("name", RELEASED)
def test_the_module_that_stands_for_flask_login_has_it_too(name: str) -> None:
    package = import_module("flask_porter.login.compat").facades()["flask_login"]
    assert hasattr(package, name)
    if name != "__version__":
        assert getattr(package, name) is getattr(import_module("flask_porter"), name)


def test_a_star_import_brings_them_all(library: ModuleType) -> None:
    brought: dict[str, object] = {}
    exec(f"from {library.__name__} import *", brought)
    assert set(MAIN) <= set(brought)


def test_the_module_that_stands_for_flask_login_lists_them_all() -> None:
    package = import_module("flask_porter.login.compat").facades()["flask_login"]
    assert set(package.__all__) == set(RELEASED) == set(import_module("flask_login").__all__)


@pytest.mark.parametrize(("name", "value"), (CONSTANTS | RELEASED_CONSTANTS).items())
def test_each_constant_has_its_value(library: ModuleType, name: str, value: object) -> None:
    assert getattr(library, name) == value


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_is_a_class(library: ModuleType, name: str) -> None:
    assert isinstance(getattr(library, name), type)


@pytest.mark.parametrize("name", SIGNALS)
def test_each_signal_is_a_signal(library: ModuleType, name: str) -> None:
    assert isinstance(getattr(library, name), Signal)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_is_a_function(library: ModuleType, name: str) -> None:
    assert callable(getattr(library, name))
    assert getattr(library, name).__name__ == name


def test_the_current_user_is_a_local_proxy(library: ModuleType) -> None:
    assert type(library.current_user) is LocalProxy


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in SUBMODULES.items() for name in names]
)
def test_every_submodule_has_its_names(
    library: ModuleType, submodule: Callable[[str], Any], module: str, name: str
) -> None:
    assert hasattr(submodule(module), name)
    if module != "__about__" and name in MAIN:
        assert getattr(submodule(module), name) is getattr(library, name)


def test_the_rest_of_the_config_module(submodule: Callable[[str], Any]) -> None:
    config = submodule("config")
    assert config.COOKIE_SAMESITE is None
    assert config.USE_SESSION_FOR_NEXT is False
    assert config.EXEMPT_METHODS == {"OPTIONS"}
    assert config.SESSION_KEYS == {
        "_user_id",
        "_remember",
        "_remember_seconds",
        "_id",
        "_fresh",
        "next",
    }


def test_the_version_is_text(library: ModuleType) -> None:
    assert isinstance(library.__version__, str)


@pytest.mark.parametrize(
    "name",
    [
        "__title__",
        "__description__",
        "__url__",
        "__version__",
        "__version_info__",
        "__author__",
        "__author_email__",
        "__maintainer__",
        "__license__",
        "__copyright__",
    ],
)
def test_the_about_module_tells_about_itself(submodule: Callable[[str], Any], name: str) -> None:
    assert getattr(submodule("__about__"), name)


@pytest.mark.parametrize("name", ["no_such_name", "user_loaded_from_nowhere"])
def test_any_other_name_is_an_attribute_error(
    library: ModuleType, submodule: Callable[[str], Any], name: str
) -> None:
    for module in (library, submodule("signals"), submodule("utils")):
        with pytest.raises(AttributeError, match=name):
            getattr(module, name)


def test_a_manager_and_a_login_work_with_these_names_alone(
    library: ModuleType, submodule: Callable[[str], Any]
) -> None:
    app = Flask("names")
    app.secret_key = "deterministic"
    user = type("User", (submodule("mixins").UserMixin,), {"id": 1})()
    submodule("login_manager").LoginManager(app).user_loader(lambda stored_id: user)
    with app.test_request_context():
        assert submodule("utils").login_user(user)
        assert submodule("utils").current_user == user
