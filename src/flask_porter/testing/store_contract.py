"""What every store must keep, as classes of tests that anybody's store runs by subclassing them.

.. code-block:: python

    class TestMySessions(SessionStoreContract):
        @pytest.fixture
        def store(self) -> MySessions:
            return MySessions()

The names of the tests are the promises. Two things they cannot try: that ``touch`` and ``rotate``
of one process never bring back what another has ended, and that a throttle stays exact when many
processes ask at once. Decide and write in one step of the backend, and try it with processes.
"""

# A test asserts.
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest

from ..stores.base import Limit, SessionRecord

if TYPE_CHECKING:
    from ..stores.base import Attempts, SessionStore, Throttle

#: A moment with microseconds, which a store has to keep.
NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
MEMORY = timedelta(minutes=30)
#: Three attempts, then 10 s, 20 s, 40 s and 60 s from there on; forgotten after half an hour.
LIMIT = Limit(free=3, first_wait=10 * SECOND, longest_wait=60 * SECOND, memory=MEMORY)


def record_of(user_id: Any, id: str = "record-1", **values: Any) -> SessionRecord:
    """Return a record, with ``values`` in place of what it has by itself."""
    record = SessionRecord(
        id=id,
        secret_digest=b"\x00\xff" * 16,
        user_id=user_id,
        generation=3,
        created_at=NOW,
        last_seen_at=NOW,
        auth_time=NOW - SECOND,
        amr=("pwd", "otp"),
        expires_at=NOW + 24 * HOUR,
        idle_timeout=HOUR,
        address="2001:db8::1",
        user_agent="Lynx/2.9 ✓",
    )
    return replace(record, **values)


class SessionStoreContract:
    """What a :class:`~flask_porter.stores.base.SessionStore` must keep.

    Write a fixture ``store`` that returns an empty one.
    """

    @pytest.fixture
    def users(self) -> tuple[Any, Any]:
        """Return the keys of two users."""
        return 1, 2

    def test_what_was_opened_is_found_unchanged(
        self, store: SessionStore, users: tuple[Any, Any]
    ) -> None:
        """Every field comes back as it was, to the microsecond."""
        one = record_of(users[0])
        lasting = record_of(
            users[1], "record-2", amr=(), idle_timeout=None, remembered=True, transport="bearer"
        )
        store.open(one)
        store.open(lasting)
        assert store.find("record-1") == one
        assert store.find("record-2") == lasting

    def test_an_unknown_id_is_nobodys(self, store: SessionStore, users: tuple[Any, Any]) -> None:
        """None, whatever is asked for: it comes out of a cookie."""
        store.open(record_of(users[0]))
        for id in ("record-2", "", "RECORD-1", "record-1 ", "\x00", "\ud800", "x" * 10_000, "%"):
            assert store.find(id) is None
            assert not store.touch(id, NOW)
            assert not store.rotate(id, record_of(users[0], "record-3"))

    def test_no_id_is_taken_twice(self, store: SessionStore, users: tuple[Any, Any]) -> None:
        """The record that was there stays."""
        first = record_of(users[0])
        store.open(first)
        with pytest.raises(ValueError):  # noqa: PT011
            store.open(record_of(users[1]))
        assert store.find("record-1") == first

    def test_a_record_that_is_over_is_still_found(
        self, store: SessionStore, users: tuple[Any, Any]
    ) -> None:
        """What is over is decided by whoever asks, with a clock of its own."""
        over = record_of(users[0], expires_at=NOW - 1000 * HOUR)
        store.open(over)
        assert store.find("record-1") == over

    def test_a_touch_notes_when_it_was_last_seen(
        self, store: SessionStore, users: tuple[Any, Any]
    ) -> None:
        """Nothing else of the record changes."""
        store.open(record_of(users[0]))
        assert store.touch("record-1", NOW + HOUR)
        assert store.find("record-1") == record_of(users[0], last_seen_at=NOW + HOUR)

    def test_a_late_touch_does_not_turn_back_the_clock(
        self, store: SessionStore, users: tuple[Any, Any]
    ) -> None:
        """Two requests may end in the other order."""
        store.open(record_of(users[0]))
        assert store.touch("record-1", NOW - HOUR)
        assert store.find("record-1") == record_of(users[0])

    def test_nothing_brings_back_what_has_ended(
        self, store: SessionStore, users: tuple[Any, Any]
    ) -> None:
        """A request that began before the log-out and ends after it."""
        store.open(record_of(users[0]))
        store.end(users[0])
        assert not store.touch("record-1", NOW)
        assert not store.rotate("record-1", record_of(users[0], "record-2"))
        assert store.find("record-1") is None
        assert store.find("record-2") is None
        assert list(store.list(users[0])) == []

    def test_a_rotated_record_has_its_new_id_alone(
        self, store: SessionStore, users: tuple[Any, Any]
    ) -> None:
        """The old id is worthless at once, and cannot be rotated again."""
        store.open(record_of(users[0]))
        new = record_of(users[0], "record-2", secret_digest=b"n" * 32, auth_time=NOW + HOUR)
        assert store.rotate("record-1", new)
        assert store.find("record-1") is None
        assert store.find("record-2") == new
        assert not store.rotate("record-1", record_of(users[0], "record-3"))
        assert [record.id for record in store.list(users[0])] == ["record-2"]

    def test_a_list_has_the_records_of_one_user_the_last_seen_first(
        self, store: SessionStore, users: tuple[Any, Any]
    ) -> None:
        """Those that are over as well."""
        store.open(record_of(users[0], "old", last_seen_at=NOW - HOUR, expires_at=NOW - SECOND))
        store.open(record_of(users[0], "new", last_seen_at=NOW + HOUR))
        store.open(record_of(users[1], "foreign"))
        store.open(record_of(users[0], "now"))
        assert [record.id for record in store.list(users[0])] == ["new", "now", "old"]

    def test_all_of_a_user_can_end(self, store: SessionStore, users: tuple[Any, Any]) -> None:
        """And nothing of anybody else."""
        self._three_and_a_foreign_one(store, users)
        assert store.end(users[0]) == 3
        assert list(store.list(users[0])) == []
        assert store.find("foreign") is not None
        assert store.end(users[0]) == 0

    def test_all_but_one_can_end(self, store: SessionStore, users: tuple[Any, Any]) -> None:
        """As for "log out all others"."""
        self._three_and_a_foreign_one(store, users)
        assert store.end(users[0], but="b") == 2
        assert [record.id for record in store.list(users[0])] == ["b"]

    def test_only_those_named_end(self, store: SessionStore, users: tuple[Any, Any]) -> None:
        """An id of somebody else's record ends nothing."""
        self._three_and_a_foreign_one(store, users)
        assert store.end(users[0], ids=[]) == 0
        assert store.end(users[0], ids=["foreign", "nobody", "\x00"]) == 0
        assert store.end(users[0], ids=["a", "b", "foreign"], but="b") == 1
        assert {record.id for record in store.list(users[0])} == {"b", "c"}
        assert store.find("foreign") is not None

    def test_a_purge_removes_what_is_over(
        self, store: SessionStore, users: tuple[Any, Any]
    ) -> None:
        """By either limit, and nothing else."""
        store.open(record_of(users[0], "expired", expires_at=NOW, idle_timeout=None))
        store.open(record_of(users[0], "idle", last_seen_at=NOW - HOUR))
        store.open(record_of(users[0], "seen", last_seen_at=NOW - HOUR + SECOND))
        store.open(record_of(users[1], "patient", last_seen_at=NOW - HOUR, idle_timeout=2 * HOUR))
        store.open(record_of(users[1], "lasting", last_seen_at=NOW - HOUR, idle_timeout=None))
        assert store.purge(NOW) == 2
        left = [*store.list(users[0]), *store.list(users[1])]
        assert {record.id for record in left} == {"seen", "patient", "lasting"}

    def _three_and_a_foreign_one(self, store: SessionStore, users: tuple[Any, Any]) -> None:
        for id in ("a", "b", "c"):
            store.open(record_of(users[0], id))
        store.open(record_of(users[1], "foreign"))


