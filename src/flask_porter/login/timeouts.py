"""How long a log-in lasts: without activity, in all, and how long it counts as fresh.

Sources: OWASP Session Management Cheat Sheet, "Session Expiration"; NIST SP 800-63B-4 section 5.2.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from .current import current_session, session_records

if TYPE_CHECKING:
    from datetime import timedelta

    from flask.sessions import SessionMixin

    from .manager import LoginManager

#: Session keys, all in whole seconds since the epoch: when the user last proved who they are,
#: when the log-in began, when it was last used.
PROVEN: Final = "_auth_time"
BEGUN: Final = "_began"
SEEN: Final = "_seen"

_asked: set[str] = set()


def begin(manager: LoginManager) -> None:
    """Start the clocks of a new log-in, those that ``manager`` looks at."""
    now = _now()
    session = current_session()
    for key, timeout in ((BEGUN, manager.absolute_timeout), (SEEN, manager.idle_timeout)):
        if timeout is None:
            session.pop(key, None)
        else:
            session[key] = now


def ask_for_age() -> None:
    """Have the time of each proof noted from now on; a guard that asks for an age calls this.

    Until then no session has the key, as none of Flask-Login's has.
    """
    _asked.add(PROVEN)


def prove(manager: LoginManager) -> None:
    """Note that the user has just proven who they are."""
    if PROVEN in _asked or manager.hardened:
        current_session()[PROVEN] = _now()
    else:
        current_session().pop(PROVEN, None)


def proven_within(within: timedelta) -> bool:
    """Tell whether the user has proven who they are less than ``within`` ago, in this session."""
    if (behind := session_records()) is not None:
        age = behind.age_of_proof()
        return age is not None and age < within
    session = current_session()
    proven_at = _moment(session, PROVEN)
    if session.get("_fresh", False) is not True or proven_at is None:
        return False
    return _now() - proven_at < within.total_seconds()


def why_over(manager: LoginManager) -> str | None:
    """Return ``"idle_timeout"`` or ``"absolute_timeout"`` when one has ended the log-in.

    Otherwise note that it is in use. A log-in that has no clock yet, of an older node or from
    before the timeout was set, starts one now.
    """
    if manager.idle_timeout is None and manager.absolute_timeout is None:
        return None
    now = _now()
    session = current_session()
    if manager.absolute_timeout is not None:
        begun_at = _moment(session, BEGUN)
        if begun_at is None:
            session[BEGUN] = now
        elif now - begun_at >= manager.absolute_timeout.total_seconds():
            return "absolute_timeout"
    if manager.idle_timeout is not None:
        seen_at = _moment(session, SEEN)
        if seen_at is not None and now - seen_at >= manager.idle_timeout.total_seconds():
            return "idle_timeout"
        if seen_at != now:
            session[SEEN] = now
    return None


def _moment(session: SessionMixin, key: str) -> int | None:
    value: Any = session.get(key)
    return value if type(value) is int else None


def _now() -> int:
    return int(time.time())
