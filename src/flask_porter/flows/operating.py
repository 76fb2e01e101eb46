"""What only an operator may ask for, by the command line or from a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..errors import Refused
from .finding import find_by_name
from .inputs import Input, Line

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


#: How many rows are listed at most: they are all in memory at once.
MOST: Final = 10_000

_BY_KEY: Final = "id:"


class About(Input):
    """Whom it is about: an e-mail address, a username, the key, or ``id:`` and the key."""

    user: Line


def user_of(accounts: Accounts, caller: Caller, named: str) -> Any:
    """Return the user whom an operator names.

    Raises:
        Refused: ``operators_only`` or ``unknown_user``; ``ambiguous_user`` where it is the
            username of one and the key of another.
    """
    require_operator(caller)
    by_key = accounts.users.get(accounts.users.parse_id(named.removeprefix(_BY_KEY)))
    named_so = None if named.startswith(_BY_KEY) else find_by_name(accounts, named)
    if by_key is not None and named_so is not None and by_key.id != named_so.id:
        # Whoever takes somebody's key as a username is not what the operator means by it.
        raise Refused("ambiguous_user", status=409)
    user = named_so or by_key
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
