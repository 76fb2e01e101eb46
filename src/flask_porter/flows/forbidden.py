"""Notes that a guard of the app has refused a user who is logged in (ASVS 5.0 16.3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models.own_session import app_may_be_writing
from . import events
from .inputs import Input, Line
from .outcomes import Done

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


class Forbidden(Input):
    """Which guard has refused, and at which endpoint of the app."""

    guard: Line
    endpoint: Line


def note(accounts: Accounts, caller: Caller, form: Forbidden) -> Done:
    """Write ``authz_fail``; nothing while the app itself keeps the database from being written."""
    if not app_may_be_writing(accounts.database, accounts.models.user):
        events.record(
            accounts,
            caller,
            "authz_fail",
            reason="forbidden",
            guard=form.guard,
            endpoint=form.endpoint,
        )
    return Done("noted")
