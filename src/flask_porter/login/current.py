"""Who the current request is: loaded once for it, kept on ``g``, never lent to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from flask import current_app, g, has_request_context, request, session
from werkzeug.local import LocalProxy

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask, Request
    from flask.sessions import SessionMixin

    from .manager import LoginManager
    from .records import SessionRecords

_MISSING: Final = object()

#: Return the objects themselves for which Flask's proxies stand: each use of a proxy looks its
#: object up anew. The session counts as touched by that, and signals are sent from the app itself.
this_app = cast("Callable[[], Flask]", current_app._get_current_object)  # type: ignore[attr-defined]
current_request = cast("Callable[[], Request]", request._get_current_object)  # type: ignore[attr-defined]
_current_g = cast("Callable[[], Any]", g._get_current_object)
current_session = cast("Callable[[], SessionMixin]", session._get_current_object)  # type: ignore[attr-defined]


class RequestState:
    """What the login floor knows of one request, beside what stands in its session."""

    __slots__ = ("loading", "remember_cleared", "remember_seconds", "user", "was_known")

    def __init__(self) -> None:
        self.user: Any = _MISSING
        self.loading = False
        self.remember_cleared = False
        #: How long the cookie that this response sets lasts, in place of what is configured.
        self.remember_seconds: float | None = None
        #: Whether somebody was logged in at any time during the request.
        self.was_known = False


def _get_user() -> Any:
    """Return the user of this request, loading it on first use; None outside a request.

    Raises:
        RuntimeError: read from inside the loader or signal handler that decides the answer.
    """
    if not has_request_context():
        return None
    kept = _current_g()
    user = kept.get("_login_user", _MISSING)
    if user is not _MISSING:
        state = kept.get("_login_state")
        # Without our mark, or with another user under it, the app has put this user here itself.
        if state is None or state.user is not user or state is request_state():
            return user
    return _user_of_this_request()


current_user: Any = LocalProxy(lambda: _get_user())


def request_state() -> RequestState:
    """Return what is known of the current request.

    It lives on the request object: ``g`` belongs to the application context, which several
    requests may share.
    """
    attributes = current_request().__dict__
    state: RequestState | None = attributes.get("_login_state")
    if state is None:
        state = attributes["_login_state"] = RequestState()
    return state


def current_manager() -> LoginManager:
    """Return the manager of the current app.

    Raises:
        AttributeError: the app has none.
    """
    try:
        manager: LoginManager = this_app().login_manager  # type: ignore[attr-defined]
    except AttributeError:
        raise AttributeError(
            f"The app {current_app.name!r} has no login manager: write 'LoginManager(app)',"
            " or 'login_manager.init_app(app)' in the application factory."
        ) from None
    return manager


def session_records() -> SessionRecords | None:
    """Return what stands behind the sessions of the current app; None on the bare floor."""
    manager = getattr(this_app(), "login_manager", None)
    return getattr(manager, "session_records", None)


def session_is_of(user_id: Any) -> bool:
    """Tell whether the user with this id stands in the session, as text or as a number.

    A session without a user is of nobody, also not of the user whose id is the text "None".
    """
    known = current_session().get("_user_id")
    return known is not None and str(known) == str(user_id)


def keep_user(user: Any, *, is_known: bool = False) -> None:
    """Make ``user`` the user of this request, whatever its session says."""
    kept = _current_g()
    kept._login_user = user
    if has_request_context():
        state = kept._login_state = request_state()
        state.user = user
        if is_known:
            state.was_known = True


def _user_of_this_request() -> Any:
    state = request_state()
    if state.loading:
        raise RuntimeError(
            "current_user was read inside a user loader, a request loader or a signal handler that"
            " runs before the user is known. It is their work that decides who current_user is:"
            " use the argument they are given instead."
        )
    if state.user is not _MISSING and "_login_user" in g:
        # An inner request of the same context has left its own user on g.
        keep_user(state.user)
        return state.user
    state.loading = True
    try:
        current_manager()._load_user()
    finally:
        state.loading = False
    user = _current_g()._login_user
    if state.user is not user:
        keep_user(user)
    return user


def _user_context_processor() -> dict[str, Any]:
    """Name ``current_user`` in every template, without loading it for those that never ask.

    Where nobody may be None, the user is loaded: a proxy for None is not None to a template.
    """
    if has_request_context() and (
        request_state().user is not _MISSING
        or not isinstance(current_manager().anonymous_user, type)
    ):
        return {"current_user": _get_user()}
    return {"current_user": current_user}
