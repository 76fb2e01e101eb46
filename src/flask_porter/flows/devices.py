"""The devices of a user: see where one is logged in, and end one or all others."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..errors import Refused
from . import events
from .device_names import device_name
from .inputs import Input, Line, Nothing
from .mails import CHANGE_EMAIL
from .outcomes import Done, LoggedOut
from .reauthenticate import logged_in, require_fresh
from .run import flow

if TYPE_CHECKING:
    from datetime import datetime

    from ..stores.base import SessionRecord
    from .accounts import Accounts
    from .caller import Caller


class DeviceHandle(Input):
    """Which device, by the handle that its owner was shown."""

    handle: Line


@dataclass(frozen=True, slots=True)
class Device:
    """A session record as its user sees it; times are in UTC."""

    #: What ends it: for its owner alone, and no part of a session token.
    handle: str
    name: str
    address: str
    first_seen: datetime
    last_seen: datetime
    is_this: bool
    remembered: bool


@flow("devices", Nothing)
def show(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
    """Return the devices of the caller, the one last seen first, as ``devices``.

    Raises:
        Refused: ``login_required``.
    """
    user = logged_in(accounts, caller)
    return Done("devices", {"devices": devices_of(accounts, user, caller.record)})


@flow("end_device", DeviceHandle)
def end(accounts: Accounts, caller: Caller, form: DeviceHandle) -> Done | LoggedOut:
    """End one device of the caller, at its very next request; this one logs out.

    Raises:
        Refused: ``login_required``, ``reauthentication_required``; ``not_there``, the same for a
            handle of somebody else's and for one that never was.
    """
    user = require_fresh(accounts, caller)
    ended = end_one(accounts, caller, user, form.handle)
    if caller.record is not None and ended.id == caller.record.id:
        return LoggedOut(user.id)
    return Done("device_ended")


@flow("end_other_devices", Nothing)
def end_others(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
    """End all devices of the caller but this one.

    Raises:
        Refused: ``login_required`` or ``reauthentication_required``.
    """
    user = require_fresh(accounts, caller)
    this = None if caller.record is None else caller.record.id
    count = accounts.sessions.end(user.id, but=this)
    _drop_what_it_asked_for(accounts, user)
    events.record(accounts, caller, "session_ended", user_id=user.id, reason="others", count=count)
    return Done("other_devices_ended", {"count": count})


def end_one(accounts: Accounts, caller: Caller, user: Any, handle: str) -> SessionRecord:
    """End the device of ``user`` that ``handle`` names, and return its record.

    Raises:
        Refused: ``not_there``.
    """
    for record in accounts.sessions.list(user.id):
        if handle_of(record) == handle:
            accounts.sessions.end(user.id, ids=[record.id])
            _drop_what_it_asked_for(accounts, user)
            events.record(accounts, caller, "session_ended", user_id=user.id, reason="device")
            return record
    raise Refused("not_there", status=404)


def devices_of(accounts: Accounts, user: Any, this: SessionRecord | None) -> list[Device]:
    """Return the devices on which ``user`` is logged in now."""
    now = accounts.clock()
    return [
        Device(
            handle=handle_of(record),
            name=device_name(record.user_agent),
            address=record.address,
            first_seen=record.created_at,
            last_seen=record.last_seen_at,
            is_this=this is not None and record.id == this.id,
            remembered=record.remembered,
        )
        for record in accounts.sessions.list(user.id)
        if not record.is_over(now) and record.generation == user.session_generation
    ]


def _drop_what_it_asked_for(accounts: Accounts, user: Any) -> None:
    """Let no change of the address go on: whoever is shut out may have asked for it there."""
    accounts.outbox.withdraw(user.id, CHANGE_EMAIL)
    accounts.tokens.kill(user.id, [CHANGE_EMAIL])


def handle_of(record: SessionRecord) -> str:
    """Return what a page may show of a record: a digest of its id (ASVS 5.0 7.2.1)."""
    return urlsafe_b64encode(sha256(b"device:" + record.id.encode()).digest()[:16]).decode()[:22]
