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
_NOWHERE = object()
_ABOUT = {
    "__title__": "Flask-Login",
    "__description__": "User session management for Flask, answered by Flask-Porter",
    "__version__": RELEASE,
    "__version_info__": ("0", "6", "3"),
    "__license__": "MIT",
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
    return modules


class _Facade(ModuleType):
    """A module whose names live in our rooms.

    Assigning to a name, as ``mock.patch`` does, assigns it in every room that has it, so that a
    test which replaces ``flask_login.utils._get_user`` replaces it for our guards too.
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
        current = getattr(self, name, _NOWHERE)
        rooms = [room for room in _login_floor() if vars(room).get(name, _NOWHERE) is current]
        for room in rooms:
            setattr(room, name, value)
        if rooms:
            self.__dict__["_replaced"].setdefault(name, (current, rooms))
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        original, rooms = self.__dict__["_replaced"].pop(name, (None, ()))
        if not rooms:
            super().__delattr__(name)
        for room in rooms:
            setattr(room, name, original)

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
