"""Every write to ``flask.session``: a log-in begins, is proven again, goes stale and ends here."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import session
from flask.sessions import NullSession
from werkzeug.local import LocalProxy

from . import records, stamps, timeouts
from . import remember as remember_cookie
from .cookie_session import CookieSessionInterface, opened_session
from .current import (
    _get_user,
    current_manager,
    current_request,
    current_session,
    request_state,
    session_is_of,
    session_records,
    this_app,
)
from .defaults import SESSION_KEYS
from .signals import (
    login_refused,
    session_ended,
    user_logged_in,
    user_logged_out,
    user_login_confirmed,
)

if TYPE_CHECKING:
    from .records import Begun
    from .remember_token import RememberToken

# What a log-in leaves in the session; the first three are Flask-Login's.
_LOGIN_KEYS = (
    "_user_id",
    "_fresh",
    "_id",
    stamps.SESSION_KEY,
    timeouts.PROVEN,
    timeouts.BEGUN,
    timeouts.SEEN,
    records.TOKEN,
    records.REMEMBERED_UNTIL,
)


def login_user(
    user: Any,
    remember: bool = False,
    duration: timedelta | None = None,
    force: bool = False,
    fresh: bool = True,
) -> bool:
    """Log ``user`` in and return True; return False for a user who is not active.

    Args:
        user: the user object; its id must be text, a number or another value Flask can sign.
        remember: set the remember cookie, so that the log-in outlives the browser.
        duration: how long that cookie lasts; ``REMEMBER_COOKIE_DURATION`` when left out.
        force: log in a user who is not active.
        fresh: whether the user has just proven who they are.

    Raises:
        TypeError: ``duration`` is not a timedelta, or the user's id is a list or dict.
    """
    if isinstance(user, LocalProxy):
        user = user._get_current_object()
    if not force and not user.is_active:
        login_refused.send(this_app(), user=user, reason="inactive")
        return False
    manager = current_manager()
    user_id = getattr(user, manager.id_attribute)()
    if not is_user_id(user_id) and user_id is not None:
        raise TypeError(
            f"{type(user).__name__}.{manager.id_attribute}() must return text or a number to find"
            f" the user by, not {type(user_id).__name__}."
        )
    seconds = None if duration is None else _seconds(duration)
    if (behind := session_records()) is not None:
        begun = behind.open(user, remember=remember, duration=duration, fresh=fresh)
        if begun is None:
            login_refused.send(this_app(), user=user, reason="not_admitted")
            return False
        begin_with_record(user, begun, fresh=fresh)
        return True
    _renew_data(user_id)
    _order_remember_cookie(user_id, remember, seconds)
    _begin(user, user_id, fresh=fresh)
    manager._update_request_context_with_user(user)
    user_logged_in.send(this_app(), user=user)
    return True


def begin_with_record(user: Any, begun: Begun, *, fresh: bool = True) -> None:
    """Put the log-in of ``user`` into the session, with the token of the record behind it."""
    manager = current_manager()
    user_id = getattr(user, manager.id_attribute)()
    _renew_data(user_id)
    _begin(user, user_id, fresh=fresh)
    hold_record(begun)
    manager._update_request_context_with_user(user)
    try:
        user_logged_in.send(this_app(), user=user)
    except BaseException:
        # Flask sends the session with an error too; a handler that breaks lets nobody in.
        _drop_login()
        raise


def hold_record(begun: Begun) -> None:
    """Have the session name a record, and a remembered one outlive the browser."""
    session[records.TOKEN] = begun.token
    if begun.remembered_until is None:
        session.pop(records.REMEMBERED_UNTIL, None)
    else:
        session[records.REMEMBERED_UNTIL] = begun.remembered_until
    if not isinstance(this_app().session_interface, CookieSessionInterface):
        # Another interface knows only this of how long its cookie lasts.
        session.permanent = begun.remembered_until is not None


def logout_user() -> bool:
    """Log the current user out, clear their remember cookie, and return True."""
    user = _get_user()
    user_id = session.get("_user_id")
    if (behind := session_records()) is not None:
        behind.end()
    _drop_login()
    if remember_cookie.received() is not None:
        order_clearing()
        session.pop("_remember_seconds", None)
    user_logged_out.send(this_app(), user=user)
    if user_id is not None:
        session_ended.send(this_app(), user_id=user_id, reason="logout")
    current_manager()._update_request_context_with_user()
    return True


def confirm_login() -> None:
    """Make the log-in fresh again, once the user has proven anew who they are."""
    behind = session_records()
    if behind is not None and (begun := behind.prove()) is not None:
        hold_record(begun)
    session["_fresh"] = True
    timeouts.prove(current_manager())
    renew_identifier()
    user_login_confirmed.send(this_app())


def login_fresh() -> bool:
    """Return True when the user has proven who they are in this session."""
    if (behind := session_records()) is not None:
        return behind.is_fresh()
    return session.get("_fresh", False)  # type: ignore[no-any-return]


def is_user_id(value: object) -> bool:
    """Tell whether ``value``, read from a session, may be handed to a user loader.

    A signed list or dict would break every loader that looks it up, and ``True`` finds user 1.
    """
    return value is not None and not isinstance(value, (list, dict, bool))


def renew_stamp(user: Any) -> None:
    """Keep this browser logged in after the change that has ended every other log-in of ``user``.

    Call it when the user's stamp has changed, for one after a new password was stored. It does
    nothing in the session of somebody else, as when an administrator made the change.
    """
    user_id = getattr(user, current_manager().id_attribute)()
    if not session_is_of(user_id):
        return
    stamps.write(user, user_id)
    cookie = remember_cookie.received()
    if cookie is None or remember_cookie.is_being_cleared():
        return
    token = remember_cookie.read(cookie)
    if token is not None and token.user_id == str(user_id):
        order_renewal(token)


def restore(user: Any, token: RememberToken) -> None:
    """Begin the log-in that a remember cookie has brought back: known, but not fresh."""
    _renew_data(token.user_id)
    _begin(user, token.user_id, fresh=False)
    is_first_format = token.expires_at is None
    lacks_stamp = token.stamp is None and stamps.written_for(token.user_id) is not None
    if token.is_outdated or (
        (is_first_format or lacks_stamp) and remember_cookie.writes_second_format(token.user_id)
    ):
        order_renewal(token)


def end(reason: str) -> None:
    """End the log-in that stands in the session, and say why."""
    user_id = session.get("_user_id")
    _drop_login()
    session_ended.send(this_app(), user_id=user_id, reason=reason)


def go_stale() -> None:
    """Take freshness away; an already stale session is left unmodified and not sent again."""
    if session.get("_fresh") is not False:
        session["_fresh"] = False


def forget_login() -> None:
    """Take everything of ours out of the session, leave the app's keys, clear the cookie."""
    user_id = session.get("_user_id")
    for key in (*SESSION_KEYS, *_LOGIN_KEYS):
        session.pop(key, None)
    order_clearing()
    if user_id is not None:
        session_ended.send(this_app(), user_id=user_id, reason="client_changed")


