"""A request that came too early is kept until its user has proven again who they are."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from pydantic import Field

from ..authenticators import tokens
from ..errors import Refused
from .inputs import Input, Line
from .outcomes import Done
from .reauthenticate import logged_in, require_fresh
from .run import flow

if TYPE_CHECKING:
    from ..stores.base import SessionRecord
    from .accounts import Accounts
    from .caller import Caller

#: Fields that are never kept, whatever else is.
_SECRET: Final = re.compile(
    r"pass|pwd|secret|token|code|pin\b|otp|cvv|cvc|card|iban|csrf", re.IGNORECASE
)


class InterruptedRequest(Input):
    """A form that was posted, to the very path it was posted to."""

    path: str
    fields: list[tuple[str, str]] = Field(repr=False)


class KeptRequest(Input):
    """Which kept request."""

    id: Line = Field(repr=False)


@flow("keep_request", InterruptedRequest)
def keep(accounts: Accounts, caller: Caller, form: InterruptedRequest) -> Done:
    """Keep a form, encrypted, for its user and this log-in; fields with secrets are left out.

    Raises:
        Refused: ``login_required``, or ``too_large``.
    """
    user = logged_in(accounts, caller)
    fields = [(name, value) for name, value in form.fields if not _SECRET.search(name)]
    body = json.dumps(fields).encode()
    if caller.record is None or len(body) > accounts.settings.kept_request_max_bytes:
        raise Refused("too_large", status=413)
    now = accounts.clock()
    accounts.kept_requests.purge(now)
    id = tokens.mint()
    accounts.kept_requests.add(
        id=id,
        user_id=user.id,
        session_id=_log_in_of(caller.record),
        path=form.path,
        body=accounts.seal(body),
        created_at=now,
        expires_at=now + accounts.settings.kept_request_ttl,
    )
    return Done("request_kept", {"id": id})


@flow("resume_request", KeptRequest)
def take(accounts: Accounts, caller: Caller, form: KeptRequest) -> Done:
    """Hand a kept request back, once, to the same user in the same log-in, proven anew.

    Raises:
        Refused: ``login_required``, ``reauthentication_required``, or ``not_there``.
    """
    user = require_fresh(accounts, caller)
    row = None
    if caller.record is not None:
        row = accounts.kept_requests.take(
            form.id, user.id, _log_in_of(caller.record), accounts.clock()
        )
    body = None if row is None else accounts.unseal(row.body)
    if row is None or body is None:
        raise Refused("not_there", status=404)
    return Done("request_resumed", {"path": row.path, "fields": json.loads(body)})


def _log_in_of(record: SessionRecord) -> str:
    """Return what stays the same of a log-in while its record is renewed."""
    return record.created_at.isoformat()
