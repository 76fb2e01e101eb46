"""A request that came too early is kept until its user has proven again who they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from ..authenticators import tokens
from ..errors import Refused
from .inputs import Input, Line
from .outcomes import Done
from .reauthenticate import logged_in, require_fresh
from .run import flow
from .secret_names import is_anti_forgery, is_secret

if TYPE_CHECKING:
    from ..stores.base import SessionRecord
    from .accounts import Accounts
    from .caller import Caller

#: How many wait for one user; one more drops the oldest.
MOST_KEPT: Final = 5


class InterruptedRequest(Input):
    """A form that was posted, to the very path it was posted to."""

    path: str
    fields: list[tuple[str, str]] = Field(repr=False)


class KeptRequest(Input):
    """Which kept request."""

    id: Line = Field(repr=False)


@flow("keep_request", InterruptedRequest)
def keep(accounts: Accounts, caller: Caller, form: InterruptedRequest) -> Done:
    """Keep a form, encrypted, for its user and this log-in; what is secret in it is left out.

    The names of what was left out are kept, for its user to type it again.

    Raises:
        Refused: ``login_required``, or ``too_large``.
    """
    user = logged_in(accounts, caller)
    sent = [(name, value) for name, value in form.fields if not is_anti_forgery(name)]
    secret = dict.fromkeys(name for name, value in sent if value and is_secret(name))
    fields = [(name, value) for name, value in sent if not (value and name in secret)]
    body = json.dumps({"fields": fields, "again": list(secret)}).encode()
    if caller.record is None or len(body) > accounts.settings.kept_request_max_bytes:
        raise Refused("too_large", status=413)
    now = accounts.clock()
    accounts.kept_requests.purge(now)
    accounts.kept_requests.drop_all_but(MOST_KEPT - 1, user.id)
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


@flow("show_request", KeptRequest)
def show(accounts: Accounts, caller: Caller, form: KeptRequest) -> Done:
    """Show a kept request to the same user in the same log-in, proven anew; it stays kept.

    Raises:
        Refused: ``login_required``, ``reauthentication_required``, or ``not_there``.
    """
    row = accounts.kept_requests.find(form.id, *_whose(accounts, caller), accounts.clock())
    return Done("request_shown", _told(accounts, row))


@flow("resume_request", KeptRequest)
def take(accounts: Accounts, caller: Caller, form: KeptRequest) -> Done:
    """Hand a kept request back, once, to the same user in the same log-in, proven anew.

    Raises:
        Refused: ``login_required``, ``reauthentication_required``, or ``not_there``.
    """
    row = accounts.kept_requests.take(form.id, *_whose(accounts, caller), accounts.clock())
    return Done("request_resumed", _told(accounts, row))


def _whose(accounts: Accounts, caller: Caller) -> tuple[Any, str]:
    """Return the user and the log-in to which alone a kept request is shown."""
    user = require_fresh(accounts, caller)
    return user.id, "" if caller.record is None else _log_in_of(caller.record)


def _told(accounts: Accounts, row: Any) -> dict[str, Any]:
    body = None if row is None else accounts.unseal(row.body)
    if row is None or body is None:
        raise Refused("not_there", status=404)
    return {"path": row.path, **json.loads(body)}


def _log_in_of(record: SessionRecord) -> str:
    """Return what stays the same of a log-in while its record is renewed."""
    return record.created_at.isoformat()
