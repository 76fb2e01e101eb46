"""What a mail has brought: the token of its link, or its code in the browser that asked.

Looking at it consumes nothing, since mail scanners open links; the flow it is for consumes it.
Sources: NIST SP 800-63B-4 section 3.1.3 (out-of-band secrets), OWASP Forgot Password Cheat Sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pydantic import Field

from ..authenticators import tokens
from ..errors import InvalidInput, Refused
from . import events
from .finding import named_by
from .inputs import Code, Input, Token
from .throttles import open_budget

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


#: By the purpose of a mail: the flow that takes what it has brought, and the one that mails again.
_LEADS_ON: Final = MappingProxyType(
    {
        "verify_email": ("verify_email", "verify_email_again"),
        "reset_password": ("reset_password_finish", "reset_password"),
        "change_email": ("change_email_finish", "change_email"),
        "not_me": ("not_me", "reset_password"),
    }
)


class MailedProof(Input):
    """The token of a mailed link, or the code of the mail; one of the two."""

    token: Token | None = Field(default=None, repr=False)
    code: Code | None = Field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Proven:
    """A mail's token or code that holds: its row, and the user whom it is for."""

    row: Any
    user: Any
    #: Whether it came from the browser in which the mail was asked for.
    same_browser: bool


def look_at(accounts: Accounts, caller: Caller, purpose: str, form: MailedProof) -> Proven:
    """Return what ``form`` proves, without consuming it.

    It holds while it is unused and in time, and while its user is as they were when it was mailed:
    a log-out everywhere, another password or address, or a disabled account kill it.

    Raises:
        Refused: ``link_invalid`` or ``code_invalid``: one reason for all that may be wrong.
        InvalidInput: neither a token nor a code is given.
        TooManyAttempts: the account's share of attempts is used up.
    """
    if form.token is not None:
        proven = _by_link(accounts, caller, purpose, form.token)
        if proven is None:
            note_reuse(accounts, caller, form.token)
            raise link_invalid(purpose)
        return proven
    if form.code is None:
        raise InvalidInput(code="required")
    return _by_code(accounts, caller, purpose, form.code)


def peek(accounts: Accounts, caller: Caller, purpose: str, token: str) -> Proven | None:
    """Return what the token of a link proves at this moment, for the page that shows a button."""
    row = accounts.tokens.find(purpose, tokens.digest(token), accounts.clock())
    return _for_its_user(accounts, caller, row)


def note_reuse(accounts: Accounts, caller: Caller, token: str) -> None:
    """Write down that a token which was good once was tried; one that never was leaves no entry.

    A stranger who makes them up must not fill the log (OWASP Logging Vocabulary Cheat Sheet,
    "authn_token_reuse").
    """
    row = accounts.tokens.was(tokens.digest(token))
    if row is not None:
        _record_reuse(accounts, caller, row)


def consume(accounts: Accounts, caller: Caller, proven: Proven) -> Any:
    """Use up what was proven, and return its user, whom nobody else changes until the commit.

    Of several at the same moment one goes on.

    Raises:
        Refused: ``link_invalid``: somebody was quicker, or the account has changed meanwhile.
    """
    user = accounts.users.locked(proven.user.id)
    holds = _holds_for(proven.row, user)
    if not (holds and accounts.tokens.consume(proven.row, accounts.clock())):
        _record_reuse(accounts, caller, proven.row)
        raise link_invalid(proven.row.purpose)
    return user


def link_invalid(purpose: str) -> Refused:
    """Return the refusal of a link; what leads on is another mail."""
    return Refused("link_invalid", status=410, next_steps=_LEADS_ON[purpose][1:])


def _by_link(accounts: Accounts, caller: Caller, purpose: str, token: str) -> Proven | None:
    # Nobody guesses 256 bits; the address that tries is slowed down all the same.
    budget = open_budget(accounts, caller, account=None)
    proven = peek(accounts, caller, purpose, token)
    if proven is not None:
        budget.succeeded()
    return proven


def _by_code(accounts: Accounts, caller: Caller, purpose: str, typed: str) -> Proven:
    named = named_by(accounts, caller.asked_for)
    user_id = None if named.user is None else named.user.id
    budget = open_budget(accounts, caller, account=named.account, user=named.user)
    code = tokens.normalised_code(typed)
    if caller.browser is None or code is None:
        _refuse_code(accounts, caller, purpose, user_id)
    browser_digest = tokens.digest(caller.browser)
    row = accounts.tokens.find_by_browser(purpose, browser_digest, accounts.clock())
    expected = None if row is None else row.code_digest
    is_right = _is_same(tokens.code_digest(code, browser_digest), expected)
    if not is_right or budget.is_spent:
        # Before its user is read: a wrong code is the same work whether there is a right one.
        _refuse_code(accounts, caller, purpose, user_id)
    proven = _for_its_user(accounts, caller, row)
    if proven is None:
        _refuse_code(accounts, caller, purpose, user_id)
    budget.succeeded()
    return proven


def _for_its_user(accounts: Accounts, caller: Caller, row: Any) -> Proven | None:
    user = None if row is None or row.user_id is None else accounts.users.get(row.user_id)
    if row is None or not _holds_for(row, user):
        return None
    browser = None if caller.browser is None else tokens.digest(caller.browser)
    return Proven(row, user, same_browser=_is_same(browser, row.browser_digest))


def _holds_for(row: Any, user: Any) -> bool:
    if user is None or user.disabled_at is not None:
        return False
    return row.generation is None or bool(row.generation == user.session_generation)


def _record_reuse(accounts: Accounts, caller: Caller, row: Any) -> None:
    about = {"user_id": row.user_id, "purpose": row.purpose}
    events.record(accounts, caller, "authn_token_reuse", **about, reason="link_invalid")


def _is_same(one: bytes | None, other: bytes | None) -> bool:
    """Compare two digests in constant time; a missing one equals nothing."""
    return compare_digest(one or b"", other or b"") and bool(one)


def _refuse_code(accounts: Accounts, caller: Caller, purpose: str, user_id: Any) -> NoReturn:
    events.record(accounts, caller, "authn_login_fail", user_id=user_id, reason="wrong_code")
    raise Refused("code_invalid", status=401, next_steps=_LEADS_ON[purpose])
