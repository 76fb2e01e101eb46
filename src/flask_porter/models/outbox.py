"""Mails that wait to be sent: what they are about, and no secret."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import JSON, ColumnElement, LargeBinary, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from .columns import Line, UTCDateTime
from .rows import Row, count_changed, refers_to_user

if TYPE_CHECKING:
    from .base import Models


#: Each process that delivers looks once a minute: what is due for longer, none has looked at.
OVERDUE: Final = timedelta(minutes=15)


class OutboxRow(Row):
    """One mail. Without an address it is there to be equal work, and is marked sent unsent."""

    __tablename__ = "porter_outbox"
    indexed: ClassVar[Sequence[str]] = ("user_id", "due_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))

    @declared_attr
    def user_id(cls) -> Mapped[Any]:  # noqa: N805
        """Whom it is about; the word that an account is closed outlives the account."""
        return refers_to_user(cls, nullable=True, ondelete="SET NULL")

    to_address: Mapped[str | None] = mapped_column(String(320))
    context: Mapped[dict[str, Any]] = mapped_column(JSON)
    language: Mapped[str] = mapped_column(String(16))
    #: Of the secret of the browser that may use the code in it.
    browser_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    #: Until when nobody but the worker that has claimed it may try.
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: When it was given up.
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str | None] = mapped_column(Line(400))


class Outbox:
    """The queries of mails, through one database session."""

    def __init__(self, session: Session, models: "Models") -> None:
        self._session = session
        self._models = models

    def add(
        self,
        *,
        kind: str,
        to_address: str | None,
        user_id: Any,
        context: dict[str, Any],
        language: str,
        browser_digest: bytes | None = None,
        now: datetime,
    ) -> OutboxRow:
        """Put a mail into the outbox, due at once."""
        row = self._models.outbox(
            kind=kind,
            to_address=to_address,
            user_id=user_id,
            context=context,
            language=language,
            browser_digest=browser_digest,
            created_at=now,
            due_at=now,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def claim(self, now: datetime, limit: int, lease: timedelta) -> list[OutboxRow]:
        """Return mails that are due, for this worker alone until ``lease`` is over."""
        mail = self._models.outbox
        free = self._free(now)
        due = select(mail.id).where(*free).order_by(mail.due_at, mail.id).limit(limit)
        ids = list(self._session.scalars(due.with_for_update(skip_locked=True)))
        if not ids:
            return []
        claimed = (
            update(mail)
            .where(mail.id.in_(ids), *free)
            .values(claimed_until=now + lease, attempts=mail.attempts + 1)
            .returning(mail.id)
            .execution_options(synchronize_session=False)
        )
        won = list(self._session.scalars(claimed))
        rows = select(mail).where(mail.id.in_(won)).order_by(mail.due_at, mail.id)
        return list(self._session.scalars(rows.execution_options(populate_existing=True)))

    def mark_sent(self, row: OutboxRow, now: datetime) -> None:
        """Note that it is sent."""
        row.sent_at = now
        row.claimed_until = None
        row.error = None
        self._session.flush()

    def mark_gone_out(self, ids: Iterable[int], now: datetime) -> int:
        """Note that these are sent, by whoever; return how many were not noted yet."""
        mail = self._models.outbox
        unsent = update(mail).where(mail.id.in_(sorted(ids)), mail.sent_at.is_(None))
        sent = {"sent_at": now, "claimed_until": None, "error": None}
        return count_changed(self._session, unsent.values(sent))

    def mark_failed(
        self, row: OutboxRow, error: str, retry_at: datetime | None, now: datetime | None = None
    ) -> None:
        """Note that it could not be sent, and when to try again; None gives up, at ``now``."""
        row.error = error
        row.claimed_until = None
        if retry_at is None:
            row.failed_at = now or datetime.now(UTC)
        else:
            row.due_at = retry_at
        self._session.flush()

    def waiting(self, now: datetime) -> list[OutboxRow]:
        """Return what is due, the oldest first, and no worker has claimed."""
        mail = self._models.outbox
        due = select(mail).where(*self._free(now)).order_by(mail.due_at, mail.id)
        return list(self._session.scalars(due))

    def unsent(self) -> list[OutboxRow]:
        """Return all that is to be sent, due or not, in a worker's hands or not; the next first."""
        mail = self._models.outbox
        unsent = select(mail).where(mail.sent_at.is_(None), mail.failed_at.is_(None))
        return list(self._session.scalars(unsent.order_by(mail.due_at, mail.id)))

    def stuck(self, now: datetime) -> list[OutboxRow]:
        """Return what nobody tries now, and was given up, tried more than once, or is overdue."""
        mail = self._models.outbox
        given_up = mail.failed_at.is_not(None)
        is_late = or_(mail.attempts > 1, mail.due_at < now - OVERDUE)
        failing = is_late & self._unclaimed(now)
        unsent = select(mail).where(mail.sent_at.is_(None), or_(given_up, failing))
        return list(self._session.scalars(unsent.order_by(mail.id)))

    def retry(self, id: int, now: datetime) -> bool:
        """Let an unsent mail be tried from the start, now; False if there is no such mail."""
        mail = self._models.outbox
        afresh = {"due_at": now, "claimed_until": None, "failed_at": None}
        unsent = update(mail).where(mail.id == id, mail.sent_at.is_(None))
        return count_changed(self._session, unsent.values(attempts=0, **afresh)) == 1

    def withdraw(self, user_id: Any, kind: str) -> int:
        """Send nobody the unsent mails of this kind about a user; return how many there were."""
        mail = self._models.outbox
        this = (mail.user_id == user_id, mail.kind == kind, mail.sent_at.is_(None))
        return count_changed(self._session, update(mail).where(*this).values(to_address=None))

    def purge(self, before: datetime) -> int:
        """Remove what was sent or given up before ``before``; return how many."""
        mail = self._models.outbox
        over = or_(mail.sent_at < before, mail.failed_at < before)
        return count_changed(self._session, delete(mail).where(over))

    def _free(self, now: datetime) -> tuple[ColumnElement[bool], ...]:
        mail = self._models.outbox
        unsent = mail.sent_at.is_(None), mail.failed_at.is_(None)
        return (*unsent, mail.due_at <= now, self._unclaimed(now))

    def _unclaimed(self, now: datetime) -> ColumnElement[bool]:
        mail = self._models.outbox
        return or_(mail.claimed_until.is_(None), mail.claimed_until <= now)
