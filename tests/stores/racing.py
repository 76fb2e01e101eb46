"""What the processes of a race do, all at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier

from sqlalchemy import create_engine

from flask_porter.models.base import Models, build_models
from flask_porter.models.database import Database, connect
from flask_porter.stores.sql import SqlSessions, SqlThrottle
from flask_porter.testing.store_contract import HOUR, LIMIT, NOW, record_of

PROCESSES = 4
TIMES = 25
_start: list[Barrier] = []


def begin(start: Barrier) -> None:
    """Take the barrier that a process waits at."""
    _start.append(start)


def attempt_often(address: str, key: str) -> int:
    """Attempt, and return how often it was free."""
    with _database(address) as (database, models):
        throttle = SqlThrottle(database.open_session, models)
        _start[0].wait()
        return sum(throttle.attempt(key, LIMIT, NOW).is_free for _ in range(TIMES))


def fight(address: str, user_id: int, role: str) -> list[bool]:
    """Rotate, touch or end one record after the other, all at once.

    Returns:
        whether it was still there each time; for ``end``, whether nothing was left afterwards.
    """
    answers = []
    with _database(address) as (database, models), database.open_session() as session:
        store = SqlSessions(session, models)
        for number in range(TIMES):
            id = f"record-{number}"
            if role == "end":
                store.open(record_of(user_id, id))
                session.commit()
            _start[0].wait()
            if role == "touch":
                answers.append(store.touch(id, NOW + HOUR))
            elif role == "end":
                store.end(user_id)
            else:
                answers.append(store.rotate(id, record_of(user_id, f"{role}-{number}")))
            session.commit()
            _start[0].wait()
            if role == "end":
                answers.append(store.list(user_id) == [])
                session.commit()
    return answers


@contextmanager
def _database(address: str) -> Iterator[tuple[Database, Models]]:
    patient = {"timeout": 60} if address.startswith("sqlite") else {}
    engine = create_engine(address, connect_args=patient)
    database = connect(engine)
    yield database, build_models(database.base)
    engine.dispose()
