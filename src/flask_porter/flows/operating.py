"""What only an operator may ask for, by the command line or from a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import Refused
from .finding import find_user
from .inputs import Input, Line

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


class About(Input):
    """Whom it is about: an e-mail address, a username, or the key."""

    user: Line


def user_of(accounts: Accounts, caller: Caller, named: str) -> Any:
    """Return the user whom an operator names.

    Raises:
        Refused: ``operators_only`` or ``unknown_user``.
    """
    require_operator(caller)
    user = find_user(accounts, named)
    if user is None:
        raise Refused("unknown_user", status=404)
    return user


def require_operator(caller: Caller) -> None:
    """Return if an operator asks.

    Raises:
        Refused: ``operators_only``.
    """
    if not caller.is_operator:
        raise Refused("operators_only", status=403)
