"""Everything protected by default: an app or a blueprint asks for a log-in, ``public`` opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from flask import Blueprint, Flask, abort, has_app_context

from .current import current_manager, current_request, this_app
from .defaults import EXEMPT_METHODS
from .errors import SetUpError
from .guards import guards_are_off, is_authenticated
from .marks import open_to_all, require
from .open_routes import declared, is_automatic_options, is_login_page, is_static, standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request
    from werkzeug.routing import Rule

    Opened = TypeVar("Opened", bound=Callable[..., Any] | Blueprint | str)
    Protected = TypeVar("Protected", bound=Flask | Blueprint)


def require_login(protected: Protected) -> Protected:
    """Let only logged-in users into the views of an app or blueprint, nested ones included.

    Open stay: what :func:`public` names, the pages that the manager sends people to, Flask's
    routes for static files, its automatic answer to OPTIONS, and URLs without a route. It may be
    called before the views, and the log-in manager, are there; on a blueprint, before it is
    registered.

    Raises:
        TypeError: neither an app nor a blueprint is given.
    """
    if isinstance(protected, Flask):
        said = declared(protected)
        if not said.requires_login:
            said.requires_login = True
            protected.before_request(_admit)
    elif isinstance(protected, Blueprint):
        protected.before_request(_admit)
        require(protected)
    else:
        raise TypeError(
            f"require_login wants the app or a blueprint, not {protected!r}: for one view write"
            " '@login_required'."
        )
    return protected


def public(opened: Opened, *, app: Flask | None = None) -> Opened:
    """Open a view, an endpoint or a blueprint of what :func:`require_login` protects.

    A view is a function or a view class; as a decorator it may stand above or below ``route`` and
    guards. A guard on the view itself still asks. A view inside a public blueprint is public,
    unless a blueprint between the two requires a log-in.

    Args:
        opened: the view or blueprint, or the name of an endpoint.
        app: whose endpoint it is; the current app when left out.

    Raises:
        SetUpError: an endpoint is named, and no app.
        TypeError: what is given can be none of these.
    """
    given: Any = opened
    if isinstance(given, str):
        if app is None and not has_app_context():
            raise SetUpError(
                f"public({opened!r}) cannot know the app: write 'public({opened!r}, app=app)'."
            )
        declared(app or this_app()).public_endpoints.add(given)
        return opened
    if isinstance(given, Flask) or not (isinstance(given, Blueprint) or callable(given)):
        raise TypeError(
            f"public wants a view, an endpoint or a blueprint, not {opened!r}. An app is open as"
            " long as 'require_login(app)' is not called."
        )
    open_to_all(given)
    return opened


def needs_no_user(request: Request, rule: Rule) -> bool:
    """Tell whether a guard on a whole app or blueprint has nothing to ask of this request."""
    method = request.method
    if is_automatic_options(rule, method) or is_static(this_app(), rule.endpoint):
        return True
    # OPTIONS is exempt for the sake of the automatic answer; a view of the app's own is guarded.
    return (method != "OPTIONS" and method in EXEMPT_METHODS) or guards_are_off()


def shows_login_page(request: Request, rule: Rule) -> bool:
    """Tell whether the request is for a page that people are sent to in order to log in."""
    path = request.root_path.rstrip("/") + request.path
    return is_login_page(current_manager(), this_app(), rule, path, request.method)


def turned_away() -> Any:
    """Return the manager's answer to a visitor, which is never None.

    Flask takes None from a function that runs before the view for "go on".
    """
    answer = current_manager().unauthorized()
    if answer is None:
        abort(401)
    return answer


def _admit() -> Any:
    request = current_request()
    rule = request.url_rule
    if rule is None or standing(this_app(), rule.endpoint).is_public:
        return None
    if needs_no_user(request, rule) or is_authenticated() or shows_login_page(request, rule):
        return None
    return turned_away()
