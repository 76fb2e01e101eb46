"""From a session token back to its user, on every request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..authenticators import tokens
from ..errors import Unavailable
from ..models.own_session import app_may_be_writing
from ..stores.base import SessionRecord

if TYPE_CHECKING:
    from datetime import timedelta

    from ..stores.base import Transport
    from .accounts import Accounts


@dataclass(frozen=True, slots=True)
class Resumed:
    """The record behind a session token that still holds, and its user."""

    user: Any
    record: SessionRecord


def resume(accounts: Accounts, token: object, transport: Transport) -> Resumed | None:
    """Return who shows ``token``, or None if it proves nobody any more.

    One read of the store, one of the user, through a connection that is given back at once: were
    it the app's own, each request would hold one while a flow waits for another. The user is then
    a row of the app's database session, so the app can go on from it.

    A record is worth nothing once a limit is reached, its user's ``session_generation`` has moved
    on, or the user is disabled.

    Args:
        accounts: those of the app.
        token: whatever the session holds; anything but a token is nobody's.
        transport: how it was shown. A token of the cookie counts nowhere else.

    Raises:
        Unavailable: nobody can say whose it is: the database is away, or the store is broken.
    """
    halves = tokens.split_session_token(token)
    if halves is None:
        return None
    with accounts.database.session() as own:
        found = _found(accounts.within(own, is_own=True), *halves, transport)
        if found is None:
            return None
        return replace(found, user=accounts.database.adopted(found.user))


def age_of_proof(accounts: Accounts, record: SessionRecord) -> timedelta:
    """Return how long ago who they are was last proven."""
    return accounts.clock() - record.auth_time


def is_fresh(accounts: Accounts, record: SessionRecord) -> bool:
    """Tell whether that is recent enough (``PORTER_FRESH_FOR``; ASVS 5.0 7.5.1)."""
    return age_of_proof(accounts, record) < accounts.settings.fresh_for


def _found(accounts: Accounts, id: str, secret: str, transport: Transport) -> Resumed | None:
    found: object = accounts.sessions.find(id)
    if not isinstance(found, SessionRecord | None):
        raise Unavailable(f"The store of sessions gave a {type(found).__name__} for a record.")
    record = found
    if record is None or record.transport != transport:
        return None
    if not tokens.matches(secret, record.secret_digest):
        return None
    now = accounts.clock()
    if record.is_over(now):
        return None
    user = accounts.users.fresh(record.user_id)
    if user is None or user.session_generation != record.generation or not user.is_active:
        return None
    is_due = now - record.last_seen_at >= _touched_every(accounts, record)
    if is_due and not app_may_be_writing(accounts.database, accounts.models.user):
        accounts.sessions.touch(record.id, now)
        accounts.kept.release()
        record = replace(record, last_seen_at=now)
    return Resumed(user, record)


def _touched_every(accounts: Accounts, record: SessionRecord) -> timedelta:
    """Return how often it is noted that a record is in use: most requests write nothing."""
    every = accounts.settings.session_touch_every
    if record.idle_timeout is None:
        return every
    # A sixtieth of the limit is how early it may strike: a minute of an hour.
    return min(every, record.idle_timeout / 60)
