"""Answers ``import flask_login`` with our own code, for extensions that still ask for it."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

#: The release whose names and behaviour the alias answers with.
RELEASE = "0.6.3"

# Which of our modules have the names of each module of Flask-Login, in the order of look-up.
_ROOMS = {
    "flask_login": (),
    "flask_login.config": ("defaults",),
    "flask_login.login_manager": ("manager", "remember", "session", "protection"),
    "flask_login.mixins": ("users",),
    "flask_login.signals": ("signals",),
    "flask_login.test_client": ("testing",),
    "flask_login.utils": (
        "current",
        "session",
        "remember",
        "redirects",
        "guards",
        "protection",
        "callbacks",
    ),
    "flask_login.__about__": (),
}

# What `from flask_login import *` brings.
_RELEASED = [
    "AUTH_HEADER_NAME",
    "COOKIE_DURATION",
    "COOKIE_HTTPONLY",
    "COOKIE_NAME",
    "COOKIE_SECURE",
    "ID_ATTRIBUTE",
    "LOGIN_MESSAGE",
    "LOGIN_MESSAGE_CATEGORY",
    "REFRESH_MESSAGE",
    "REFRESH_MESSAGE_CATEGORY",
    "AnonymousUserMixin",
    "FlaskLoginClient",
    "LoginManager",
    "UserMixin",
    "__version__",
    "confirm_login",
    "current_user",
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
    "session_protected",
    "set_login_view",
    "user_accessed",
    "user_loaded_from_cookie",
    "user_loaded_from_request",
    "user_logged_in",
    "user_logged_out",
    "user_login_confirmed",
    "user_needs_refresh",
    "user_unauthorized",
]
_ABOUT = {
    "__title__": "Flask-Login",
    "__description__": "User session management for Flask, answered by Flask-Porter",
    "__version__": RELEASE,
    "__version_info__": ("0", "6", "3"),
    "__url__": "https://github.com/maxcountryman/flask-login",
    "__author__": "The Flask-Porter authors",
    "__author_email__": "none",
    "__maintainer__": "The Flask-Porter authors",
    "__license__": "MIT",
    "__copyright__": "The Flask-Porter authors",
}


def install_as_flask_login() -> None:
    """Make ``import flask_login``, and its seven submodules, give Flask-Porter from now on.

    Call it before anything imports an extension that needs Flask-Login. Calling it again does
    nothing.

    Raises:
        RuntimeError: the real Flask-Login is already imported.
    """
    taken = [
        name
        for name, module in sys.modules.items()
        if (name == "flask_login" or name.startswith("flask_login."))
        and not isinstance(module, _Facade)
    ]
    if taken:
        raise RuntimeError(
            f"Flask-Login is already imported ({', '.join(sorted(taken))}), and whoever imported"
            " it holds its objects. Call 'flask_porter.install_as_flask_login()' first: before"
            " the import of any extension that uses Flask-Login."
        )
    if "flask_login" not in sys.modules:
        sys.modules.update(facades())


def facades() -> dict[str, ModuleType]:
    """Return the modules that stand for Flask-Login's, by full name."""
    modules: dict[str, ModuleType] = {name: _Facade(name, rooms) for name, rooms in _ROOMS.items()}
    package = modules["flask_login"]
    for name, module in modules.items():
        if module is not package:
            package.__dict__[name.rpartition(".")[2]] = module
    modules["flask_login.__about__"].__dict__.update(_ABOUT)
    package.__dict__["__version__"] = RELEASE
    package.__dict__["__all__"] = list(_RELEASED)
    return modules


class _Facade(ModuleType):
    """A module whose names live in our rooms.

    Assigning to a name, as ``mock.patch`` does, assigns it in every room that has it, so that a
    test which replaces ``flask_login.utils._get_user`` replaces it for our guards too. Deleting
    it, as the end of ``mock.patch`` does, takes back the last assignment.
    """

    def __init__(self, name: str, rooms: tuple[str, ...]) -> None:
        super().__init__(name, f"{name}, answered by Flask-Porter.")
        is_package = not rooms and name == "flask_login"
        spec = ModuleSpec(name, None, is_package=is_package)
        own = self.__dict__
        own["__spec__"] = spec
        own["__package__"] = "flask_login"
        if is_package:
            own["__path__"] = []
        own["_replaced"] = {}
        own["_rooms"] = [import_module(f"flask_porter.login.{room}") for room in rooms]
        if is_package:
            own["_rooms"].append(import_module("flask_porter"))

    def __getattr__(self, name: str) -> Any:
        if name != "__file__":
            for room in self.__dict__["_rooms"]:
                if hasattr(room, name):
                    return getattr(room, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        current = getattr(self, name, None)
        having = [room for room in _login_floor() if name in vars(room)]
        rooms = [room for room in having if vars(room)[name] is current]
        for room in rooms:
            setattr(room, name, value)
        if rooms:
            self.__dict__["_replaced"].setdefault(name, []).append((current, rooms))
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        replaced = self.__dict__["_replaced"].get(name)
        if not replaced:
            super().__delattr__(name)
            return
        before, rooms = replaced.pop()
        for room in rooms:
            setattr(room, name, before)

    def __dir__(self) -> list[str]:
        names = set(super().__dir__())
        for room in self.__dict__["_rooms"]:
            names.update(getattr(room, "__all__", None) or vars(room))
        return sorted(names)


def _login_floor() -> list[ModuleType]:
    return [
        module
        for name, module in list(sys.modules.items())
        if name == "flask_porter" or name.startswith("flask_porter.login.")
    ]
