"""Stores in the memory of one process: for tests, and for an app that is one process."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from .base import LONG_AGO, Attempts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .base import Limit, SessionRecord

#: How many keys or records are kept: some 50 MB of them.
MOST: Final = 100_000


class MemorySessions:
    """Session records in memory; they end with the process.

    Args:
        most: how many are kept. One more ends the one that was seen longest ago.
    """

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._records: OrderedDict[str, SessionRecord] = OrderedDict()

    def open(self, record: SessionRecord) -> None:
        """Keep a new record. Raises ValueError if its id is taken."""
        with self._lock:
            if record.id in self._records:
                raise ValueError("There is a session record with this id.")
            self._records[record.id] = record
            if len(self._records) > self._most:
                self._records.popitem(last=False)

    def find(self, id: str) -> SessionRecord | None:
        """Return the record with this id, or None."""
        with self._lock:
            return self._records.get(id)

    def touch(self, id: str, now: datetime) -> bool:
        """Set when it was last seen; False if it is gone. It never brings one back."""
        with self._lock:
            record = self._records.get(id)
            if record is None:
                return False
            if now > record.last_seen_at:
                self._records[id] = replace(record, last_seen_at=now)
            self._records.move_to_end(id)
            return True

    def rotate(self, id: str, record: SessionRecord) -> bool:
        """Replace the record ``id`` by ``record``, which has another id; False if it was gone."""
        with self._lock:
            if self._records.pop(id, None) is None:
                return False
            self._records[record.id] = record
            return True

    def list(self, user_id: Any) -> Sequence[SessionRecord]:
        """Return the records of a user, the one last seen first; over or not."""
        with self._lock:
            theirs = [each for each in self._records.values() if each.user_id == user_id]
        return sorted(theirs, key=lambda record: (record.last_seen_at, record.id), reverse=True)

    def end(self, user_id: Any, *, ids: Sequence[str] | None = None, but: str | None = None) -> int:
        """End records of this user, those named or all, but one; return how many there were."""
        with self._lock:
            ended = [
                id
                for id, record in self._records.items()
                if record.user_id == user_id and id != but and (ids is None or id in ids)
            ]
            for id in ended:
                del self._records[id]
        return len(ended)

    def purge(self, now: datetime) -> int:
        """Remove what is over; return how many."""
        with self._lock:
            over = [id for id, record in self._records.items() if record.is_over(now)]
            for id in over:
                del self._records[id]
        return len(over)


@dataclass(slots=True)
class _Counted:
    """The attempts on one key."""

    count: int
    last_at: datetime
    free_at: datetime
    forgotten_at: datetime

    def told(self, now: datetime, *, is_free: bool) -> Attempts:
        wait = (self.free_at - now).total_seconds()
        return Attempts(is_free, max(0.0, wait), self.count)


class MemoryThrottle:
    """Counts attempts in memory: of this process alone, so several have as many times the limit.

    Args:
        most: how many keys are kept. One more forgets the one that was tried longest ago, so a
            flood of names costs no memory.
    """

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._keys: OrderedDict[str, _Counted] = OrderedDict()

    def attempt(self, key: str, limit: Limit, now: datetime) -> Attempts:
        """Count one attempt on ``key`` if it is free at ``now``, and tell."""
        with self._lock:
            known = self._known(key, now)
            if known is not None and now < known.free_at:
                return known.told(now, is_free=False)
            count = 1 if known is None else known.count + 1
            counted = _Counted(count, now, limit.free_after(count, now), now + limit.memory)
            self._keys[key] = counted
            self._keys.move_to_end(key)
            if len(self._keys) > self._most:
                self._keys.popitem(last=False)
            return counted.told(now, is_free=True)

    def peek(self, key: str, now: datetime) -> Attempts:
        """Tell without counting; ``is_free`` is True for a key that nobody has tried."""
        with self._lock:
            known = self._known(key, now)
            if known is None:
                return Attempts(is_free=True, retry_after=0)
            return known.told(now, is_free=known.free_at <= now)

    def refund(self, key: str, limit: Limit) -> None:
        """Take one attempt back: it was no failure. A wait ends once the count is below it."""
        with self._lock:
            known = self._keys.get(key)
            if known is not None and known.count > 0:
                known.count -= 1
                if known.count < limit.free:
                    known.free_at = LONG_AGO

    def clear(self, key: str) -> None:
        """Forget the key, after a success."""
        with self._lock:
            self._keys.pop(key, None)

    def purge(self, now: datetime) -> int:
        """Remove what is forgotten by ``now``; return how many."""
        with self._lock:
            forgotten = [key for key, known in self._keys.items() if known.forgotten_at <= now]
            for key in forgotten:
                del self._keys[key]
        return len(forgotten)

    def _known(self, key: str, now: datetime) -> _Counted | None:
        known = self._keys.get(key)
        return None if known is None or known.forgotten_at <= now else known
