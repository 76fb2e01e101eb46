"""Verify the e-mail address of an account, by what was mailed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import Field

from . import events, mails
from .finding import named_by
from .inputs import Input, Line, Secret
from .mailed_proof import MailedProof, consume, link_invalid, look_at
from .outcomes import Done, MailSent
from .reauthenticate import prove_given_password
from .run import flow
from .throttles import limit_rate

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller
    from .mailed_proof import Proven

#: What the tokens of these mails are for.
PURPOSE: Final = "verify_email"
#: Says of a token that its mail was asked for by somebody who has shown nothing.
_ASKED_AGAIN: Final = "asked_again"


class VerifyEmail(MailedProof):
    """A mail's token or code, and the password where the browser does not stand for it."""

    password: Secret | None = None


class AskAgain(Input):
    """Whose address is to be mailed again."""

    identifier: Line = Field(min_length=1)


@flow("verify_email", VerifyEmail)
def verify_email(accounts: Accounts, caller: Caller, form: VerifyEmail) -> Done:
    """Take the address as its owner's. Nobody is logged in by it.

    Whoever registers another's address must not have them confirm it: only the browser that has
    registered, or shown the password, needs none. One that has just asked for the mail again may
    be the one of the address's owner, in whose account there is a stranger's password.

    Raises:
        Refused: ``link_invalid``, ``code_invalid`` or ``wrong_password``.
        InvalidInput: the password is needed.
    """
    proven = look_at(accounts, caller, PURPOSE, form)
    if needs_password(caller, proven):
        prove_given_password(
            accounts, caller, proven.user, form.password, purpose=PURPOSE, asked_by=PURPOSE
        )
    if proven.row.email != proven.user.email:
        raise link_invalid(PURPOSE)
    consume(accounts, caller, proven)
    accounts.tokens.kill(proven.user.id, [PURPOSE])
    proven.user.email_verified_at = accounts.clock()
    accounts.users.save(proven.user)
    events.record(accounts, caller, "user_verified", user_id=proven.user.id)
    return Done("email_verified")


@flow("verify_email_again", AskAgain)
def ask_again(accounts: Accounts, caller: Caller, form: AskAgain) -> MailSent:
    """Mail the link and the code again; who is verified, or unknown, gets no mail.

    Both ask for the password of the registration, in this browser too.

    Raises:
        TooManyAttempts: too many mails have been asked for.
    """
    named = named_by(accounts, form.identifier)
    limit_rate(accounts, caller, "mails", key=named.account, user=named.user)
    user = named.user
    if user is not None and (user.email_verified_at is not None or user.disabled_at is not None):
        user = None
    about = None if user is None else user.id
    events.record(accounts, caller, "authn_token_created", user_id=about, purpose=PURPOSE)
    return mails.post(
        accounts,
        caller,
        PURPOSE,
        user=user,
        context={_ASKED_AGAIN: True},
        browser_bound=True,
        asked_for=form.identifier,
    )


def needs_password(caller: Caller, proven: Proven) -> bool:
    """Tell whether what was mailed must be joined by the password of the account."""
    stands_for_it = proven.same_browser and not proven.row.data.get(_ASKED_AGAIN)
    return not (stands_for_it or caller.user_id == proven.user.id)
