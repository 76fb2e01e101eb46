"""Verify the e-mail address of an account, by what was mailed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InvalidInput, Refused
from . import events, mails
from .finding import named_by
from .inputs import Input, Line, Secret
from .mailed_proof import MailedProof, consume, look_at
from .outcomes import Done, MailSent
from .reauthenticate import prove_password_of
from .run import flow
from .throttles import limit_rate

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller
    from .mailed_proof import Proven


class VerifyEmail(MailedProof):
    """A mail's token or code, and the password where the link was opened in another browser."""

    password: Secret | None = None


class AskAgain(Input):
    """Whose address is to be mailed again."""

    identifier: Line


@flow("verify_email", VerifyEmail)
def verify_email(accounts: Accounts, caller: Caller, form: VerifyEmail) -> Done:
    """Take the address as its owner's. Nobody is logged in by it.

    Whoever registers another's address must not have them confirm it: a link that is opened in
    another browser asks for the password of the registration.

    Raises:
        Refused: ``link_invalid``, ``code_invalid`` or ``wrong_password``.
        InvalidInput: the password is needed.
    """
    proven = look_at(accounts, caller, "verify_email", form)
    if needs_password(caller, proven):
        if form.password is None:
            raise InvalidInput(password="required")
        prove_password_of(accounts, caller, proven.user, form.password.get_secret_value())
    if proven.row.email != proven.user.email:
        raise Refused("link_invalid", status=410, next_steps=("verify_email",))
    consume(accounts, proven)
    accounts.tokens.kill(proven.user.id, ["verify_email"])
    proven.user.email_verified_at = accounts.clock()
    accounts.users.save(proven.user)
    events.record(accounts, caller, "user_verified", user_id=proven.user.id)
    return Done("email_verified")


@flow("verify_email_again", AskAgain)
def ask_again(accounts: Accounts, caller: Caller, form: AskAgain) -> MailSent:
    """Mail the link and the code again; who is verified, or unknown, gets no mail.

    Raises:
        TooManyAttempts: too many mails have been asked for.
    """
    named = named_by(accounts, form.identifier)
    limit_rate(accounts, caller, "mails", key=named.account)
    user = named.user
    if user is not None and (user.email_verified_at is not None or user.disabled_at is not None):
        user = None
    return mails.post(
        accounts,
        caller,
        "verify_email",
        user=user,
        browser_bound=True,
        asked_for=form.identifier,
    )


def needs_password(caller: Caller, proven: Proven) -> bool:
    """Tell whether what was mailed must be joined by the password of the account."""
    return not (proven.same_browser or caller.user_id == proven.user.id)
