"""The audit log: what has happened to accounts. Entries are added and, once old, removed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from sqlalchemy import JSON, BigInteger, Connection, Integer, String, delete, event, select
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column, object_session

from .columns import Line, UTCDateTime
from .rows import Row, count_changed

if TYPE_CHECKING:
    from .base import Models


class AuditRow(Row):
    """One entry. It names no secret, and outlives its user."""

    __tablename__ = "porter_audit"
    indexed: ClassVar[Sequence[str]] = ("at", "user_id")

    # SQLite counts up by itself in a column of this very type alone.
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    event: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(String(16))
    #: The key of the user as text, with no foreign key.
    user_id: Mapped[str | None] = mapped_column(Line(255))
    #: Who did it, when it was not the user.
    actor: Mapped[str] = mapped_column(Line(255))
    address: Mapped[str] = mapped_column(Line(64))
    user_agent: Mapped[str] = mapped_column(Line(400))
    surface: Mapped[str] = mapped_column(String(16))
    session_id: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class Happening(Protocol):
    """What an entry is made of."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def level(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def user_id(self) -> Any: ...  # noqa: D102
    @property
    def actor(self) -> str: ...  # noqa: D102
    @property
    def address(self) -> str: ...  # noqa: D102
    @property
    def user_agent(self) -> str: ...  # noqa: D102
    @property
    def surface(self) -> str: ...  # noqa: D102
    @property
    def session_id(self) -> str: ...  # noqa: D102
    @property
    def details(self) -> Mapping[str, Any]: ...  # noqa: D102


class Audit:
    """The queries of the audit log, through one database session."""

    def __init__(self, session: Session, models: "Models") -> None:
        self._session = session
        self._models = models

    def add(self, happening: Happening) -> AuditRow:
        """Write an entry."""
        row = self._models.audit(
            at=happening.at,
            event=happening.name,
            level=happening.level,
            user_id=None if happening.user_id is None else str(happening.user_id),
            actor=happening.actor,
            address=happening.address,
            user_agent=happening.user_agent,
            surface=happening.surface,
            session_id=happening.session_id,
            details=dict(happening.details),
        )
        self._session.add(row)
        self._session.flush()
        return row

    def of_user(self, user_id: Any, limit: int, before: int | None = None) -> list[AuditRow]:
        """Return the last entries of a user, the newest first.

        Args:
            user_id: the key of the user.
            limit: how many at most.
            before: the id of an entry; only those written earlier are returned.
        """
        row = self._models.audit
        theirs = select(row).where(row.user_id == str(user_id))
        if before is not None:
            theirs = theirs.where(row.id < before)
        return list(self._session.scalars(theirs.order_by(row.id.desc()).limit(limit)))

    def last(self, limit: int, event: str | None = None) -> list[AuditRow]:
        """Return the last entries, the newest first; all, or those of one event."""
        row = self._models.audit
        entries = select(row)
        if event is not None:
            entries = entries.where(row.event == event)
        return list(self._session.scalars(entries.order_by(row.id.desc()).limit(limit)))

    def purge(self, before: datetime) -> int:
        """Remove entries from before ``before``; return how many."""
        row = self._models.audit
        return count_changed(self._session, delete(row).where(row.at < before))


def keep_as_written(row: type[AuditRow]) -> None:
    """Let no database session change or remove an entry (OWASP ASVS 5.0, 16.4.2)."""
    event.listen(row, "before_update", _refuse_change)
    event.listen(row, "before_delete", _refuse_removal)


def _refuse_change(_mapper: Mapper[Any], _connection: Connection, row: AuditRow) -> None:
    session = object_session(row)
    if session is not None and session.is_modified(row):
        raise RuntimeError("An entry of the audit log is never changed.")


def _refuse_removal(_mapper: Mapper[Any], _connection: Connection, _row: AuditRow) -> None:
    raise RuntimeError("An entry of the audit log is removed when it is old, by purge().")
