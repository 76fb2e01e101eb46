"""What has happened, in OWASP's words: one entry of the audit log and one signal for each event.

Source: OWASP Logging Vocabulary Cheat Sheet. An entry names no secret and nothing that was typed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from blinker import Namespace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from blinker import NamedSignal

    from .accounts import Accounts
    from .caller import Caller

#: Every event, and how serious it is.
LEVELS: Final[Mapping[str, str]] = {
    "authn_login_success": "INFO",
    "authn_login_fail": "WARN",
    "authn_login_lock": "WARN",
    "authn_password_change": "INFO",
    "authn_password_change_fail": "CRITICAL",
    "authn_token_created": "INFO",
    "authn_token_reuse": "CRITICAL",
    "authn_reauthenticate_success": "INFO",
    "authn_reauthenticate_fail": "WARN",
    "authz_admin": "WARN",
    "authz_change": "WARN",
    "authz_fail": "CRITICAL",
    "excess_rate_limit_exceeded": "WARN",
    "input_validation_fail": "WARN",
    "malicious_csrf": "CRITICAL",
    "sensitive_delete": "WARN",
    "sensitive_read": "WARN",
    "session_created": "INFO",
    "session_renewed": "INFO",
    "session_ended": "INFO",
    "user_archived": "WARN",
    "user_created": "WARN",
    "user_deleted": "WARN",
    "user_enabled": "WARN",
    "user_updated": "WARN",
    "user_verified": "INFO",
    "mail_failed": "WARN",
}

_signals = Namespace()

#: Sent for every event: ``handler(app, event=Event)``.
account_event: Final = _signals.signal("account-event")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that has happened; ``at`` is in UTC."""

    name: str
    level: str
    at: datetime
    user_id: Any = None
    #: Who did it, when it was not the user: ``cli``, or the id of somebody else.
    actor: str = ""
    address: str = ""
    user_agent: str = ""
    surface: str = ""
    #: The id of the session record; it is no secret and opens nothing.
    session_id: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def signal_for(name: str) -> NamedSignal:
    """Return the signal of one event: ``signal_for("user_created").connect(handler)``.

    Raises:
        KeyError: there is no such event.
    """
    LEVELS[name]
    return _signals.signal(name)


def record(
    accounts: Accounts, caller: Caller, name: str, *, user_id: Any = None, **details: Any
) -> Event:
    """Write ``name`` into the audit log, and tell the app once it is committed.

    Args:
        accounts: those of the flow that runs.
        caller: who asked.
        name: one of :data:`LEVELS`.
        user_id: whom it is about; the caller's user when left out.
        details: plain values for JSON: no secret, nothing that was typed.
    """
    about = caller.user_id if user_id is None else user_id
    event = Event(
        name=name,
        level=LEVELS[name],
        at=accounts.clock(),
        user_id=about,
        actor=_actor(caller, about),
        address=caller.address,
        user_agent=caller.user_agent[:400],
        surface=caller.surface,
        session_id="" if caller.record is None else caller.record.id[:12],
        details=details,
    )
    accounts.audit.add(event)
    accounts.kept.events.append(event)
    return event


def send(app: Any, event: Event) -> None:
    """Send the signals of ``event``, the particular one first."""
    _signals.signal(event.name).send(app, event=event)
    account_event.send(app, event=event)


def _actor(caller: Caller, about: Any) -> str:
    if caller.is_operator:
        return caller.surface
    if caller.user_id is None or caller.user_id == about:
        return ""
    return str(caller.user_id)
