"""What happened lately in an account, for whoever it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from .device_names import device_name
from .inputs import Nothing
from .outcomes import Done
from .reauthenticate import logged_in
from .run import flow

if TYPE_CHECKING:
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

    Raises:
        Refused: ``login_required``.
    """
    user = logged_in(accounts, caller)
    return Done("activity", {"events": entries_of(accounts, user, SHOWN)})


def entries_of(accounts: Accounts, user: Any, limit: int) -> list[Entry]:
    """Return the last entries about ``user``."""
    return [
        Entry(
            at=row.at,
            event=row.event,
            reason=str(row.details.get("reason", "")),
            address=row.address,
            device=device_name(row.user_agent),
            serious=row.event in _SERIOUS,
        )
        for row in accounts.audit.of_user(user.id, limit)
    ]
