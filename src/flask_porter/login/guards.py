"""The decorators that let a request in, or have the login manager answer it."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec
from weakref import WeakSet

from werkzeug.local import LocalProxy

from .callbacks import as_sync
from .current import current_manager, current_request, current_user, this_app
from .defaults import EXEMPT_METHODS
from .session import login_fresh

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint, Flask

P = ParamSpec("P")

# The apps whose log says already that their guards are off.
_told: WeakSet[Flask] = WeakSet()


def login_required(func: Callable[P, Any]) -> Callable[P, Any]:
    """Let only logged-in users into the view; the manager's ``unauthorized`` answers the others.

    Requests with an exempt method (OPTIONS) pass, and no user is loaded for them.
    """

    @wraps(func)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        if not _is_open():
            if not _is_authenticated():
                return current_manager().unauthorized()
        return as_sync(this_app(), func)(*args, **kwargs)

    return guarded


def fresh_login_required(func: Callable[P, Any]) -> Callable[P, Any]:
    """Let only users in who have proven in this session who they are.

    The manager's ``unauthorized`` answers visitors, its ``needs_refresh`` users who came back by
    the remember cookie.
    """

    @wraps(func)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        if not _is_open():
            if not _is_authenticated():
                return current_manager().unauthorized()
            if not login_fresh():
                return current_manager().needs_refresh()
        return as_sync(this_app(), func)(*args, **kwargs)

    return guarded


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


def _is_authenticated() -> bool:
    user = current_user
    if isinstance(user, LocalProxy):
        user = user._get_current_object()
    # An app may choose None for "nobody": anonymous_user = lambda: None.
    return user is not None and bool(user.is_authenticated)


def _is_open() -> bool:
    if current_request().method in EXEMPT_METHODS:
        return True
    if not this_app().config.get("LOGIN_DISABLED"):
        return False
    _tell_that_guards_are_off()
    return True


def _tell_that_guards_are_off() -> None:
    """Log once an app that ``LOGIN_DISABLED`` is set: loud, but not one line a request."""
    app = this_app()
    if app not in _told:
        _told.add(app)
        app.logger.warning(
            "LOGIN_DISABLED is set: every guard lets everybody through. Remove it outside of tests."
        )
