"""This wasn't me: the link of a security notice, which gives the account back to its owner.

Which link beats which: each notice carries the ``session_generation`` of its user from when it was
written, and a change of the address always begins a new one. Using a link of generation g voids
every other one that was written after g and up to now, delivered or not; those written before stay
good. So whoever had the mailbox of the account first has the last word for as long as their link
lasts, and somebody who takes an account over gets no link that could beat its owner's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from ..authenticators.identifiers import EmailAddress, email_address
from ..models.users import Taken
from . import events, mails
from .ending import end_all
from .free_address import AddressKept, free_address
from .inputs import Input, Token
from .mailed_proof import Proven, consume, link_invalid, note_reuse, peek
from .mails import NOT_ME
from .outcomes import Done
from .run import flow
from .throttles import open_budget

if TYPE_CHECKING:
    from ..errors import Refused
    from .accounts import Accounts
    from .caller import Caller

#: Where a link that was used keeps the generation that it began.
_BEGAN = "began"


class NotMe(Input):
    """The token of the link."""

    token: Token = Field(repr=False)


@flow("not_me", NotMe)
def not_me(accounts: Accounts, caller: Caller, form: NotMe) -> Done:
    """Give the account back to the mailbox that got the notice.

    The address becomes what it was. The password is dropped, not restored: somebody may know the
    old one too. Every log-in ends, whatever was mailed is dead, and a mail for a new password goes
    to the address that counts now.

    Raises:
        Refused: ``link_invalid``.
        TooManyAttempts: too much was tried from there.
    """
    budget = open_budget(accounts, caller, account=None)
    proven = look(accounts, caller, form.token)
    if proven is None:
        raise _refused(accounts, caller, form)
    budget.succeeded()
    user = consume(accounts, caller, proven)
    # Again, since an earlier link may have been used until the user was ours alone.
    if _is_void(accounts, proven.row):
        raise _refused(accounts, caller, form)
    lost = _give_back(accounts, caller, user, proven.row)
    end_all(accounts, caller, user, NOT_ME)
    _void_later_ones(accounts, user, proven.row)
    events.record(
        accounts,
        caller,
        "user_updated",
        user_id=user.id,
        what="password" if lost is None else "email, password",
        reason=NOT_ME,
        change=proven.row.data["change"],
    )
    if lost is not None:
        mails.post(accounts, caller, "address_given_back", user=user, to=lost)
    mails.post(accounts, caller, "reset_password", user=user)
    return Done(
        "account_secured",
        {"is_mailed": user.email is not None},
        logged_out=caller.user_id == user.id,
    )


def look(accounts: Accounts, caller: Caller, token: str) -> Proven | None:
    """Return what the token of a link would take back now, or None; nothing is used up."""
    proven = peek(accounts, caller, NOT_ME, token)
    if proven is None or _is_void(accounts, proven.row):
        return None
    return proven


def _is_void(accounts: Accounts, row: Any) -> bool:
    """Tell whether a link from an earlier generation has been used since this one was written."""
    written = row.data["generation"]
    return any(
        used.data["generation"] < written < used.data[_BEGAN]
        for used in accounts.tokens.of_user(row.user_id, NOT_ME)
        if _BEGAN in used.data
    )


def _void_later_ones(accounts: Accounts, user: Any, row: Any) -> None:
    # Replaced, not changed: SQLAlchemy sees no change within a JSON value.
    row.data = row.data | {_BEGAN: user.session_generation}
    # Kept until the last of those that it voids is too old by itself.
    row.expires_at = accounts.clock() + accounts.settings.not_me_ttl


def _give_back(accounts: Accounts, caller: Caller, user: Any, row: Any) -> str | None:
    """Drop the password and restore the address; return the one that is lost by it, or None."""
    present = user.email
    user.password_hash = None
    user.password_disabled_at = accounts.clock()
    old = row.data["before"]["email"]
    if old == row.email:
        user.email_verified_at = user.email_verified_at or accounts.clock()
    accounts.users.save(user)
    if old is None or old == present:
        return None
    address = email_address(old)
    try:
        _restore(accounts, caller, user, address)
    except Taken:
        # By a registration of this very moment, which is seen now.
        _restore(accounts, caller, user, address)
    return None if present is None else str(present)


def _restore(accounts: Accounts, caller: Caller, user: Any, address: EmailAddress) -> None:
    """Give the user this address again, even if somebody else has registered it meanwhile.

    Unless they have verified it they have never had that mailbox, and lose the address. If they
    have, the user is left without one: at least nobody else gets the mail for a new password.
    """
    try:
        free_address(accounts, caller, address.key, winner=user)
    except AddressKept:
        user.email = user.email_key = user.email_verified_at = None
    else:
        user.email, user.email_key = address.address, address.key
    accounts.users.save(user)


def _refused(accounts: Accounts, caller: Caller, form: NotMe) -> Refused:
    note_reuse(accounts, caller, form.token)
    return link_invalid(NOT_ME)