def order_clearing() -> None:
    """Have the remember cookie cleared with this response.

    The order also stands outside the session, so that ``session.clear()`` cannot undo it; an app
    without a key has only that one.
    """
    if not isinstance(current_session(), NullSession):
        session["_remember"] = "clear"
    request_state().remember_cleared = True


def order_renewal(token: RememberToken) -> None:
    """Have the remember cookie written anew with this response, to end when the old one does."""
    session["_remember"] = "set"
    if token.expires_at is not None:
        request_state().remember_seconds = max(token.expires_at - time.time(), 0)


def renew_identifier() -> None:
    """Bind the session to the client that shows it now."""
    current_session()["_id"] = current_manager()._session_identifier_generator()


def keep_next(url: str | None) -> None:
    """Keep where the visitor was going, and the client it was, for the log-in view to read."""
    renew_identifier()
    if url is None:
        session.pop("next", None)
    else:
        session["next"] = url


def take_cookie_order() -> str | None:
    """Return what this response must do with the remember cookie: ``"set"``, ``"clear"`` or None.

    The order in the session is taken out of it. A session that nobody has touched is not touched
    here either, or every response would vary by cookie (RFC 9110 section 12.5.5).
    """
    order = "clear" if request_state().remember_cleared else None
    opened = opened_session(current_request())
    if opened is not None and "_remember" in opened:
        order = session.pop("_remember")
    if order == "clear":
        return order
    # Written for an id of None, the cookie would be that of the user called "None".
    if order == "set" and session.get("_user_id") is not None:
        return order
    if this_app().config.get("REMEMBER_COOKIE_REFRESH_EACH_REQUEST"):
        cookie = remember_cookie.received()
        if cookie is not None and remember_cookie.is_for_this_session(cookie):
            return "set"
    return None


