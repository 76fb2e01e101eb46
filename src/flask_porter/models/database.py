"""Finds in what the app calls its database a base, an engine, and sessions of our own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import URL, Engine, create_engine, event, inspect
from sqlalchemy.orm import Session, registry, scoped_session, sessionmaker

from ..errors import SetUpError
from .away import unavailable_if_away

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: How many seconds SQLite waits for another writer before it gives up.
_BUSY_SECONDS: Final = 15

#: The bases of our own; apps that come next share the last.
_OURS: Final[list[Any]] = []


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Database:
    """The app's database, however it is set up."""

    #: A declarative base, with ``registry`` and ``metadata``.
    base: Any
    #: Opens a new session on the app's bind; who opens it ends it. Ours is :meth:`session`.
    open_session: Callable[[], Session]
    #: Returns the app's own session of this request or thread.
    app_session: Callable[[], Session]
    engine: Callable[[], Engine]
    #: Ends what ``app_session`` has opened, where the app does not do so itself.
    remove: Callable[[], None] = _nothing

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Yield a new session, and end it.

        Raises:
            Unavailable: the database is away, locked, full, read-only or without our tables.
        """
        with unavailable_if_away(), self.open_session() as session:
            yield session

    def adopted(self, row: Any) -> Any:
        """Return ``row``, read by a session of ours, as a row of the app's own.

        What the app has changed on it in its transaction, written or not, stays as it is.

        Raises:
            Unavailable: the database is away, locked, full, read-only or without our tables.
        """
        with unavailable_if_away():
            return self._adopted(row)

    def _adopted(self, row: Any) -> Any:
        session, state = self.app_session(), inspect(row)
        theirs = session.identity_map.get(state.key)
        with session.no_autoflush:
            if not session.in_transaction():
                # A hook of the app's may have changed the row as it was loaded.
                return session.merge(row, load=state.modified)
            if theirs is None:
                return session.get(type(row), state.identity) or row
            attributes = inspect(theirs).attrs
            unchanged = [
                column.key
                for column in state.mapper.column_attrs
                if column.key in state.dict and not attributes[column.key].history.has_changes()
            ]
            session.refresh(theirs, unchanged)
        return theirs


def after_commit(session: Session, step: Callable[[], None]) -> None:
    """Take ``step`` once, when the transaction of ``session`` is committed."""
    event.listen(session, "after_commit", lambda _session: step(), once=True)


def connect(db: object, *, user: type[Any] | None = None) -> Database:
    """Return the database that ``db`` is.

    Args:
        db: a ``SQLAlchemy`` of Flask-SQLAlchemy or Flask-SQLAlchemy-Lite, or SQLAlchemy's own
            ``Engine``, ``sessionmaker`` or ``scoped_session``.
        user: the app's own mapped class, if it has one; it may be in another bind.

    Raises:
        SetUpError: ``db`` is none of them.
    """
    if isinstance(db, Engine):
        return _on_engine(db)
    if isinstance(db, scoped_session):
        return _on_sessions(db.session_factory, user, app_session=db)
    if isinstance(db, sessionmaker):
        own = scoped_session(db)
        return _on_sessions(db, user, app_session=own, remove=own.remove)
    sessions: Any = db
    if hasattr(db, "Model") and isinstance(getattr(db, "session", None), scoped_session):
        # Flask-SQLAlchemy: its sessions find the engine of a bind key by themselves.
        session = sessions.session
        return _on_sessions(session.session_factory, user, app_session=session, base=sessions.Model)
    # On the class: the properties of Flask-SQLAlchemy-Lite need an application context.
    if all(hasattr(type(db), name) for name in ("sessionmaker", "get_session", "get_engine")):
        return _on_sessions(lambda: sessions.sessionmaker(), user, app_session=sessions.get_session)
    raise SetUpError(
        f"Porter(app, db) knows no database in {type(db).__name__}: pass the SQLAlchemy object of"
        " Flask-SQLAlchemy or Flask-SQLAlchemy-Lite, or an Engine, sessionmaker or scoped_session"
        " of SQLAlchemy. Asynchronous ones do not work."
    )


def in_file(path: Path) -> Database:
    """Return a database of ours in a file of SQLite, for an app without one.

    Only the user of the process can read it. The folder is made if it is not there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    return _on_engine(engine)


def _on_engine(engine: Engine) -> Database:
    own = scoped_session(sessionmaker(engine, expire_on_commit=False))
    return _on_sessions(own.session_factory, None, app_session=own, remove=own.remove)


def _on_sessions(
    factory: Callable[[], Session],
    user: type[Any] | None,
    *,
    app_session: Callable[[], Session],
    remove: Callable[[], None] = _nothing,
    base: Any = None,
) -> Database:
    def open_session() -> Session:
        session = factory()
        # An outcome is read after the commit, and often after the session is closed.
        session.expire_on_commit = False
        return session

    def engine() -> Engine:
        with open_session() as session:
            return session.get_bind(mapper=user).engine

    return Database(
        base=_our_base() if base is None else base,
        open_session=open_session,
        app_session=app_session,
        engine=engine,
        remove=remove,
    )


def _our_base() -> Any:
    """Return the base of our tables for every app without one: mapped classes are never freed.

    An app that has put tables of its own beside ours keeps that base to itself.
    """
    if not _OURS or any(not name.startswith("porter_") for name in _OURS[-1].metadata.tables):
        _OURS.append(registry().generate_base())
    return _OURS[-1]


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    # Readers do not wait for a writer, and a writer not for them.
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
