"""The stores of the database keep the contract, in the transaction that is theirs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_mock_engine, func, select, text
from sqlalchemy.orm import Session

from flask_porter.errors import SetUpError
from flask_porter.models.base import Models
from flask_porter.models.database import Database
from flask_porter.stores.base import Attempts, Limit
from flask_porter.stores.sql import SqlSessions, SqlThrottle
from flask_porter.testing.store_contract import (
    HOUR,
    LIMIT,
    MEMORY,
    NOW,
    SECOND,
    SessionStoreContract,
    ThrottleContract,
    record_of,
)


@pytest.fixture
def users(session: Session, models: Models) -> tuple[Any, Any]:
    people = [models.user(), models.user()]
    session.add_all(people)
    session.commit()
    return people[0].id, people[1].id


@pytest.fixture
def store(session: Session, models: Models) -> SqlSessions:
    return SqlSessions(session, models)


@pytest.fixture
def throttle(database: Database, models: Models) -> SqlThrottle:
    return SqlThrottle(database.open_session, models)


class TestSqlSessions(SessionStoreContract):
    @pytest.fixture
    def users(self, users: tuple[Any, Any]) -> tuple[Any, Any]:
        return users

    @pytest.fixture
    def store(self, store: SqlSessions) -> SqlSessions:
        return store


class TestSqlThrottle(ThrottleContract):
    @pytest.fixture
    def throttle(self, throttle: SqlThrottle) -> SqlThrottle:
        return throttle


def test_records_belong_to_the_transaction_of_the_flow(
    database: Database, models: Models, users: tuple[Any, Any]
) -> None:
    with database.open_session() as flow, database.open_session() as other:
        SqlSessions(flow, models).open(record_of(users[0]))
        assert SqlSessions(other, models).find("record-1") is None
        flow.rollback()
        assert SqlSessions(other, models).find("record-1") is None
        SqlSessions(flow, models).open(record_of(users[0]))
        flow.commit()
        other.rollback()
        assert SqlSessions(other, models).find("record-1") is not None


def test_a_record_that_another_process_ends_is_gone_at_the_next_look(
    database: Database, models: Models, users: tuple[Any, Any]
) -> None:
    with database.open_session() as one, database.open_session() as other:
        store = SqlSessions(one, models)
        store.open(record_of(users[0]))
        one.commit()
        assert store.find("record-1") is not None
        one.commit()
        SqlSessions(other, models).end(users[0])
        other.commit()
        assert store.find("record-1") is None
        assert not store.touch("record-1", NOW + HOUR)
        assert not store.rotate("record-1", record_of(users[0], "record-2"))


ABSURD: dict[str, list[Any]] = {
    "secret_digest": ["[1, 2, 3]", b"short", b"x" * 33],
    "generation": ["many", b"\x80\x04."],
    "created_at": ["yesterday", "[]", 12],
    "expires_at": ["9999-99-99 00:00:00.000000", b"\x80"],
    "idle_timeout": ["soon", 10**17, b"\x80"],
    "amr": [b"pwd", "pwd " * 51],
    "transport": ["pigeon", b"cookie"],
    "pathway": ["p" * 33],
    "address": [b"\x80", "a" * 65],
    "user_agent": ["u" * 10_000_000],
}


@pytest.mark.parametrize("address", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("column", "value"), [(name, value) for name, values in ABSURD.items() for value in values]
)
def test_s36_what_nobody_can_have_stored_is_no_record(
    session: Session, store: SqlSessions, users: tuple[Any, Any], column: str, value: Any
) -> None:
    store.open(record_of(users[0]))
    store.open(record_of(users[0], "record-2"))
    statement = f"UPDATE porter_sessions SET {column} = :value WHERE id = 'record-1'"
    session.execute(text(statement), {"value": value})
    assert store.find("record-1") is None
    assert [record.id for record in store.list(users[0])] == ["record-2"]
    assert store.purge(NOW) in {0, 1}
    store.end(users[0])
    assert store.find("record-2") is None


def test_an_attempt_is_kept_whatever_becomes_of_the_request(
    database: Database, models: Models, throttle: SqlThrottle
) -> None:
    with database.open_session() as flow:
        flow.execute(select(models.user))
        throttle.attempt("key", LIMIT, NOW)
        flow.rollback()
    assert throttle.peek("key", NOW).count == 1


def test_b17_what_is_forgotten_is_removed_now_and_then(
    session: Session, models: Models, throttle: SqlThrottle
) -> None:
    throttle.attempt("first", LIMIT, NOW)
    for number in range(20):
        throttle.attempt(f"key:{number}", LIMIT, NOW + MEMORY + number * SECOND)
    throttle.attempt("later", LIMIT, NOW + 2 * MEMORY + 9 * SECOND)
    left = session.scalar(select(func.count()).select_from(models.throttle))
    assert left == 11


class ClearedMeanwhile(SqlThrottle):
    """Whenever it looks why an attempt was not counted, somebody has just cleared the key."""

    def peek(self, key: str, now: datetime) -> Attempts:
        self.clear(key)
        return super().peek(key, now)


class OnlyLooksFree(SqlThrottle):
    """However often it looks, the key is free, and when it counts it is not."""

    def peek(self, key: str, now: datetime) -> Attempts:
        return Attempts(is_free=True, retry_after=0)


def test_an_attempt_that_came_while_its_key_was_cleared_is_counted(
    database: Database, models: Models, throttle: SqlThrottle
) -> None:
    for _ in range(3):
        throttle.attempt("key", LIMIT, NOW)
    answer = ClearedMeanwhile(database.open_session, models).attempt("key", LIMIT, NOW)
    assert (answer.is_free, answer.count) == (True, 1)


def test_in_doubt_an_attempt_is_refused(
    database: Database, models: Models, throttle: SqlThrottle
) -> None:
    for _ in range(3):
        throttle.attempt("key", LIMIT, NOW)
    answer = OnlyLooksFree(database.open_session, models).attempt("key", LIMIT, NOW)
    assert (answer.is_free, answer.retry_after) == (False, 1)


def test_a_long_wait_is_counted_in_the_database_as_in_python(throttle: SqlThrottle) -> None:
    limit = Limit(2, SECOND, timedelta(hours=3), timedelta(days=30))
    now = NOW
    for count in range(1, 20):
        answer = throttle.attempt("key", limit, now)
        wait = timedelta(seconds=answer.retry_after)
        assert (answer.count, wait) == (count, limit.wait_after(count))
        now += wait


def test_a_wait_of_nothing_cannot_be_doubled() -> None:
    with pytest.raises(ValueError, match="wait"):
        _ = Limit(1, 0 * SECOND, HOUR, HOUR).waits


def test_another_database_is_refused_with_the_name_of_those_that_work(models: Models) -> None:
    engine: Any = create_mock_engine("sqlite://", lambda _: None)
    engine.dialect.name = "mysql"
    with Session(engine) as session, pytest.raises(SetUpError, match="PostgreSQL or SQLite"):
        SqlSessions(session, models).open(record_of(1))
