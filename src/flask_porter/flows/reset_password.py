"""Choose a new password by mail. Source: OWASP Forgot Password Cheat Sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from ..authenticators import tokens
from ..errors import InvalidInput
from . import events, mails
from .ending import end_all
from .finding import named_by
from .inputs import Code, Input, Line, Secret
from .known_devices import mint_known_device
from .mailed_proof import MailedProof, consume, link_invalid, look_at
from .outcomes import Done, TokenHeld
from .run import flow
from .throttles import forgive, limit_rate

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller
    from .outcomes import MailSent

#: What the tokens of these mails are for.
PURPOSE: Final = "reset_password"


class ResetPassword(Input):
    """Whose password is forgotten."""

    identifier: Line = Field(min_length=1)


class ResetPasswordCode(Input):
    """The code of the mail, in the browser that asked for it."""

    code: Code = Field(repr=False)


class ResetPasswordFinish(MailedProof):
    """A mail's token or code, and the new password."""

    new_password: Secret


@flow("reset_password", ResetPassword)
def ask(accounts: Accounts, caller: Caller, form: ResetPassword) -> MailSent:
    """Mail a link and a code to the address of the account, if there is one that may have it.

    The answer and the work are the same for everybody. A disabled account gets no mail; one whose
    address is not verified does, since whoever finishes has its mailbox.

    Raises:
        TooManyAttempts: too many mails have been asked for.
    """
    named = named_by(accounts, form.identifier)
    limit_rate(accounts, caller, "mails", key=named.account, user=named.user)
    user = named.user
    if user is not None and user.disabled_at is not None:
        user = None
    about = None if user is None else user.id
    events.record(accounts, caller, "authn_token_created", user_id=about, purpose=PURPOSE)
    sent = mails.post(
        accounts, caller, PURPOSE, user=user, browser_bound=True, asked_for=form.identifier
    )
    return replace(sent, flow=finish.name)


@flow("reset_password_code", ResetPasswordCode)
def take_code(accounts: Accounts, caller: Caller, form: ResetPasswordCode) -> TokenHeld:
    """Exchange the code for a token that this browser holds while its user chooses a password.

    The code is used up, and the link beside it. The token is worth what they were, but only as
    long as a code is.

    Raises:
        Refused: ``code_invalid``.
        TooManyAttempts: the account's share of attempts is used up.
    """
    proven = look_at(accounts, caller, PURPOSE, MailedProof(code=form.code))
    consume(accounts, caller, proven)
    row, now, token = proven.row, accounts.clock(), tokens.mint()
    accounts.tokens.add(
        purpose=PURPOSE,
        user_id=row.user_id,
        digest=tokens.digest(token),
        email=row.email,
        generation=row.generation,
        data=row.data,
        created_at=now,
        expires_at=min(row.expires_at, now + accounts.settings.code_ttl),
    )
    about = {"user_id": row.user_id, "purpose": PURPOSE, "pathway": "code"}
    events.record(accounts, caller, "authn_token_created", **about)
    return TokenHeld(PURPOSE, token)


@flow("reset_password_finish", ResetPasswordFinish)
def finish(accounts: Accounts, caller: Caller, form: ResetPasswordFinish) -> Done:
    """Set the new password; end every log-in, and whatever else was mailed.

    Nothing is used up before the new password is good. Nobody is logged in by it, and a disabled
    account stays so. Whoever got the mail has the mailbox: its address is verified by that.

    Raises:
        Refused: ``link_invalid`` or ``code_invalid``.
        InvalidInput: what is wrong with the new password.
        TooManyAttempts: the account's share of attempts is used up.
    """
    proven = look_at(accounts, caller, PURPOSE, form)
    if proven.row.email != proven.user.email:
        raise link_invalid(PURPOSE)
    password = form.new_password.get_secret_value()
    why = accounts.password_rules.check(password, personal_words(proven.user))
    if why is not None:
        raise InvalidInput(new_password=why)
    accounts.kept.release()
    hashed = accounts.hasher.hash(password)
    user = consume(accounts, caller, proven)
    user.password_hash = hashed
    user.password_disabled_at = None
    if user.email_verified_at is None:
        user.email_verified_at = accounts.clock()
        events.record(accounts, caller, "user_verified", user_id=user.id)
    accounts.users.save(user)
    forgive(accounts, caller, user)
    events.record(accounts, caller, "authn_password_change", user_id=user.id, pathway="mail")
    mails.post(accounts, caller, "password_reset_done", user=user)
    end_all(accounts, caller, user, PURPOSE)
    # Else a stranger who goes on guessing would use up each new attempt of the owner.
    device = mint_known_device(accounts, user, beside=caller.known_device)
    return Done("password_reset", logged_out=caller.user_id == user.id, known_device=device)


def personal_words(user: Any) -> list[str]:
    """Return what a password of ``user`` must not be made of (ASVS 5.0 6.2.11)."""
    return [word for word in (user.email, user.username) if word]
