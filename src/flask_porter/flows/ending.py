"""Ends what others may hold of an account: every log-in, and every link and code in a mail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..errors import Refused
from . import events
from .admit import renew
from .known_devices import is_known, kept_known
from .mails import KINDS

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller
    from .outcomes import LoggedIn

#: What the tokens in our mails are for, but "this wasn't me": that one outlives every change.
MAILED: Final = tuple(sorted({kind.purpose for kind in KINDS.values() if kind.purpose}))


def end_all(accounts: Accounts, caller: Caller, user: Any, reason: str) -> None:
    """End every log-in of ``user`` and kill what was mailed, at once and on every worker."""
    _end(accounts, caller, user, reason, but=None)


def end_all_but_this(
    accounts: Accounts,
    caller: Caller,
    user: Any,
    reason: str,
    *,
    amr: tuple[str, ...] | None = None,
) -> LoggedIn | None:
    """Do the same, but keep the caller's own log-in, if it is one of ``user``, under a new token.

    With ``amr`` who they are has been proven anew just now, so their browser is known. None if
    there is nothing to keep: the caller is somebody else, or their log-in has ended meanwhile.
    """
    is_theirs = caller.record is not None and caller.user_id == user.id
    this = caller.record.id if is_theirs and caller.record is not None else None
    token = caller.known_device
    was_known = amr is not None or is_known(accounts, user, token)
    _end(accounts, caller, user, reason, but=this)
    if this is None:
        return None
    try:
        renewed = renew(accounts, caller, user, amr=amr)
    except Refused:
        return None
    known = kept_known(accounts, user, token, was_known=was_known)
    return replace(renewed, known_device=known)


def _end(accounts: Accounts, caller: Caller, user: Any, reason: str, *, but: str | None) -> None:
    accounts.users.advance_generation(user)
    accounts.tokens.kill(user.id, MAILED)
    count = accounts.sessions.end(user.id, but=but)
    events.record(accounts, caller, "session_ended", user_id=user.id, reason=reason, count=count)