class ThrottleContract:
    """What a :class:`~flask_porter.stores.base.Throttle` must keep.

    Write a fixture ``throttle`` that returns one in which nothing is counted.
    """

    def test_so_many_attempts_are_free(self, throttle: Throttle) -> None:
        """And the next has to wait."""
        answers = _attempts(throttle, 4)
        assert [answer.is_free for answer in answers] == [True, True, True, False]
        assert [answer.count for answer in answers] == [1, 2, 3, 3]
        assert [answer.retry_after for answer in answers] == [0, 0, 10, 10]

    def test_each_wait_is_twice_as_long_up_to_the_longest(self, throttle: Throttle) -> None:
        """The wait of an attempt is told by that attempt."""
        now = NOW
        waits = []
        for _ in range(8):
            answer = throttle.attempt("key", LIMIT, now)
            assert answer.is_free
            waits.append(answer.retry_after)
            now += timedelta(seconds=answer.retry_after)
        assert waits == [0, 0, 10, 20, 40, 60, 60, 60]

    def test_an_attempt_within_the_wait_changes_nothing(self, throttle: Throttle) -> None:
        """Neither the count nor the wait: who hammers is free as soon as who is patient."""
        _attempts(throttle, 3)
        for second in range(10):
            answer = throttle.attempt("key", LIMIT, NOW + second * SECOND)
            assert not answer.is_free
            assert answer.retry_after == 10 - second
        last = throttle.attempt("key", LIMIT, NOW + 10 * SECOND)
        assert last.is_free
        assert last.count == 4

    def test_a_clock_that_is_behind_waits_for_nothing(self, throttle: Throttle) -> None:
        """Two attempts at once may be counted in the order in which they did not begin."""
        assert throttle.attempt("key", LIMIT, NOW + SECOND).is_free
        told = throttle.peek("key", NOW)
        assert (told.is_free, told.retry_after) == (True, 0)
        second = throttle.attempt("key", LIMIT, NOW)
        assert (second.is_free, second.retry_after, second.count) == (True, 0, 2)
        throttle.attempt("key", LIMIT, NOW + SECOND)
        throttle.refund("key", LIMIT)
        assert throttle.attempt("key", LIMIT, NOW).is_free

    def test_a_wait_that_is_over_does_not_start_afresh(self, throttle: Throttle) -> None:
        """The next wait is longer, as long as the count is remembered."""
        _attempts(throttle, 3)
        almost = NOW + MEMORY - timedelta(microseconds=1)
        assert throttle.attempt("key", LIMIT, almost).count == 4

    def test_a_count_is_forgotten_in_the_end(self, throttle: Throttle) -> None:
        """Some time after the last one that was counted, the first is the first again."""
        _attempts(throttle, 3)
        assert throttle.attempt("key", LIMIT, NOW + SECOND).is_free is False
        again = throttle.attempt("key", LIMIT, NOW + MEMORY)
        assert (again.is_free, again.count, again.retry_after) == (True, 1, 0)

    def test_a_limit_of_one_waits_at_once(self, throttle: Throttle) -> None:
        """Also for a key whose count has been forgotten."""
        one = replace(LIMIT, free=1)
        assert throttle.attempt("key", one, NOW).retry_after == 10
        assert throttle.attempt("key", one, NOW + MEMORY).retry_after == 10

    def test_a_look_counts_nothing(self, throttle: Throttle) -> None:
        """It tells what the next attempt would be told."""
        assert throttle.peek("key", NOW).is_free
        _attempts(throttle, 3)
        for _ in range(3):
            told = throttle.peek("key", NOW + SECOND)
            assert (told.is_free, told.count, told.retry_after) == (False, 3, 9)
        assert throttle.peek("key", NOW + 10 * SECOND).is_free
        assert throttle.peek("key", NOW + MEMORY).count == 0

    def test_keys_know_nothing_of_each_other(self, throttle: Throttle) -> None:
        """A longer key, or one in other letters, is another."""
        _attempts(throttle, 4)
        for key in ("key2", "KEY", "", "ключ"):
            assert throttle.attempt(key, LIMIT, NOW).count == 1

    def test_a_refund_takes_one_attempt_back(self, throttle: Throttle) -> None:
        """The wait that it began is over, and the count is one less."""
        _attempts(throttle, 3)
        throttle.refund("key", LIMIT)
        answers = _attempts(throttle, 2)
        assert [answer.is_free for answer in answers] == [True, False]
        assert answers[0].count == 3

    def test_a_refund_ends_no_wait_that_others_have_earned(self, throttle: Throttle) -> None:
        """Who succeeds on purpose between guesses shortens nothing."""
        _attempts(throttle, 3)
        assert throttle.attempt("key", LIMIT, NOW + 10 * SECOND).count == 4
        throttle.refund("key", LIMIT)
        assert not throttle.attempt("key", LIMIT, NOW + 11 * SECOND).is_free

    def test_nothing_is_refunded_below_nothing(self, throttle: Throttle) -> None:
        """More refunds than attempts give no attempts."""
        throttle.refund("key", LIMIT)
        _attempts(throttle, 1)
        throttle.refund("key", LIMIT)
        throttle.refund("key", LIMIT)
        assert [answer.is_free for answer in _attempts(throttle, 4)] == [True, True, True, False]

    def test_a_cleared_key_is_new(self, throttle: Throttle) -> None:
        """And one that was never tried can be cleared."""
        throttle.clear("key")
        _attempts(throttle, 4)
        throttle.clear("key")
        assert throttle.attempt("key", LIMIT, NOW).count == 1

    def test_a_purge_removes_what_is_forgotten(self, throttle: Throttle) -> None:
        """And nothing else."""
        throttle.attempt("old", LIMIT, NOW)
        throttle.attempt("new", LIMIT, NOW + SECOND)
        assert throttle.purge(NOW + MEMORY) == 1
        assert throttle.peek("new", NOW + MEMORY).count == 1
        assert throttle.purge(NOW + MEMORY) == 0

    def test_attempts_at_the_same_moment_are_counted_one_by_one(self, throttle: Throttle) -> None:
        """Of twelve threads three get through."""
        start = Barrier(12)
        answers: list[Attempts] = []

        def attempt() -> None:
            start.wait()
            answers.append(throttle.attempt("key", LIMIT, NOW))

        threads = [Thread(target=attempt) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 12
        assert sorted(answer.count for answer in answers if answer.is_free) == [1, 2, 3]


def _attempts(throttle: Throttle, times: int) -> list[Attempts]:
    return [throttle.attempt("key", LIMIT, NOW) for _ in range(times)]
