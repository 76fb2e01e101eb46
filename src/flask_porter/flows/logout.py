"""Log out: here, or everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import events, mails
from .inputs import Nothing
from .known_devices import is_known, kept_known
from .outcomes import LoggedOut
from .reauthenticate import logged_in
from .run import flow

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


@flow("logout", Nothing)
def logout(accounts: Accounts, caller: Caller, form: Nothing) -> LoggedOut:
    """End the session record of this client; who has none is logged out already."""
    record = caller.record
    if record is None:
        return LoggedOut()
    accounts.sessions.end(record.user_id, ids=[record.id])
    events.record(accounts, caller, "session_ended", user_id=record.user_id, reason="logout")
    return LoggedOut(record.user_id)


@flow("logout_everywhere", Nothing)
def logout_everywhere(accounts: Accounts, caller: Caller, form: Nothing) -> LoggedOut:
    """End all session records of the user, this one too, at the very next request.

    Raises:
        Refused: ``login_required``.
    """
    user = logged_in(accounts, caller)
    token = caller.known_device
    was_known = is_known(accounts, user, token)
    accounts.users.advance_generation(user)
    ended = accounts.sessions.end(user.id)
    events.record(
        accounts, caller, "session_ended", user_id=user.id, reason="everywhere", count=ended
    )
    mails.post(accounts, caller, "sessions_ended", user=user)
    return LoggedOut(user.id, kept_known(accounts, user, token, was_known=was_known))
