"""Give the account another e-mail address, once somebody with that mailbox has confirmed it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..authenticators.identifiers import EmailAddress, IdentifierError, email_address
from ..errors import InvalidInput, Refused
from ..models.users import Taken
from . import events, mails
from .ending import end_all_but_this
from .finding import account_of
from .free_address import AddressKept, free_address, may_be_freed
from .inputs import Input, Line, Secret
from .mailed_proof import MailedProof, consume, look_at
from .outcomes import Done
from .reauthenticate import prove_given_password, require_fresh
from .run import flow
from .throttles import limit_rate

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller
    from .mailed_proof import Proven
    from .outcomes import LoggedIn, MailSent

#: What the tokens of these mails are for.
PURPOSE: Final = mails.CHANGE_EMAIL


class ChangeEmail(Input):
    """The new address."""

    email: Line


class ChangeEmailFinish(MailedProof):
    """A mail's token or code, and the password where nobody of the account is logged in."""

    password: Secret | None = None


@flow("change_email", ChangeEmail)
def ask(accounts: Accounts, caller: Caller, form: ChangeEmail) -> MailSent:
    """Mail a link and a code to the new address, and a notice to the one there is.

    An address that somebody has gets the same answer after the same work, and its owner a mail that
    says so. One that was never verified belongs to whoever has its mailbox.

    Raises:
        Refused: ``login_required`` or ``reauthentication_required``.
        InvalidInput: ``invalid_email``; ``same_email``.
        TooManyAttempts: too many mails have been asked for.
    """
    user = require_fresh(accounts, caller)
    try:
        new = email_address(form.email)
    except IdentifierError as error:
        raise InvalidInput(email=error.reason) from None
    if new.address == user.email:
        raise InvalidInput(email="same_email")
    limit_rate(accounts, caller, "mails", key=account_of(user), user=user)
    # After the count, since that gives the connection back and somebody may take the address.
    owner = _keeper(accounts, user, new)
    events.record(accounts, caller, "authn_token_created", user_id=user.id, purpose=PURPOSE)
    mails.post(
        accounts, caller, "change_email_notice", user=user, context={"new_email": new.address}
    )
    if owner is not None:
        mails.post(accounts, caller, "already_registered", user=owner)
        sent = mails.answer(PURPOSE, asked_for=form.email)
    else:
        sent = mails.post(
            accounts,
            caller,
            PURPOSE,
            user=user,
            to=new.address,
            browser_bound=True,
            asked_for=form.email,
        )
    return replace(sent, flow=finish.name)


@flow("change_email_finish", ChangeEmailFinish)
def finish(accounts: Accounts, caller: Caller, form: ChangeEmailFinish) -> LoggedIn | Done:
    """Make the address to which the token or code was mailed that of the account.

    It takes both: the mailbox, and whoever asked. The latter shows by a log-in of the account, or
    its password. Otherwise somebody could have a stranger confirm their own address into another's
    account. The browser that asked stands for nobody once its user has logged out.

    Every other log-in ends, and what else was mailed is dead. This one is kept under a new token.
    Somebody who has the address and never verified it loses it.

    Raises:
        Refused: ``link_invalid``, ``code_invalid``, ``wrong_password``; ``email_taken``: somebody
            has verified the address meanwhile.
        InvalidInput: the password is needed.
        TooManyAttempts: the account's share of attempts is used up.
    """
    proven = look_at(accounts, caller, PURPOSE, form)
    if needs_password(caller, proven):
        prove_given_password(
            accounts, caller, proven.user, form.password, purpose=PURPOSE, asked_by=finish.name
        )
    new = email_address(proven.row.email)
    if _keeper(accounts, proven.user, new) is not None:
        raise _taken()
    user = consume(accounts, caller, proven)
    old = user.email
    try:
        loser = free_address(accounts, caller, new.key, winner=user)
        user.email, user.email_key = new.address, new.key
        user.email_verified_at = accounts.clock()
        accounts.users.save(user)
    except (AddressKept, Taken):
        raise _taken() from None
    lost_by = {} if loser is None else {"lost_by": str(loser)}
    events.record(accounts, caller, "user_updated", user_id=user.id, what="email", **lost_by)
    _tell_the_old_address(accounts, caller, user, old)
    renewed = end_all_but_this(accounts, caller, user, PURPOSE)
    return renewed or Done("email_changed", logged_out=caller.user_id == user.id)


def needs_password(caller: Caller, proven: Proven) -> bool:
    """Tell whether what was mailed must be joined by the password of the account."""
    return bool(caller.user_id != proven.user.id)


def _keeper(accounts: Accounts, user: Any, new: EmailAddress) -> Any:
    """Return the other user who has the address and does not lose it to ``user``, or None."""
    owner = accounts.users.find_by_email(new.key)
    if owner is None or owner.id == user.id or may_be_freed(accounts, owner):
        return None
    return owner


def _taken() -> Refused:
    """Return the refusal; whoever reads it has the mailbox, so it tells nothing of another's."""
    return Refused("email_taken", status=409, next_steps=(PURPOSE,))


def _tell_the_old_address(accounts: Accounts, caller: Caller, user: Any, old: str | None) -> None:
    """Write the notice while the generation is that of the old address; see :mod:`.not_me`."""
    if old is None:
        return
    mails.post(
        accounts,
        caller,
        "email_changed",
        user=user,
        to=old,
        context={"new_email": user.email, "before": {"email": old}},
    )
