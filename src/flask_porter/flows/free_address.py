"""Takes an address from an account that has never verified it, for whoever has its mailbox.

Anybody can register with the address of somebody else, and by that alone must not keep it from
them ("Pre-hijacked accounts", Sudhodanan and Paverd, USENIX Security 2022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import events
from .caller import Caller
from .ending import end_all

if TYPE_CHECKING:
    from .accounts import Accounts

_REASON = "never_verified"


def may_be_freed(accounts: Accounts, owner: Any) -> bool:
    """Tell whether ``owner`` has never verified their address, and can be without one."""
    return owner.email_verified_at is None and accounts.users.can_be_without_address


def free_address(accounts: Accounts, caller: Caller, key: str, *, winner: Any) -> Any:
    """Free the address ``key`` for ``winner``, who has just shown that they have its mailbox.

    The account that loses it keeps its row and what the app has in it. Its log-ins end, and so
    does every link and code that was mailed for it.

    Returns:
        The id of the account that has lost it, or None where nobody had it.

    Raises:
        AddressKept: somebody has verified it; they never lose it.
    """
    found = accounts.users.find_by_email(key)
    if found is None or found.id == winner.id:
        return None
    loser = accounts.users.locked(found.id)
    # They may have verified or given it up until their row was ours alone.
    if loser is None or loser.email_key != key:
        return None
    if not may_be_freed(accounts, loser):
        raise AddressKept
    loser.email = loser.email_key = None
    accounts.users.save(loser)
    # In their own log they must not read from where the winner has come.
    nobody = Caller(caller.surface)
    events.record(accounts, nobody, "user_updated", user_id=loser.id, what="email", reason=_REASON)
    end_all(accounts, nobody, loser, _REASON)
    accounts.tokens.kill(loser.id)
    return loser.id


class AddressKept(Exception):  # noqa: N818
    """Somebody else has verified this address, or the app's columns cannot be without one."""
