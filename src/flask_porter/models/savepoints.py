"""A part of a transaction that can fail alone, on every database alike."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
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
    take_write_lock(session.connection(bind_arguments={"mapper": row}))
    with session.begin_nested():
        yield
        session.flush()


def take_write_lock(connection: Connection) -> None:
    """Open SQLite's own transaction now, for writing; other databases have one already."""
    driver = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite" and not getattr(driver, "in_transaction", True):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
