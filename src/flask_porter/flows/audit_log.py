"""The audit log, for operators: see its end, and drop what is older than the app keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from . import events
from .inputs import Input, Line, Nothing
from .operating import MOST, require_operator
from .outcomes import Done
from .run import flow

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


class LastEvents(Input):
    """How many events, and which."""

    limit: int = Field(default=50, ge=1, le=MOST)
    event: Line | None = None


@flow("audit_log", LastEvents)
def show(accounts: Accounts, caller: Caller, form: LastEvents) -> Done:
    """Return the last events, the newest first, as ``events``.

    Raises:
        Refused: ``operators_only``.
    """
    require_operator(caller)
    names = ("at", "level", "event", "user_id", "actor", "address", "surface", "details")
    return Done(
        "audit_log",
        {
            "events": [
                {name: getattr(row, name) for name in names}
                for row in accounts.audit.last(form.limit, form.event)
            ]
        },
    )


@flow("purge", Nothing)
def purge(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
    """Remove what is over: old audit entries, ended records, dead tokens, sent mail.

    That entries of the audit log are gone is an entry of its own.

    Raises:
        Refused: ``operators_only``.
    """
    require_operator(caller)
    now = accounts.clock()
    before = now - accounts.settings.audit_retention
    entries = accounts.audit.purge(before)
    if entries:
        events.record(accounts, caller, "sensitive_delete", what="audit_log", count=entries)
    return Done(
        "purged",
        {
            "audit": entries,
            "sessions": accounts.sessions.purge(now),
            "tokens": accounts.tokens.purge(now - accounts.settings.not_me_ttl),
            "outbox": accounts.outbox.purge(now - accounts.settings.not_me_ttl),
            "kept_requests": accounts.kept_requests.purge(now),
        },
    )
