"""What a guard leaves on a view or a blueprint, so that others can tell how it is guarded."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.sansio.blueprints import Blueprint

Marked = TypeVar("Marked")

# functools.wraps copies both from a view to whatever is wrapped around it.
_GUARDS: Final = "_login_guards"
_PUBLIC: Final = "_login_public"
_REQUIRED: Final = "_login_required"
# What a guard notes on the view below it, with that view: wraps copies this as well.
_GUARDED: Final = "_login_guarded"


def add_guard(guarded: Marked, name: str) -> Marked:
    """Note that the guard ``name`` stands before everything noted on ``guarded`` so far."""
    setattr(guarded, _GUARDS, (name, *guards_of(guarded)))
    below = getattr(guarded, "__wrapped__", None)
    if below is not None:
        # What takes no attributes, a method for one, is no function that a route was given.
        with suppress(AttributeError):
            setattr(below, _GUARDED, (below, (name, *guarded_by(below))))
    return guarded


def guards_of(guarded: Any) -> tuple[str, ...]:
    """Return the names of the guards of a view, method or blueprint, the outermost first."""
    guards: tuple[str, ...] = getattr(guarded, _GUARDS, ())
    return guards


def guarded_by(view: Any) -> tuple[str, ...]:
    """Return the names of the guards that were put around ``view``, wherever they are now."""
    below, names = getattr(view, _GUARDED, (None, ()))
    return names if below is view else ()


def open_to_all(thing: Marked) -> Marked:
    """Mark a view function, a view class or a blueprint as public.

    Raises:
        TypeError: it cannot carry a mark.
    """
    try:
        setattr(thing, _PUBLIC, True)
    except AttributeError:
        raise TypeError(
            f"{thing!r} cannot be marked as public: name its endpoint instead, as in"
            " public('shop.index', app=app)."
        ) from None
    return thing


def require(blueprint: Blueprint) -> None:
    """Mark a blueprint as one whose views ask for a log-in."""
    setattr(blueprint, _REQUIRED, True)


def view_is_public(view: Callable[..., Any]) -> bool:
    """Tell whether a view function, or the very class it was made from, is marked as public.

    A subclass of a public view class is another view, and is not opened by its parent.
    """
    if getattr(view, _PUBLIC, False):
        return True
    view_class = getattr(view, "view_class", None)
    return view_class is not None and _PUBLIC in vars(view_class)


def blueprint_is_public(blueprint: Blueprint) -> bool | None:
    """Return True for a public blueprint, False for a protected one, None if nothing was said."""
    if getattr(blueprint, _REQUIRED, False):
        return False
    return True if getattr(blueprint, _PUBLIC, False) else None
