"""What may stand behind a session: records on the server that decide what the session only names.

The bare floor has none, and the session alone says who is logged in. The account layer gives the
manager one; then each log-in has a record, and ends with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from datetime import timedelta

#: The session key of the token that names the record, and proves to be its client.
TOKEN: Final = "_session_token"  # noqa: S105
#: The session key of when a remembered session ends, in whole seconds since the epoch.
REMEMBERED_UNTIL: Final = "_remembered_until"


class SessionRecords(Protocol):
    """Opens, ends and asks the record behind the session of the current request."""

    def open(
        self, user: Any, *, remember: bool, duration: timedelta | None, fresh: bool
    ) -> Begun | None:
        """Open a record for :func:`login_user`; None when the user may not be logged in."""

    def end(self) -> None:
        """End the record of this session, for :func:`logout_user`."""

    def prove(self) -> Begun | None:
        """Note that the user has proven again who they are, for :func:`confirm_login`."""

    def age_of_proof(self) -> timedelta | None:
        """Return how long ago that was last proven; None when nobody is logged in."""

    def is_fresh(self) -> bool:
        """Tell whether it is recent enough for :func:`login_fresh`."""
        ...

    def is_remembered(self) -> bool:
        """Tell whether the record outlives the browser, for :func:`login_remembered`."""
        ...


class Begun:
    """What the session is to hold of a record: its token, and when a remembered one ends.

    Args:
        token: the whole session token.
        remembered_until: seconds since the epoch; None for a session that ends with the browser.
    """

    __slots__ = ("remembered_until", "token")

    def __init__(self, token: str, remembered_until: int | None = None) -> None:
        self.token = token
        self.remembered_until = remembered_until
