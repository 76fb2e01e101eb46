"""Close the account: it is deleted, with all that we keep about its owner but the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import Refused
from . import events, mails
from .inputs import Input, Secret
from .outcomes import Done
from .own_fields import own_fields
from .reauthenticate import prove_password_of, require_fresh
from .run import flow

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


class CloseAccount(Input):
    """The password, as the last word."""

    password: Secret


@flow("close_account", CloseAccount)
def close_account(accounts: Accounts, caller: Caller, form: CloseAccount) -> Done:
    """Delete the account of the caller and end its sessions.

    Where rows of the app still point to it, the row stays, without anything that names a person.

    Raises:
        Refused: ``login_required``, ``reauthentication_required`` or ``wrong_password``.
        TooManyAttempts: the account's share of attempts is used up.
    """
    user = require_fresh(accounts, caller)
    password = form.password.get_secret_value()
    prove_password_of(
        accounts, caller, user, password, purpose="close_account", asked_by="close_account"
    )
    # While the password was hashed, another request may have closed it.
    if accounts.users.locked(user.id) is None:
        raise Refused("login_required", status=401, next_steps=("login",))
    return Done("account_closed", {"is_gone": close(accounts, caller, user)}, logged_out=True)


def close(accounts: Accounts, caller: Caller, user: Any) -> bool:
    """Delete ``user`` and end their sessions; return whether the row is gone."""
    mails.post(accounts, caller, "account_closed", user=user)
    id = user.id
    accounts.sessions.end(id)
    is_gone = accounts.users.delete_or_empty(user, accounts.clock(), own_fields(accounts))
    events.record(accounts, caller, "user_deleted" if is_gone else "user_archived", user_id=id)
    return is_gone
