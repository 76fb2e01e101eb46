"""The decorators that let a request in, or have the login manager answer it."""

from __future__ import annotations

from functools import wraps
from inspect import Parameter
from typing import TYPE_CHECKING, Any, ParamSpec, overload
from weakref import WeakSet

from werkzeug.local import LocalProxy

from . import timeouts
from .callbacks import as_sync
from .current import current_manager, current_request, current_user, this_app
from .defaults import EXEMPT_METHODS
from .marks import add_guard
from .session import login_fresh

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta
    from typing import Protocol

    from flask import Blueprint, Flask

    class _Guard(Protocol):
        def __call__(self, func: Callable[P, Any], /) -> Callable[P, Any]: ...


P = ParamSpec("P")

# What inspect calls "no default": a view must be given, unless an age is.
_REQUIRED: Any = Parameter.empty

# The apps whose log says already that their guards are off.
_told: WeakSet[Flask] = WeakSet()


def login_required(func: Callable[P, Any]) -> Callable[P, Any]:
    """Let only logged-in users into the view; the manager's ``unauthorized`` answers the others.

    Requests with an exempt method (OPTIONS) pass, and no user is loaded for them. Hardened, a view
    that answers OPTIONS itself is guarded as well: others are told its methods, as Flask does.
    """

    @wraps(func)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        if not is_open():
            if not is_authenticated():
                return turn_away(current_manager().unauthorized)
        return as_sync(this_app(), func)(*args, **kwargs)

    return add_guard(guarded, "login_required")


@overload
def fresh_login_required(func: Callable[P, Any]) -> Callable[P, Any]: ...
@overload
def fresh_login_required(*, within: timedelta) -> _Guard: ...
def fresh_login_required(func: Any = _REQUIRED, *, within: timedelta | None = None) -> Any:
    """Let only users in who have proven in this session who they are, ``within`` a time if given.

    The manager's ``unauthorized`` answers visitors; its ``needs_refresh`` answers users who came
    back by the remember cookie, or whose proof is exactly ``within`` old or older. Logging in and
    :func:`confirm_login` are such proofs (NIST SP 800-63B-4 section 2.2.3, reauthentication).

    Raises:
        TypeError: neither a view nor an age is given.
        ValueError: ``within`` is not positive.
    """
    if within is None:
        if not callable(func) or func is _REQUIRED:
            raise TypeError(
                "fresh_login_required needs a view: write '@fresh_login_required', or"
                " '@fresh_login_required(within=timedelta(minutes=10))'."
            )
        return _fresh(func, lambda: login_fresh(), "fresh_login_required")
    age = _age(within)
    timeouts.ask_for_age()
    name = f"fresh_login_required(within={within})"

    def guard(view: Callable[P, Any], /) -> Callable[P, Any]:
        return _fresh(view, lambda: timeouts.proven_within(age), name)

    return guard if func is _REQUIRED else guard(func)


def set_login_view(login_view: str, blueprint: Blueprint | None = None) -> None:
    """Name the log-in view of one blueprint, or of everything that has none of its own.

    Args:
        login_view: an endpoint, a path or an URL.
        blueprint: the blueprint object.
    """
    manager = current_manager()
    views = manager.blueprint_login_views
    if blueprint is None and not views:
        manager.login_view = login_view
        return
    if manager.login_view is not None and None not in views:
        views[None] = manager.login_view
    views[None if blueprint is None else blueprint.name] = login_view
    manager.login_view = None


def is_authenticated() -> bool:
    """Tell whether somebody is logged in; this loads the user."""
    user = current_user
    if isinstance(user, LocalProxy):
        user = user._get_current_object()
    # An app may choose None for "nobody": anonymous_user = lambda: None.
    return user is not None and bool(user.is_authenticated)


def is_open() -> bool:
    """Tell whether a guarded view may run unasked: for its method, or because guards are off."""
    is_exempt = current_request().method in EXEMPT_METHODS and not _asks_for_methods()
    return is_exempt or guards_are_off()


def turn_away(answer: Callable[[], Any]) -> Any:
    """Return ``answer()``; hardened, to OPTIONS, which methods there are.

    A browser that asks in advance shows no log-in and follows no redirect (WHATWG Fetch,
    "CORS-preflight fetch").
    """
    return this_app().make_default_options_response() if _asks_for_methods() else answer()


def guards_are_off() -> bool:
    """Tell whether the app has set ``LOGIN_DISABLED``, and log that it has."""
    if not this_app().config.get("LOGIN_DISABLED"):
        return False
    _tell_that_guards_are_off()
    return True


def _asks_for_methods() -> bool:
    if current_request().method != "OPTIONS":
        return False
    manager = getattr(this_app(), "login_manager", None)
    return bool(getattr(manager, "hardened", False))


def _fresh(func: Callable[P, Any], is_fresh: Callable[[], bool], name: str) -> Callable[P, Any]:
    @wraps(func)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        if not is_open():
            if not is_authenticated():
                return turn_away(current_manager().unauthorized)
            if not is_fresh():
                return turn_away(current_manager().needs_refresh)
        return as_sync(this_app(), func)(*args, **kwargs)

    return add_guard(guarded, name)


def _age(within: timedelta) -> timedelta:
    if within.total_seconds() <= 0:
        raise ValueError(
            f"within must be longer than {within}: write for example"
            " 'fresh_login_required(within=timedelta(minutes=10))'."
        )
    return within


def _tell_that_guards_are_off() -> None:
    """Log once an app that ``LOGIN_DISABLED`` is set: loud, but not one line a request."""
    app = this_app()
    if app not in _told:
        _told.add(app)
        app.logger.warning(
            "LOGIN_DISABLED is set: every guard lets everybody through. Remove it outside of tests."
        )
