"""A part of a transaction that can fail alone, on every database alike."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session


@contextmanager
def savepoint(session: Session, row: type[Any]) -> Iterator[None]:
    """Flush what is done inside, or take it back alone when it raises.

    Python's driver for SQLite opens a transaction only before it writes a row, and a savepoint
    outside a transaction is one of its own: releasing it would commit. So one is opened first.

    Args:
        session: whose transaction it is.
        row: a mapped class, which tells the database where there are several.
    """
    connection = session.connection(bind_arguments={"mapper": row})
    driver = connection.connection.driver_connection
    if connection.dialect.name == "sqlite" and not getattr(driver, "in_transaction", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    with session.begin_nested():
        yield
        session.flush()
