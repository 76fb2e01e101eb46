"""Stores in the app's own database: records in the flow's transaction, attempts in their own."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import Integer, and_, case, delete, literal, or_, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from ..errors import SetUpError
from ..models.columns import UTCDateTime, can_be_stored
from ..models.own_session import commit
from ..models.rows import count_changed
from .base import LONG_AGO, Attempts, SessionRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import ColumnElement, Executable, Row
    from sqlalchemy.orm import Session

    from ..models.base import Models
    from ..models.sessions import SessionRow
    from ..models.throttles import ThrottleRow
    from .base import Limit

_FIELDS: Final = tuple(field.name for field in fields(SessionRecord))
_DIGEST_SIZE: Final = 32  # SHA-256 (FIPS 180-4)
#: The most characters that a stored text of ours has; anything longer is not ours.
_LONGEST: Final = {"id": 64, "pathway": 32, "address": 64, "user_agent": 400}
#: How often a process removes attempts that are forgotten.
_PURGE_EVERY: Final = timedelta(hours=1)
#: How often an attempt is tried again that came while its key was cleared.
_TRIES: Final = 10
_KEEP: Final = {"synchronize_session": False}


class SqlSessions:
    """Session records in a table, through one database session. It commits nothing.

    What is read here is never taken from the session's memory: another process may have ended it.
    """

    def __init__(self, session: Session, models: Models) -> None:
        self._session = session
        self._row = models.session

    def open(self, record: SessionRecord) -> None:
        """Keep a new record. Raises ValueError if its id is taken."""
        insert = _insert(self._session, self._row).values(**_values(record))
        opened = insert.on_conflict_do_nothing().returning(self._row.id)
        if self._session.scalar(opened.execution_options(**_KEEP)) is None:
            raise ValueError("There is a session record with this id.")

    def find(self, id: str) -> SessionRecord | None:
        """Return the record with this id, or None; None too if something else is stored there."""
        if not _can_be_id(id):
            return None
        found = self._read(self._select().where(self._row.id == id))
        return found[0] if found else None

    def touch(self, id: str, now: datetime) -> bool:
        """Set when it was last seen; False if it is gone. It never brings one back."""
        if not _can_be_id(id):
            return False
        seen = self._row.last_seen_at
        moment = _at(now)
        touched = update(self._row).where(self._row.id == id)
        later = touched.values(last_seen_at=case((seen < moment, moment), else_=seen))
        return count_changed(self._session, later.execution_options(**_KEEP)) == 1

    def rotate(self, id: str, record: SessionRecord) -> bool:
        """Replace the record ``id`` by ``record``, which has another id; False if it was gone."""
        if not _can_be_id(id):
            return False
        # One statement: between a look and a write the record could be ended.
        rotated = update(self._row).where(self._row.id == id).values(**_values(record))
        return count_changed(self._session, rotated.execution_options(**_KEEP)) == 1

    def list(self, user_id: Any) -> Sequence[SessionRecord]:
        """Return the records of a user, the one last seen first; over or not."""
        theirs = self._select().where(self._row.user_id == user_id)
        ordered = theirs.order_by(self._row.last_seen_at.desc(), self._row.id.desc())
        found = self._read(ordered)
        if found is not None:
            return found
        # One of them cannot be read; the others can.
        ids = self._session.scalars(select(self._row.id).where(self._row.user_id == user_id)).all()
        readable = [record for record in map(self.find, ids) if record is not None]
        return sorted(readable, key=lambda record: (record.last_seen_at, record.id), reverse=True)

    def end(self, user_id: Any, *, ids: Sequence[str] | None = None, but: str | None = None) -> int:
        """End records of this user, those named or all, but one; return how many there were."""
        ended = [self._row.user_id == user_id]
        if ids is not None:
            ended.append(self._row.id.in_([id for id in ids if _can_be_id(id)]))
        if but is not None and _can_be_id(but):
            ended.append(self._row.id != but)
        return self._delete(*ended)

    def purge(self, now: datetime) -> int:
        """Remove what is over; return how many."""
        row = self._row
        # Databases differ in how a moment and a length are added: so one statement for each length.
        lengths = self._session.scalars(select(type_coerce(row.idle_timeout, Integer)).distinct())
        over = [row.expires_at <= now]
        for length in lengths.all():
            oldest = _before(now, length)
            if oldest is not None:
                idle = row.idle_timeout == timedelta(seconds=length or 0)
                over.append(and_(idle, row.last_seen_at <= oldest))
        return self._delete(or_(*over))

    def _select(self) -> Any:
        return select(*(getattr(self._row, name) for name in _FIELDS))

    def _read(self, statement: Any) -> Sequence[SessionRecord] | None:
        """Return the records that are found and sane, or None if one cannot even be read."""
        try:
            rows = self._session.execute(statement).all()
        except (AttributeError, OverflowError, TypeError, ValueError):
            return None
        return [record for record in map(_record, rows) if record is not None]

    def _delete(self, *which: ColumnElement[bool]) -> int:
        statement = delete(self._row).where(*which).execution_options(**_KEEP)
        return count_changed(self._session, statement)


class SqlThrottle:
    """Counts attempts in a table: each in one statement, which decides and counts at once.

    It is exact however many processes count, since the database lets one after the other change a
    row. Each statement is committed by itself, whatever becomes of the request.

    Args:
        open_session: opens a database session of our own; the one of a flow is never used.
        models: the mapped classes.
    """

    def __init__(
        self, open_session: Callable[[], AbstractContextManager[Session]], models: Models
    ) -> None:
        self._open_session = open_session
        self._row = models.throttle
        self._lock = Lock()
        self._purged_at: datetime | None = None

    def attempt(self, key: str, limit: Limit, now: datetime) -> Attempts:
        """Count one attempt on ``key`` if it is free at ``now``, and tell."""
        self._purge_now_and_then(now)
        for _ in range(_TRIES):
            with self._open_session() as session:
                counted: Any = session.execute(
                    self._counting(session, key, limit, now)
                ).one_or_none()
                commit(session)
            if counted is not None:
                count, free_at = counted
                return Attempts(True, _seconds(now, free_at), count)
            told = self.peek(key, now)
            if not told.is_free:
                return told
        return Attempts(is_free=False, retry_after=1)

    def peek(self, key: str, now: datetime) -> Attempts:
        """Tell without counting; ``is_free`` is True for a key that nobody has tried."""
        row = self._row
        this = (row.key == key, row.forgotten_at > now)
        with self._open_session() as session:
            found = session.execute(select(row.count, row.free_at).where(*this)).one_or_none()
        if found is None:
            return Attempts(is_free=True, retry_after=0)
        count, free_at = found
        return Attempts(free_at <= now, _seconds(now, free_at), count)

    def refund(self, key: str, limit: Limit) -> None:
        """Take one attempt back: it was no failure. A wait ends once the count is below it."""
        row = self._row
        left = row.count - 1
        free_at = case((left < limit.free, _at(LONG_AGO)), else_=row.free_at)
        this = update(row).where(row.key == key, row.count > 0)
        self._change(this.values(count=left, free_at=free_at))

    def clear(self, key: str) -> None:
        """Forget the key, after a success."""
        self._change(delete(self._row).where(self._row.key == key))

    def purge(self, now: datetime) -> int:
        """Remove what is forgotten by ``now``; return how many."""
        return self._change(delete(self._row).where(self._row.forgotten_at <= now))

    def _counting(self, session: Session, key: str, limit: Limit, now: datetime) -> Executable:
        row = self._row
        first = {
            "count": 1,
            "last_at": now,
            "free_at": limit.free_after(1, now),
            "forgotten_at": now + limit.memory,
        }
        is_forgotten = row.forgotten_at <= now
        again = {
            **first,
            "count": case((is_forgotten, 1), else_=row.count + 1),
            "free_at": case(
                (is_forgotten, _at(first["free_at"])), else_=_free_at(row.count + 1, limit, now)
            ),
        }
        insert = _insert(session, row).values(key=key, **first)
        counting = insert.on_conflict_do_update(
            index_elements=[row.key], set_=again, where=or_(is_forgotten, row.free_at <= now)
        )
        returning = counting.returning(row.count, row.free_at).execution_options(**_KEEP)
        return cast("Executable", returning)

    def _change(self, statement: Any) -> int:
        with self._open_session() as session:
            changed = count_changed(session, statement.execution_options(**_KEEP))
            commit(session)
        return changed

    def _purge_now_and_then(self, now: datetime) -> None:
        with self._lock:
            is_due = self._purged_at is None or now - self._purged_at >= _PURGE_EVERY
            if is_due:
                self._purged_at = now
        if is_due:
            self.purge(now)


def _insert(session: Session, row: type[SessionRow | ThrottleRow]) -> Any:
    """Return an INSERT that knows ON CONFLICT, as both databases have it."""
    dialect = session.get_bind(mapper=row).dialect.name
    if dialect == "postgresql":
        return postgresql.insert(row)
    if dialect == "sqlite":
        return sqlite.insert(row)
    raise SetUpError(f"Flask-Porter keeps its tables in PostgreSQL or SQLite, not in {dialect}.")


def _free_at(count: ColumnElement[int], limit: Limit, now: datetime) -> ColumnElement[datetime]:
    """Return from when on the next attempt is free, once ``count`` of them are counted."""
    *growing, longest = limit.waits
    steps = [(count < limit.free, _at(LONG_AGO))]
    steps += [(count == limit.free + step, _at(now + wait)) for step, wait in enumerate(growing)]
    return case(*steps, else_=_at(now + longest))


def _at(moment: Any) -> ColumnElement[datetime]:
    return literal(moment, UTCDateTime)


def _seconds(now: datetime, free_at: datetime) -> float:
    return max(0.0, (free_at - now).total_seconds())


def _values(record: SessionRecord) -> dict[str, Any]:
    return {**asdict(record), "amr": " ".join(record.amr)}


def _record(row: Row[Any]) -> SessionRecord | None:
    """Return the record that ``row`` is; None for what we have never written."""
    values = row._asdict()
    if not _is_sane(values):
        return None
    return SessionRecord(**{**values, "amr": tuple(values["amr"].split())})


def _is_sane(values: dict[str, Any]) -> bool:
    texts = all(
        isinstance(values[name], str) and len(values[name]) <= most
        for name, most in _LONGEST.items()
    )
    moments = ("created_at", "last_seen_at", "auth_time", "expires_at")
    return (
        texts
        and isinstance(values["amr"], str)
        and len(values["amr"]) <= 200
        and isinstance(values["secret_digest"], bytes)
        and len(values["secret_digest"]) == _DIGEST_SIZE
        and isinstance(values["generation"], int)
        and isinstance(values["remembered"], bool)
        and values["transport"] in {"cookie", "bearer"}
        and all(isinstance(values[name], datetime) for name in moments)
    )


def _can_be_id(id: object) -> bool:
    # Whatever a cookie says is asked for here.
    return isinstance(id, str) and len(id) <= _LONGEST["id"] and can_be_stored(id)


def _before(now: datetime, seconds: object) -> datetime | None:
    """Return ``now`` less so many seconds; None where that is no length of time."""
    if not isinstance(seconds, int):
        return None
    try:
        return now - timedelta(seconds=seconds)
    except OverflowError:
        return None
