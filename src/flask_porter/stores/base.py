"""The contracts that every store keeps: records of logged-in clients, and counts of attempts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How a client shows the session token: in Flask's session cookie, or in ``Authorization``.
Transport = Literal["cookie", "bearer"]

#: From when on something is free that nobody has to wait for. Not from now on: the clock of
#: another worker is a little behind, and of two attempts at once the earlier may come second.
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One logged-in client of a user, shown to them as a device. All times are in UTC.

    The secret half of the session token is not in it, only its SHA-256: whoever reads the store
    can use no record (OWASP Session Management Cheat Sheet, "Session ID Properties").
    """

    id: str
    secret_digest: bytes = field(repr=False)
    user_id: Any
    #: The ``session_generation`` of the user when the record was opened; another one ends it.
    generation: int
    created_at: datetime
    last_seen_at: datetime
    #: When who they are was last proven (OIDC Core section 2, ``auth_time``).
    auth_time: datetime
    #: How it was proven (RFC 8176), for one ``("pwd",)``.
    amr: tuple[str, ...]
    #: When the record ends, whatever is done with it.
    expires_at: datetime
    #: How long it lasts without a request; None for no such limit.
    idle_timeout: timedelta | None
    remembered: bool = False
    transport: Transport = "cookie"
    #: The way in: ``password``, ``app``, ``reset``.
    pathway: str = "password"
    address: str = ""
    user_agent: str = ""

    @property
    def remembered_until(self) -> int | None:
        """When a record that outlives the browser ends, in seconds since the epoch, else None."""
        return int(self.expires_at.timestamp()) if self.remembered else None

    def is_over(self, now: datetime) -> bool:
        """Tell whether a limit has been reached (NIST SP 800-63B-4 section 5.2)."""
        if now >= self.expires_at:
            return True
        return self.idle_timeout is not None and now >= self.last_seen_at + self.idle_timeout


class SessionStore(Protocol):
    """Keeps session records. Nothing in it decides whether a record is still good."""

    def open(self, record: SessionRecord) -> None:
        """Keep a new record. Raises ValueError if its id is taken."""

    def find(self, id: str) -> SessionRecord | None:
        """Return the record with this id, or None."""
        ...

    def touch(self, id: str, now: datetime) -> bool:
        """Set when it was last seen; False if it is gone. It never brings one back."""
        ...

    def rotate(self, id: str, record: SessionRecord) -> bool:
        """Replace the record ``id`` by ``record``, which has another id; False if it was gone."""
        ...

    def list(self, user_id: Any) -> Sequence[SessionRecord]:
        """Return the records of a user, the one last seen first; over or not."""
        ...

    def end(self, user_id: Any, *, ids: Sequence[str] | None = None, but: str | None = None) -> int:
        """End records of this user, those named or all, but one; return how many there were."""
        ...

    def purge(self, now: datetime) -> int:
        """Remove what is over; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts are free, and how long one waits for each that comes after.

    The wait doubles from ``first_wait`` up to ``longest_wait``. A count is forgotten ``memory``
    after the last attempt that was counted, so an expired wait does not start afresh.
    """

    free: int
    first_wait: timedelta
    longest_wait: timedelta
    memory: timedelta

    @property
    def waits(self) -> tuple[timedelta, ...]:
        """The waits once the free attempts are used up, in order; the last one stays.

        Raises:
            ValueError: there is no wait to double.
        """
        if self.first_wait <= timedelta(0):
            raise ValueError("A wait is longer than nothing.")
        found = [self.first_wait]
        while found[-1] < self.longest_wait:
            found.append(min(found[-1] * 2, self.longest_wait))
        return tuple(found)

    def wait_after(self, count: int) -> timedelta:
        """Return how long one waits after attempt number ``count``."""
        if count < self.free:
            return timedelta(0)
        waits = self.waits
        return waits[min(count - self.free, len(waits) - 1)]

    def free_after(self, count: int, now: datetime) -> datetime:
        """Return from when on the next attempt is free, after number ``count`` at ``now``."""
        wait = self.wait_after(count)
        return now + wait if wait else LONG_AGO


@dataclass(frozen=True, slots=True)
class Attempts:
    """What a throttle knows of one key after an attempt on it."""

    #: Whether this attempt may go on. One that may not has not been counted.
    is_free: bool
    #: Seconds until the next attempt is free; 0 if it is now.
    retry_after: float
    #: How many attempts have been counted, this one included if it was free.
    count: int = field(default=0)


class Throttle(Protocol):
    """Counts attempts by key, exactly, also when they come at the same moment."""

    def attempt(self, key: str, limit: Limit, now: datetime) -> Attempts:
        """Count one attempt on ``key`` if it is free at ``now``, and tell."""
        ...

    def peek(self, key: str, now: datetime) -> Attempts:
        """Tell without counting; ``is_free`` is True for a key that nobody has tried."""
        ...

    def refund(self, key: str, limit: Limit) -> None:
        """Take one attempt back: it was no failure. A wait ends once the count is below it."""

    def clear(self, key: str) -> None:
        """Forget the key, after a success."""

    def purge(self, now: datetime) -> int:
        """Remove what is forgotten by ``now``; return how many."""
        ...
