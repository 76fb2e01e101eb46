"""Several processes at the same moment: attempts are exact, and what has ended stays ended."""

from __future__ import annotations

from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.pool import Pool

import pytest
from sqlalchemy.orm import Session

from flask_porter.models.base import Models
from flask_porter.models.database import Database
from flask_porter.stores.sql import SqlThrottle
from flask_porter.testing.store_contract import LIMIT, NOW
from tests.stores import racing
from tests.stores.racing import PROCESSES, TIMES


@pytest.fixture(scope="module")
def processes() -> Iterator[Pool]:
    context = get_context("spawn")
    start = context.Barrier(PROCESSES, timeout=60)
    with context.Pool(PROCESSES, racing.begin, (start,)) as pool:
        yield pool
        pool.close()
        pool.join()


def test_b14_of_a_hundred_parallel_attempts_as_many_get_through_as_are_free(
    processes: Pool, address: str, database: Database, models: Models
) -> None:
    asked = [(address, "key")] * PROCESSES
    free = processes.starmap(racing.attempt_often, asked, chunksize=1)
    assert sum(free) == LIMIT.free
    throttle = SqlThrottle(database.open_session, models)
    assert throttle.peek("key", NOW).count == LIMIT.free


def test_s12_no_touch_and_no_rotation_outlives_the_end_of_a_record(
    processes: Pool, address: str, session: Session, models: Models
) -> None:
    user = models.user()
    session.add(user)
    session.commit()
    roles = ["one", "other", "touch", "end"]
    asked = [(address, user.id, role) for role in roles]
    one, other, _, nothing_left = processes.starmap(racing.fight, asked, chunksize=1)
    assert len(one) == len(other) == TIMES
    assert not any(both == (True, True) for both in zip(one, other, strict=True))
    assert nothing_left == [True] * TIMES
