"""Finds guards above their route: there Flask never calls them, and everybody is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import SetUpError
from .marks import guarded_by, view_is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask


def refuse_lost_guards(app: Flask) -> None:
    """See that every guard of a view that has a route is part of what its route calls.

    A function that has one route with a guard and another without is left alone, and so is one
    that is public.

    Raises:
        SetUpError: a guard stands above ``route``.
    """
    views = app.view_functions
    reached = {id(below) for view in views.values() for below in _below(view)}
    for endpoint, view in views.items():
        names = guarded_by(view)
        if names and id(view) not in reached and not view_is_public(view):
            raise SetUpError(
                f"{names[0]} stands above the route of {endpoint!r}, where it guards nothing:"
                " write '@app.route(...)' in the first line, and the guard below it."
            )


def _below(view: Any) -> Iterator[Any]:
    while (view := getattr(view, "__wrapped__", None)) is not None:
        yield view
