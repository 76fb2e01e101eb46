"""Download one's data: all that is kept about somebody (GDPR articles 15 and 20)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict
from datetime import date, time
from enum import Enum
from typing import TYPE_CHECKING, Final

from . import events
from .activity import entries_of
from .devices import devices_of
from .finding import account_of
from .inputs import Nothing
from .outcomes import Done
from .reauthenticate import require_fresh
from .run import flow
from .throttles import limit_rate

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller

#: How many entries of the audit log are in it, the newest first.
MOST_ENTRIES: Final = 10_000


@flow("download_data", Nothing)
def download_data(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
    """Return what is kept about the caller: plain values, and no secret among them.

    An app adds what it keeps by writing ``export_data()`` on its user model.

    Raises:
        Refused: ``login_required`` or ``reauthentication_required``.
        TooManyAttempts: as many an hour as mails (ASVS 5.0 2.4.1).
    """
    user = require_fresh(accounts, caller)
    limit_rate(accounts, caller, "downloads", key=account_of(user), user=user)
    events.record(accounts, caller, "sensitive_read", user_id=user.id, what="download_data")
    return Done(
        "data_downloaded",
        {
            "account": user.export_data(),
            "roles": accounts.roles.names_of(user.id),
            "devices": [asdict(device) for device in devices_of(accounts, user, caller.record)],
            "activity": [asdict(entry) for entry in entries_of(accounts, user, MOST_ENTRIES)],
        },
    )


def as_text(value: object) -> str:
    """Return in words what JSON has no type for, since an app keeps values of any type.

    Times as RFC 3339 writes them, bytes in Base64 (RFC 4648 section 4).
    """
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value.value if isinstance(value, Enum) else value)
