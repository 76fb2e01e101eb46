"""Every signature: what could be passed to Flask-Login, by position or name, still can."""

from collections.abc import Callable
from inspect import Parameter, signature
from types import ModuleType
from typing import Any

import pytest

REQUIRED = Parameter.empty
Arguments = list[tuple[str, object]]

FUNCTIONS: dict[str, Arguments] = {
    "encode_cookie": [("payload", REQUIRED), ("key", None)],
    "decode_cookie": [("cookie", REQUIRED), ("key", None)],
    "make_next_param": [("login_url", REQUIRED), ("current_url", REQUIRED)],
    "login_url": [("login_view", REQUIRED), ("next_url", None), ("next_field", "next")],
    "login_fresh": [],
    "login_remembered": [],
    "login_user": [
        ("user", REQUIRED),
        ("remember", False),
        ("duration", None),
        ("force", False),
        ("fresh", True),
    ],
    "logout_user": [],
    "confirm_login": [],
    "login_required": [("func", REQUIRED)],
    "fresh_login_required": [("func", REQUIRED)],
    "set_login_view": [("login_view", REQUIRED), ("blueprint", None)],
}
METHODS: dict[str, Arguments] = {
    "init_app": [("app", REQUIRED), ("add_context_processor", True)],
    "unauthorized": [],
    "needs_refresh": [],
    "user_loader": [("callback", REQUIRED)],
    "request_loader": [("callback", REQUIRED)],
    "unauthorized_handler": [("callback", REQUIRED)],
    "needs_refresh_handler": [("callback", REQUIRED)],
    "setup_app": [("app", REQUIRED), ("add_context_processor", True)],
    "header_loader": [("callback", REQUIRED)],
    "_load_user": [],
    "_update_request_context_with_user": [("user", None)],
    "_session_protection_failed": [],
    "_load_user_from_remember_cookie": [("cookie", REQUIRED)],
    "_load_user_from_request": [("request", REQUIRED)],
    "_load_user_from_header": [("header", REQUIRED)],
    "_update_remember_cookie": [("response", REQUIRED)],
    "_set_cookie": [("response", REQUIRED)],
    "_clear_cookie": [("response", REQUIRED)],
}
UTILS: dict[str, Arguments] = {
    "expand_login_view": [("login_view", REQUIRED)],
    "_get_user": [],
    "_create_identifier": [],
    "_user_context_processor": [],
    "_secret_key": [("key", None)],
    "_cookie_digest": [("payload", REQUIRED), ("key", None)],
}


def assert_accepts(function: Callable[..., Any], arguments: Arguments) -> None:
    """Each argument stands in its place under its name; whatever follows may be left out."""
    parameters = list(signature(function).parameters.values())
    promised, further = parameters[: len(arguments)], parameters[len(arguments) :]
    assert [(each.name, each.default) for each in promised] == arguments
    assert {each.kind for each in promised} <= {Parameter.POSITIONAL_OR_KEYWORD}
    assert all(each.default is not REQUIRED for each in further)


@pytest.mark.parametrize(("name", "arguments"), FUNCTIONS.items())
def test_functions(library: ModuleType, name: str, arguments: Arguments) -> None:
    assert_accepts(getattr(library, name), arguments)


@pytest.mark.parametrize(("name", "arguments"), METHODS.items())
def test_methods_of_the_manager(library: ModuleType, name: str, arguments: Arguments) -> None:
    assert_accepts(getattr(library.LoginManager(), name), arguments)


@pytest.mark.parametrize(("name", "arguments"), UTILS.items())
def test_functions_of_utils(
    submodule: Callable[[str], Any], name: str, arguments: Arguments
) -> None:
    assert_accepts(getattr(submodule("utils"), name), arguments)


def test_the_manager_itself(library: ModuleType) -> None:
    assert_accepts(library.LoginManager, [("app", None), ("add_context_processor", True)])


def test_a_user_loader_may_be_registered_by_keyword(library: ModuleType) -> None:
    manager = library.LoginManager()
    assert manager.user_loader(callback=len) is len
    assert manager.request_loader(callback=len) is len
    assert manager.unauthorized_handler(callback=len) is len
    assert manager.needs_refresh_handler(callback=len) is len
