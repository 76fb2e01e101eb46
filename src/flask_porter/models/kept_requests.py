"""Requests that wait for their user to reauthenticate: sealed, for one session, once."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .columns import UTCDateTime, can_be_stored
from .rows import BelongsToUser, count_changed

if TYPE_CHECKING:
    from .base import Models


class KeptRequestRow(BelongsToUser):
    """One request that was sent too early."""

    __tablename__ = "porter_kept_requests"
    indexed: ClassVar[Sequence[str]] = ("user_id", "expires_at")

    #: Random; whoever knows it alone gets nothing.
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64))
    path: Mapped[str] = mapped_column(String(2048))
    #: What was sent, encrypted.
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class KeptRequests:
    """The queries of kept requests, through one database session."""

    def __init__(self, session: Session, models: "Models") -> None:
        self._session = session
        self._models = models

    def add(
        self,
        *,
        id: str,
        user_id: Any,
        session_id: str,
        path: str,
        body: bytes,
        created_at: datetime,
        expires_at: datetime,
    ) -> KeptRequestRow:
        """Keep a request."""
        row = self._models.kept_request(
            id=id,
            user_id=user_id,
            session_id=session_id,
            path=path,
            body=body,
            created_at=created_at,
            expires_at=expires_at,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def find(self, id: str, user_id: Any, session_id: str, now: datetime) -> KeptRequestRow | None:
        """Return the request; None if it is over, taken, or somebody else's."""
        if not (can_be_stored(id) and can_be_stored(session_id)):
            return None
        request = self._models.kept_request
        this = self._this(id, user_id, session_id, now)
        return self._session.scalar(select(request).where(*this))

    def take(self, id: str, user_id: Any, session_id: str, now: datetime) -> KeptRequestRow | None:
        """Return the request and forget it; None if it is over, taken, or somebody else's."""
        row = self.find(id, user_id, session_id, now)
        if row is None:
            return None
        self._session.expunge(row)
        this = self._this(id, user_id, session_id, now)
        taken = delete(self._models.kept_request).where(*this)
        return row if count_changed(self._session, taken) == 1 else None

    def drop_all_but(self, newest: int, user_id: Any) -> int:
        """Remove all but so many of a user's, the oldest first; return how many."""
        request = self._models.kept_request
        theirs = select(request.id).where(request.user_id == user_id)
        kept = theirs.order_by(request.created_at.desc(), request.id).limit(newest)
        older = delete(request).where(request.user_id == user_id, request.id.not_in(kept))
        return count_changed(self._session, older)

    def purge(self, now: datetime) -> int:
        """Remove what is over; return how many."""
        request = self._models.kept_request
        return count_changed(self._session, delete(request).where(request.expires_at <= now))

    def _this(self, id: str, user_id: Any, session_id: str, now: datetime) -> tuple[Any, ...]:
        request = self._models.kept_request
        return (
            request.id == id,
            request.user_id == user_id,
            request.session_id == session_id,
            request.expires_at > now,
        )
