"""The one gate: only here is a session record opened, whatever proved who somebody is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..authenticators import tokens
from ..errors import Refused
from ..stores.base import SessionRecord
from . import events, mails
from .known_devices import is_known, mint_known_device
from .outcomes import LoggedIn

if TYPE_CHECKING:
    from datetime import timedelta

    from ..stores.base import Transport
    from .accounts import Accounts
    from .caller import Caller

# 128 bits name the record, 256 prove its client (NIST SP 800-63B-4 section 5.1 asks for 64).
_ID_BYTES = 16
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def admit(
    accounts: Accounts,
    caller: Caller,
    user: Any,
    *,
    amr: tuple[str, ...],
    pathway: str,
    remember_for: timedelta | None = None,
    transport: Transport = "cookie",
    is_proof: bool = True,
) -> LoggedIn:
    """Open a session record for ``user``, and end the one this client had.

    Args:
        accounts: those of the flow that runs.
        caller: the client that has proven who its user is.
        user: that user, as read before the proof was looked at. A change since then that ends
            session records ends this one too, since it carries the generation of then.
        amr: how it was proven (RFC 8176).
        pathway: the flow that proved it.
        remember_for: how long a record lasts that outlives the browser; None for one that does not.
        transport: how the client will show the token.
        is_proof: False for a log-in that proves nothing anew: it is not fresh.

    Raises:
        Refused: ``disabled``, ``unverified``, or the reason of one of the app's checks. The
            caller of this function decides what a stranger is told.
    """
    reason = why_not(accounts, caller, user)
    if reason is not None:
        raise Refused(reason)
    record, token = _new_record(
        accounts,
        caller,
        user,
        amr=amr,
        pathway=pathway,
        remember_for=remember_for,
        transport=transport,
        is_proof=is_proof,
    )
    _end_the_old_one(accounts, caller)
    _keep_below_the_cap(accounts, caller, user)
    accounts.sessions.open(record)
    return LoggedIn(user, record, token, _noted(accounts, caller, user, record))


def renew(
    accounts: Accounts, caller: Caller, user: Any, *, amr: tuple[str, ...] | None = None
) -> LoggedIn:
    """Give this client's record another id and secret, at a step that adds to what it may do.

    With ``amr`` who they are has been proven anew just now. The old token is worthless at once
    (OWASP Session Management Cheat Sheet, "Renew the Session ID After Any Privilege Level
    Change").

    Raises:
        Refused: ``session_over``: the record has ended meanwhile.
    """
    old = caller.record
    if old is None or old.user_id != user.id:
        raise Refused("session_over", status=401, next_steps=("login",))
    now = accounts.clock()
    secret = tokens.mint()
    record = replace(
        old,
        id=tokens.mint(_ID_BYTES),
        secret_digest=tokens.digest(secret),
        generation=user.session_generation,
        last_seen_at=now,
    )
    if amr is not None:
        settings = accounts.settings
        lasts = settings.remember_for if old.remembered else settings.absolute_timeout
        # NIST SP 800-63B-4 section 5.2: reauthentication starts both limits anew.
        record = replace(record, auth_time=now, amr=amr, expires_at=now + lasts)
    if not accounts.sessions.rotate(old.id, record):
        raise Refused("session_over", status=401, next_steps=("login",))
    events.record(accounts, caller, "session_renewed", user_id=user.id)
    return LoggedIn(user=user, record=record, token=tokens.join_session_token(record.id, secret))


def why_not(accounts: Accounts, caller: Caller, user: Any) -> str | None:
    """Return the reason for which ``user`` may not be let in now, or None."""
    # As for each request: an app may say in its own words who is not active.
    if user.disabled_at is not None or not user.is_active:
        return "disabled"
    if accounts.settings.require_verified and user.email_verified_at is None:
        return "unverified"
    for check in accounts.checks:
        reason = check(user, caller)
        if reason is not None:
            return reason
    return None


def _new_record(
    accounts: Accounts,
    caller: Caller,
    user: Any,
    *,
    amr: tuple[str, ...],
    pathway: str,
    remember_for: timedelta | None,
    transport: Transport,
    is_proof: bool,
) -> tuple[SessionRecord, str]:
    """Return a record that nobody has kept yet, and the session token that names it."""
    settings = accounts.settings
    now = accounts.clock()
    secret = tokens.mint()
    record = SessionRecord(
        id=tokens.mint(_ID_BYTES),
        secret_digest=tokens.digest(secret),
        user_id=user.id,
        generation=user.session_generation,
        created_at=now,
        last_seen_at=now,
        auth_time=now if is_proof else _NEVER,
        amr=amr,
        expires_at=now + (remember_for or settings.absolute_timeout),
        idle_timeout=None if remember_for else settings.idle_timeout,
        remembered=remember_for is not None,
        transport=transport,
        pathway=pathway,
        address=caller.address,
        user_agent=caller.user_agent[:400],
    )
    return record, tokens.join_session_token(record.id, secret)


def _end_the_old_one(accounts: Accounts, caller: Caller) -> None:
    old = caller.record
    if old is not None and accounts.sessions.end(old.user_id, ids=[old.id]):
        events.record(accounts, caller, "session_ended", user_id=old.user_id, reason="replaced")


def _keep_below_the_cap(accounts: Accounts, caller: Caller, user: Any) -> None:
    """End the records of ``user`` that were seen longest ago (ASVS 7.1.2)."""
    cap = accounts.settings.max_sessions
    if cap is None:
        return
    over = [record.id for record in accounts.sessions.list(user.id)[cap - 1 :]]
    if over:
        count = accounts.sessions.end(user.id, ids=over)
        events.record(
            accounts, caller, "session_ended", user_id=user.id, reason="too_many", count=count
        )


def _noted(accounts: Accounts, caller: Caller, user: Any, record: SessionRecord) -> str | None:
    """Note the log-in, tell the user of one in a new browser, and return what makes it known."""
    known = is_known(accounts, user, caller.known_device)
    is_first = user.last_login_at is None
    user.last_login_at = record.created_at
    events.record(
        accounts,
        caller,
        "session_created",
        user_id=user.id,
        pathway=record.pathway,
        known_device=known,
    )
    if not (known or is_first):
        mails.post(accounts, caller, "new_device", user=user)
    return None if known else mint_known_device(accounts, user, beside=caller.known_device)
