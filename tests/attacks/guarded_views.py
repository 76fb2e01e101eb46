"""Views of an app behind each guard there is; each says one word, and counts its calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from flask.views import MethodView

from flask_porter import (
    fresh_login_required,
    login_required,
    permission_required,
    requires,
    role_required,
)
from tests.attacks.well_meant import PERMISSION, ROLE

WORD = "for the initiated"

GUARDS: dict[str, Callable[[Any], Any]] = {
    "login": login_required,
    "fresh": fresh_login_required,
    "requires": requires(lambda user: user.has_role(ROLE)),
    "role": role_required(ROLE),
    "permission": permission_required(PERMISSION),
}
#: Those that ask for more than a log-in.
RIGHTS = ("requires", "role", "permission")


def plain(calls: list[str]) -> Any:
    def view() -> str:
        calls.append("plain")
        return WORD

    return view


def streamed(calls: list[str]) -> Any:
    def view() -> Iterator[str]:
        calls.append("streamed")
        yield WORD

    return view


def later(calls: list[str]) -> Any:
    async def view() -> str:
        calls.append("later")
        return WORD

    return view


def of_a_class(calls: list[str]) -> Any:
    class Desk(MethodView):
        def get(self) -> str:
            calls.append("class")
            return WORD

        post = patch = options = trace = get

    return Desk.as_view("desk")


def all_methods(calls: list[str]) -> Any:
    """Return a view that takes every method by itself, as some do for the sake of CORS."""
    view = plain(calls)
    view.methods = ["GET", "POST", "PATCH", "TRACE", "OPTIONS"]
    return view


VIEWS = {
    "plain": plain,
    "streamed": streamed,
    "later": later,
    "class": of_a_class,
    "all": all_methods,
}


def add_views(app: Flask) -> list[str]:
    """Add each kind of view behind each guard, as ``/role/plain``; return the list of its calls."""
    calls: list[str] = []
    for guard, guarded in GUARDS.items():
        for kind, make in VIEWS.items():
            name = f"/{guard}/{kind}"
            app.add_url_rule(name, name, guarded(make(calls)))
    return calls
