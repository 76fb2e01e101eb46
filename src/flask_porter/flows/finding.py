"""Finds whom somebody names, by whatever the app names people by, and the name to count under."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..authenticators.identifiers import IdentifierError, email_address, username

if TYPE_CHECKING:
    from .accounts import Accounts


@dataclass(frozen=True, slots=True)
class Named:
    """Whom an identifier names: a user or nobody, and the account's key for throttles."""

    user: Any
    #: The same for all spellings of one account, and made alike for one that does not exist.
    account: str


def named_by(accounts: Accounts, typed: str) -> Named:
    """Return whom ``typed`` names: one query, whatever it is."""
    by_email = accounts.settings.identifiers == "email" or "@" in typed
    try:
        key = email_address(typed).key if by_email else username(typed, allow_reserved=True).key
    except IdentifierError:
        # Nobody's, and still a query, as for all others.
        key = "\x7f" + sha256(typed.encode(errors="replace")).hexdigest()
    find = accounts.users.find_by_email if by_email else accounts.users.find_by_username
    user = find(key)
    return Named(user, account_of(user) if user is not None else f"identifier:{key}")


def named_at_login(accounts: Accounts, typed: str) -> Named:
    """Return the same for a log-in, which the setting may leave to usernames.

    Whoever has none, as an account of before that setting, is still named by their address.
    """
    named = named_by(accounts, typed)
    by_username = accounts.settings.identifiers == "username" and "@" in typed
    if by_username and named.user is not None and named.user.username is not None:
        # Counted as an address that nobody has, in all its spellings.
        return Named(None, f"identifier:{named.user.email_key}")
    return named


def account_of(user: Any) -> str:
    """Return the key under which attempts on an account are counted."""
    return f"user:{user.id}"


def find_by_name(accounts: Accounts, named: str) -> Any:
    """Return whom an operator names by address or username, whatever people log in by; or None."""
    user = named_by(accounts, named).user
    if user is None and "@" not in named:
        try:
            user = accounts.users.find_by_username(username(named, allow_reserved=True).key)
        except IdentifierError:
            user = None
    return user
