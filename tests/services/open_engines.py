"""Closes what a test has left open in a database of SQLite: from Python 3.13 on that is a warning.

An app and its engine live until the garbage collector finds them, which is in some later test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import QueuePool

_opened: set[Engine] = set()


@event.listens_for(Engine, "engine_connect")
def _note(connection: Connection) -> None:
    engine = connection.engine
    # Another pool holds a database in memory, which would be gone.
    if engine.dialect.name == "sqlite" and isinstance(engine.pool, QueuePool):
        _opened.add(engine)


@pytest.fixture(autouse=True)
def no_open_engines() -> Iterator[None]:
    """Close the idle connections of every engine that the test has used."""
    yield
    while _opened:
        _opened.pop().dispose()
