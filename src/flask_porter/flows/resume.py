"""From a session token back to its user, on every request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..authenticators import tokens

if TYPE_CHECKING:
    from datetime import timedelta

    from ..stores.base import SessionRecord, Transport
    from .accounts import Accounts


@dataclass(frozen=True, slots=True)
class Resumed:
    """The record behind a session token that still holds, and its user."""

    user: Any
    record: SessionRecord


def resume(accounts: Accounts, token: object, transport: Transport) -> Resumed | None:
    """Return who shows ``token``, or None if it proves nobody any more.

    One read of the store, one of the user. The user is a row of the app's own database session,
    so the app can go on from it. A record is worth nothing once a limit is reached, its user's
    ``session_generation`` has moved on, or the user is disabled.

    Args:
        accounts: those of the app.
        token: whatever the session holds; anything but a token is nobody's.
        transport: how it was shown. A token of the cookie counts nowhere else.
    """
    halves = tokens.split_session_token(token)
    if halves is None:
        return None
    id, secret = halves
    bound = accounts.within(accounts.database.app_session())
    record = bound.sessions.find(id)
    if record is None or record.transport != transport:
        return None
    if not tokens.matches(secret, record.secret_digest):
        return None
    if record.is_over(accounts.clock()):
        return None
    user = bound.users.fresh(record.user_id)
    if user is None or user.session_generation != record.generation or not user.is_active:
        return None
    return Resumed(user, _touched(accounts, record))


def age_of_proof(accounts: Accounts, record: SessionRecord) -> timedelta:
    """Return how long ago who they are was last proven."""
    return accounts.clock() - record.auth_time


def is_fresh(accounts: Accounts, record: SessionRecord) -> bool:
    """Tell whether that is recent enough (``PORTER_FRESH_FOR``; ASVS 5.0 7.5.1)."""
    return age_of_proof(accounts, record) < accounts.settings.fresh_for


def _touched(accounts: Accounts, record: SessionRecord) -> SessionRecord:
    """Note that the record is in use, once in a while: most requests write nothing."""
    now = accounts.clock()
    every = accounts.settings.session_touch_every
    if record.idle_timeout is not None:
        # A sixtieth of the limit is how early it may strike: a minute of an hour.
        every = min(every, record.idle_timeout / 60)
    if now - record.last_seen_at < every:
        return record
    with accounts.database.open_session() as own:
        accounts.within(own).sessions.touch(record.id, now)
        own.commit()
    return replace(record, last_seen_at=now)
