"""Our own database session: never kept waiting by the app for ever, and never half committed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event

from ..errors import SetUpError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from .database import Database

# As long as Python's driver for SQLite waits. PostgreSQL by itself waits for ever, and sees no
# deadlock: the app's connection waits for nothing, it is the app that does.
_POSTGRES_WAITS: Final = "5s"

_STUCK: Final = (
    "Flask-Porter waited in vain for the database, since the app's own session has begun a"
    " transaction in this request: commit or roll back before you call login_user(),"
    " confirm_login(), logout_user() or porter.run(). SQLite lets one connection write at a time,"
    " and without 'PRAGMA journal_mode = WAL' those that read keep it waiting too."
)


@contextmanager
def own_session(database: Database) -> Iterator[Session]:
    """Yield a new session, which waits a moment at most for what the app has locked itself.

    Raises:
        SetUpError: it waited in vain.
        Unavailable: the database is away, full, read-only, locked by another or without our tables.
    """
    has_begun = database.app_session().in_transaction()
    try:
        with database.session() as session:
            if has_begun:
                event.listen(session, "after_begin", _wait_a_moment)
            yield session
    except Unavailable as away:
        if has_begun and away.is_locked:
            raise SetUpError(_STUCK) from away
        raise


def commit(session: Session) -> None:
    """Commit, or take everything back.

    SQLAlchemy gives a connection whose commit has failed back to the pool with its transaction
    open, and whoever gets it next would commit what has failed.
    """
    try:
        session.commit()
    except BaseException:
        session.invalidate()
        raise


def app_may_be_writing(database: Database, user: type[Any]) -> bool:
    """Tell whether a write to SQLite would wait for the app itself.

    Args:
        database: the app's.
        user: the mapped class, which tells the database where there are several.
    """
    session = database.app_session()
    if not session.in_transaction() or session.get_bind(mapper=user).dialect.name != "sqlite":
        return False
    connection = session.connection(bind_arguments={"mapper": user}).connection
    return bool(getattr(connection.dbapi_connection, "in_transaction", True))


def _wait_a_moment(_session: Session, _transaction: object, connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_POSTGRES_WAITS}'")
