"""What happened lately in an account, for whoever it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, Final

from .device_names import device_name
from .inputs import Nothing
from .outcomes import Done
from .reauthenticate import logged_in
from .run import flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from .accounts import Accounts
    from .caller import Caller

#: How many entries a person sees.
SHOWN: Final = 50

#: At what somebody should look twice.
_SERIOUS: Final = frozenset(
    {
        "authn_login_fail",
        "authn_login_lock",
        "authn_password_change_fail",
        "authn_reauthenticate_fail",
    }
)

#: What is written beside the event that a person knows it by, as a record beside its log-in.
_BESIDE: Final = frozenset({"session_created", "session_renewed"})
#: Flows that say what they have done, so that the log-ins they end need no line of their own.
_SAID_BY_ITSELF: Final = frozenset(
    {"change_password", "change_email", "reset_password", "not_me", "replaced"}
)
#: As many entries as one thing that somebody does may have, at the most.
_MOST_FOR_ONE: Final = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the audit log as its user sees it; ``at`` is in UTC."""

    at: datetime
    event: str
    reason: str
    address: str
    device: str
    #: Whether somebody should look twice.
    serious: bool


@flow("activity", Nothing)
def show(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
    """Return the last events of the caller's account, the newest first, as ``events``.

    One for each thing that somebody has done, whatever the audit log has written beside it.

    Raises:
        Refused: ``login_required``.
    """
    user = logged_in(accounts, caller)
    rows = filter(_is_a_line, _rows_of(accounts, user, SHOWN * _MOST_FOR_ONE))
    return Done("activity", {"events": [_entry(row) for row in islice(rows, SHOWN)]})


def entries_of(accounts: Accounts, user: Any, limit: int) -> list[Entry]:
    """Return the last entries about ``user``."""
    return [_entry(row) for row in _rows_of(accounts, user, limit)]


def _rows_of(accounts: Accounts, user: Any, limit: int) -> Iterator[Any]:
    """Yield the last entries about ``user``, the newest first.

    What is older than a deletion is about somebody else: SQLite gives a key again where the table
    of an app does not say ``AUTOINCREMENT``.
    """
    rows = accounts.audit.of_user(user.id, limit)
    return takewhile(lambda row: row.event != "user_deleted", rows)


def _entry(row: Any) -> Entry:
    return Entry(
        at=row.at,
        event=row.event,
        reason=str(row.details.get("reason", "")),
        address=row.address,
        device=device_name(row.user_agent),
        serious=row.event in _SERIOUS,
    )


def _is_a_line(row: Any) -> bool:
    """Tell whether a person sees ``row``, and not another entry about the same thing."""
    details: Mapping[str, Any] = row.details
    match row.event:
        case "session_ended":
            return details.get("reason") not in _SAID_BY_ITSELF
        case "authn_reauthenticate_success":
            return "purpose" not in details
        case "authn_reauthenticate_fail":
            return details.get("purpose") != "change_password"
        case "authn_token_created":
            # The mail that brought the code has its line.
            return details.get("pathway") != "code"
    return bool(row.event not in _BESIDE)
