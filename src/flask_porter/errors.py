"""What goes wrong in the account layer: an expected no, a wrong set-up, a database that is away.

Exception
├── SetUpError             the app is set up wrongly; the message says what to write
├── Unavailable            what we keep cannot be read or written now; nothing of it was done
└── Refusal                an expected no, told to whoever asked; it has a stable reason
    ├── InvalidInput       single fields cannot be taken
    ├── Refused            the input is fine, the answer is no
    ├── TooManyAttempts    come back later
    └── Busy               the machine is, come back soon
"""

from __future__ import annotations

from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from .login.errors import SetUpError as SetUpError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


#: Seconds after which a database may be back: a restart, or somebody else's long transaction.
_BACK_WITHIN: Final = 10


class Refusal(Exception):  # noqa: N818
    """An expected no.

    A refusal is an answer: what the flow has written by then is kept (an audit entry, a burnt
    token), and the surface shows it as a page, as ``problem+json`` or as an error line.
    """

    #: The HTTP status of it (RFC 9110 section 15.5).
    status = 403

    def __init__(self, reason: str, **details: Any) -> None:
        super().__init__(reason)
        #: Lower case, the same for ever; texts are looked up by it.
        self.reason = reason
        #: Values that the text of this reason names. No secret, nothing about somebody else.
        self.details: Mapping[str, Any] = MappingProxyType(details)


class InvalidInput(Refusal):
    """One or more fields cannot be taken: the reasons of each, by its name."""

    status = 422

    def __init__(self, **fields: str | Sequence[str]) -> None:
        super().__init__("invalid_input")
        self.fields: dict[str, tuple[str, ...]] = {
            name: (reasons,) if isinstance(reasons, str) else tuple(reasons)
            for name, reasons in fields.items()
        }

    def __str__(self) -> str:
        return f"{self.reason} ({self.told})"

    @property
    def told(self) -> str:
        """The reasons of each field, in one line."""
        return "; ".join(f"{name}: {', '.join(why)}" for name, why in self.fields.items())


class Refused(Refusal):
    """The input is well formed; the answer is no.

    Args:
        reason: the stable reason.
        status: 401 when proving who one is would help, 403 when it would not, 404 for what is
            not there or not theirs, 409 and 410 for what has changed or is over.
        next_steps: names of the flows that lead on, the best first.
        details: values that the text of the reason names.
    """

    def __init__(
        self, reason: str, *, status: int = 403, next_steps: Sequence[str] = (), **details: Any
    ) -> None:
        super().__init__(reason, **details)
        self.status = status
        self.next_steps = tuple(next_steps)


class TooManyAttempts(Refusal):
    """A throttle says no (RFC 6585 section 4).

    Args:
        retry_after: in how many seconds the next attempt is looked at.
    """

    status = 429

    def __init__(self, retry_after: float) -> None:
        super().__init__("too_many_attempts", retry_after=max(1, ceil(retry_after)))
        self.retry_after = max(1, ceil(retry_after))


class Busy(Refusal):
    """Too many passwords are being checked at this moment (RFC 9110 section 15.6.4)."""

    status = 503

    def __init__(self, retry_after: float = 1, *, reason: str = "busy") -> None:
        super().__init__(reason, retry_after=max(1, ceil(retry_after)))
        self.retry_after = max(1, ceil(retry_after))


class Unavailable(Exception):  # noqa: N818
    """The database is away, locked, full, read-only or without our tables.

    It is no refusal, so the flow that meets it rolls back: both of its changes or neither (ASVS 5.0
    2.3.3 and 16.5.3). A store of an app's own raises it too when what it keeps cannot be had.

    Args:
        why: for the operator alone, with what to do; no value of a statement.
        is_locked: whether somebody else holds a lock.
    """

    def __init__(self, why: str, *, is_locked: bool = False) -> None:
        super().__init__(why)
        self.is_locked = is_locked

    @property
    def refusal(self) -> Busy:
        """What a stranger is told: 503, and nothing of the machine."""
        return Busy(_BACK_WITHIN, reason="unavailable")
