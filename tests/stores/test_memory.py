"""The stores in memory keep the contract, and a bound."""

from __future__ import annotations

import pytest

from flask_porter.stores.memory import MemorySessions, MemoryThrottle
from flask_porter.testing.store_contract import (
    HOUR,
    LIMIT,
    NOW,
    SessionStoreContract,
    ThrottleContract,
    record_of,
)


class TestMemorySessions(SessionStoreContract):
    @pytest.fixture
    def store(self) -> MemorySessions:
        return MemorySessions()


class TestMemoryThrottle(ThrottleContract):
    @pytest.fixture
    def throttle(self) -> MemoryThrottle:
        return MemoryThrottle()


def test_one_record_too_many_ends_the_one_seen_longest_ago() -> None:
    store = MemorySessions(most=2)
    store.open(record_of(1, "a"))
    store.open(record_of(1, "b"))
    store.touch("a", NOW + HOUR)
    store.open(record_of(1, "c"))
    assert {record.id for record in store.list(1)} == {"a", "c"}


def test_b17_a_flood_of_keys_is_bounded_and_the_key_tried_longest_ago_goes() -> None:
    throttle = MemoryThrottle(most=1000)
    for number in range(20_000):
        throttle.attempt("kept", LIMIT, NOW + number * HOUR / 100_000)
        throttle.attempt(f"flood:{number}", LIMIT, NOW)
    assert len(throttle._keys) == 1000
    assert throttle.peek("kept", NOW).count > 0
    assert throttle.peek("flood:0", NOW).count == 0
    assert throttle.peek("flood:19999", NOW).count == 1
