"""What an operator does about mail that waits: looks at it, and has it tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from ..errors import Refused
from ..models.outbox import OVERDUE
from . import events
from .inputs import Input, Nothing
from .operating import require_operator
from .outcomes import Done
from .run import flow

if TYPE_CHECKING:
    from datetime import datetime

    from .accounts import Accounts
    from .caller import Caller


#: PostgreSQL, 8.1: the largest "integer"; an id beyond it is no question to ask a database.
LAST: Final = 2**31 - 1


class RetryMail(Input):
    """Which mail."""

    mail: int = Field(ge=1, le=LAST)


@flow("list_mail", Nothing)
def list_mail(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
    """Tell what waits to be sent and what is stuck; no text of a mail, and no key.

    Raises:
        Refused: ``operators_only``.
    """
    require_operator(caller)
    now = accounts.clock()
    stuck = accounts.outbox.stuck(now)
    ids = {row.id for row in stuck}
    waiting = [row for row in accounts.outbox.unsent() if row.id not in ids]
    return Done(
        "mail_listed",
        {
            "waiting": [_shown(row, now) for row in waiting],
            "stuck": [_shown(row, now) for row in stuck],
        },
    )


@flow("retry_mail", RetryMail)
def retry_mail(accounts: Accounts, caller: Caller, form: RetryMail) -> Done:
    """Let a mail that has not gone out be tried from the start.

    Raises:
        Refused: ``operators_only``, or ``not_there``.
    """
    require_operator(caller)
    if not accounts.outbox.retry(form.mail, accounts.clock()):
        raise Refused("not_there", status=404)
    events.record(accounts, caller, "authz_admin", what="retry_mail", mail=form.mail)
    accounts.kept.afterwards.append(accounts.wake_mail)
    return Done("mail_retried", {"mail": form.mail})


def _shown(row: Any, now: datetime) -> dict[str, Any]:
    return {
        "mail": row.id,
        "kind": row.kind,
        "to": row.to_address or "",
        "since": row.created_at.isoformat(),
        "attempts": row.attempts,
        "due": None if row.failed_at else row.due_at.isoformat(),
        "error": row.error or "",
        "is_overdue": row.failed_at is None and row.due_at < now - OVERDUE,
    }