def _begin(user: Any, user_id: Any, *, fresh: bool) -> None:
    session = current_session()
    session["_user_id"] = user_id
    session["_fresh"] = fresh
    renew_identifier()
    stamps.write(user, user_id)
    timeouts.begin(current_manager())
    if fresh:
        timeouts.prove(current_manager())
    _renew_id()


def _drop_login() -> None:
    """Take the log-in out of the session; hardened, everything but messages still to be shown."""
    if current_manager().hardened:
        _clear_data_but("_flashes")
        return
    for key in _LOGIN_KEYS:
        session.pop(key, None)


def _renew_data(user_id: Any) -> None:
    """Leave nothing that a stranger may have planted before the log-in, when hardened."""
    manager = current_manager()
    if not manager.hardened:
        return
    if not session_is_of(user_id):
        _clear_data_but("_flashes", "_permanent", *manager.carry_over)


def _renew_id() -> None:
    """Give a server-side session another id when hardened, if its interface can do that.

    OWASP Session Management Cheat Sheet, "Renew the Session ID After Any Privilege Level Change".
    Flask-Session leaves an empty session its id, so this comes last.
    """
    regenerate = getattr(this_app().session_interface, "regenerate", None)
    if regenerate is not None and current_manager().hardened:
        regenerate(current_session())


def _clear_data_but(*names: str) -> None:
    kept = {name: session[name] for name in names if name in session}
    session.clear()
    session.update(kept)


def _order_remember_cookie(user_id: Any, remember: bool, seconds: float | None) -> None:
    """Tell the after-request step what this log-in means for the remember cookie."""
    same_user = session_is_of(user_id)
    if remember:
        session["_remember"] = "set"
        request_state().remember_cleared = False
        request_state().remember_seconds = None
    elif (received := remember_cookie.received()) is not None:
        # Another account's cookie would bring that account back as soon as this session ends.
        remembered = remember_cookie.read(received)
        if remembered is not None and remembered.user_id != str(user_id):
            order_clearing()
    if not (remember or same_user) and session.get("_remember") == "set":
        # For who was logged in earlier in this very request.
        session.pop("_remember")
    if seconds is not None and remember:
        session["_remember_seconds"] = seconds
    elif remember or not same_user:
        session.pop("_remember_seconds", None)


def _seconds(duration: timedelta) -> float:
    try:
        # Not total_seconds(): dateutil's relativedelta has none, and has always been accepted.
        return timedelta(duration.days, duration.seconds, duration.microseconds).total_seconds()
    except AttributeError:
        raise TypeError(
            f"duration must be a datetime.timedelta, instead got: {duration}."
            " Write for example login_user(user, remember=True, duration=timedelta(days=30))."
        ) from None
