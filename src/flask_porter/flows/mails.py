"""What kinds of mail there are, and how a flow asks for one: by a row in the outbox.

The row is written in the flow's own transaction and holds no secret; what works as a key is minted
when the mail is delivered, by :mod:`.deliver_mail`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from ..authenticators import tokens
from .outcomes import MailSent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from ..settings import Settings
    from .accounts import Accounts
    from .caller import Caller

#: Whom a mail may still reach when it is delivered.
Reaches = Literal["the_same_address", "another_address", "whoever_it_was_for"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of mail."""

    #: The flow that its link opens, which is also the purpose of the one-time token in it.
    purpose: str | None = None
    #: How long that link works.
    lasts: Callable[[Settings], timedelta] | None = None
    #: Whether it also carries a code, for the browser that asked.
    has_code: bool = False
    #: A link to an account goes to the address that the account has; a notice goes to the one it
    #: had when it happened, since whoever took it over may have changed it by now.
    reaches: Reaches = "the_same_address"
    #: Whether it carries the link "this wasn't me".
    has_not_me: bool = False


def _notice(*, has_not_me: bool = True) -> Kind:
    return Kind(reaches="whoever_it_was_for", has_not_me=has_not_me)


#: Every kind, by its name, which is the name of its templates too.
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "verify_email": Kind("verify_email", lambda settings: settings.verify_ttl, has_code=True),
        # In the place of verify_email, to somebody who has an account with this address.
        "already_registered": Kind("reset_password", lambda settings: settings.reset_ttl),
        "reset_password": Kind(
            "reset_password", lambda settings: settings.reset_ttl, has_code=True
        ),
        # An operator has made the account: its link sets the first password.
        "invitation": Kind("reset_password", lambda settings: settings.verify_ttl),
        # To the new address, and to the old one.
        "change_email": Kind(
            "change_email",
            lambda settings: settings.change_email_ttl,
            has_code=True,
            reaches="another_address",
        ),
        "change_email_notice": _notice(),
        "email_changed": _notice(),
        "password_changed": _notice(),
        "password_reset_done": _notice(),
        "new_device": _notice(),
        "sessions_ended": _notice(),
        "address_given_back": _notice(has_not_me=False),
        "account_disabled": _notice(has_not_me=False),
        "account_closed": _notice(has_not_me=False),
    }
)

#: The mail to a new address, and the purpose of its token.
CHANGE_EMAIL: Final = "change_email"
#: The purpose of the token behind "this wasn't me". It outlives what ends all others.
NOT_ME: Final = "not_me"

_LONGEST_VALUE: Final = 400
#: A name that is a name: somebody who registers another's address writes no advertisement to them.
_NAME: Final = re.compile(r"[^\W_]+(?:[ '_-][^\W_]+){0,4}")
_LONGEST_NAME: Final = 40


def post(
    accounts: Accounts,
    caller: Caller,
    kind: str,
    *,
    user: Any = None,
    to: str | None = None,
    context: Mapping[str, Any] | None = None,
    browser_bound: bool = False,
    asked_for: str = "",
) -> MailSent:
    """Put a mail into the outbox, and wake the delivery once the flow is committed.

    Nobody to write to is no other case: the same row is written, without an address, so that the
    work is the same and the answer tells nothing.

    Args:
        accounts: those of the flow that runs.
        caller: who asked; their device is named in the mail.
        kind: one of :data:`KINDS`.
        user: whom it is about; None for an address that nobody has.
        to: where it goes, if not to the user's address.
        context: what the templates of this kind name, as plain values for JSON. ``before`` is not
            shown: it is what "this wasn't me" restores, the user as they are if left out.
        browser_bound: whether the mail carries a code for the caller's browser.
        asked_for: whom the caller typed, for a mail with a code.

    Returns:
        The outcome, if it is the flow's: with the secret that this browser has to show.
    """
    what = KINDS[kind]
    if browser_bound:
        outcome = answer(what.purpose or kind, asked_for=asked_for)
    else:
        outcome = MailSent(flow=what.purpose or kind)
    accounts.outbox.add(
        kind=kind,
        to_address=to or (None if user is None else user.email),
        user_id=None if user is None else user.id,
        context=_context(accounts, caller, kind, user, dict(context or {})),
        language=getattr(user, "language", None) or caller.language,
        browser_digest=None if outcome.browser is None else tokens.digest(outcome.browser),
        now=accounts.clock(),
    )
    wake = accounts.wake_mail
    if wake not in accounts.kept.afterwards:
        accounts.kept.afterwards.append(wake)
    return outcome


def answer(flow: str, *, asked_for: str) -> MailSent:
    """Return the outcome of a mail with a code for this browser, whether or not there is one.

    The secret is always a new one: an older code of this browser is dead by that.
    """
    return MailSent(flow=flow, browser=tokens.mint(), asked_for=asked_for)


def _context(
    accounts: Accounts, caller: Caller, kind: str, user: Any, given: dict[str, Any]
) -> dict[str, Any]:
    return {
        "before": given.pop("before", None) or {"email": getattr(user, "email", None)},
        "change": given.pop("change", kind),
        "values": {name: _short(value) for name, value in given.items()},
        "at": accounts.clock().isoformat(),
        "address": caller.address,
        "user_agent": _short(caller.user_agent),
        "by_operator": caller.is_operator,
        "name": name_of(user),
        # A link that is asked for and not sent yet dies of what kills those that are sent.
        "generation": 0 if user is None else user.session_generation,
    }


def name_of(user: Any) -> str:
    """Return how to greet ``user``, or nothing where their name is no plain one."""
    name = getattr(user, "username", None) or ""
    return name if len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) else ""


def _short(value: Any) -> Any:
    """Return text as every database takes it within JSON, and no longer than a mail shows."""
    if not isinstance(value, str):
        return value
    return "".join(x if x.isprintable() else " " for x in value[:_LONGEST_VALUE])
