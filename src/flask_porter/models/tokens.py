"""One-time tokens: a digest, what it is for, and whom it is about. The token itself is not kept."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final

from sqlalchemy import JSON, ColumnElement, LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from .columns import UTCDateTime
from .rows import Row, count_changed, refers_to_user

if TYPE_CHECKING:
    from .base import Models

_DIGEST_SIZE: Final = 32  # SHA-256 (FIPS 180-4)


class TokenRow(Row):
    """One token that was mailed, and the code beside it if there is one."""

    __tablename__ = "porter_tokens"
    indexed: ClassVar[Sequence[str]] = ("user_id", "browser_digest", "expires_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(_DIGEST_SIZE), unique=True)
    purpose: Mapped[str] = mapped_column(String(32))

    @declared_attr
    def user_id(cls) -> Mapped[Any]:  # noqa: N805
        """Whom it is about."""
        return refers_to_user(cls, nullable=True)

    #: The address that it was mailed to.
    email: Mapped[str | None] = mapped_column(String(320))
    #: The ``session_generation`` of the user when it was minted; another one ends it.
    generation: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Of the secret of the browser that may use the code.
    browser_digest: Mapped[bytes | None] = mapped_column(LargeBinary(_DIGEST_SIZE))
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary(_DIGEST_SIZE))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    code_expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    consumed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Tokens:
    """The queries of one-time tokens, through one database session."""

    def __init__(self, session: Session, models: "Models") -> None:
        self._session = session
        self._models = models

    def add(
        self,
        *,
        purpose: str,
        user_id: Any,
        digest: bytes,
        email: str | None = None,
        generation: int | None = None,
        data: dict[str, Any] | None = None,
        browser_digest: bytes | None = None,
        code_digest: bytes | None = None,
        created_at: datetime,
        expires_at: datetime,
        code_expires_at: datetime | None = None,
    ) -> TokenRow:
        """Keep a token that has just been minted."""
        row = self._models.token(
            purpose=purpose,
            user_id=user_id,
            digest=digest,
            email=email,
            generation=generation,
            data=data or {},
            browser_digest=browser_digest,
            code_digest=code_digest,
            created_at=created_at,
            expires_at=expires_at,
            code_expires_at=code_expires_at,
        )
        self._session.add(row)
        self._session.flush()
        return row

    def find(self, purpose: str, digest: bytes, now: datetime) -> TokenRow | None:
        """Return the token with this digest if it is alive and for ``purpose``, or None."""
        if not _is_digest(digest):
            return None
        row = self._models.token
        this = (row.digest == digest, row.purpose == purpose, *self._alive(now))
        return self._session.scalar(select(row).where(*this))

    def was(self, digest: bytes) -> TokenRow | None:
        """Return the token with this digest, alive or not and for whatever purpose, or None."""
        if not _is_digest(digest):
            return None
        row = self._models.token
        return self._session.scalar(select(row).where(row.digest == digest))

    def find_by_browser(
        self, purpose: str, browser_digest: bytes, now: datetime
    ) -> TokenRow | None:
        """Return the newest token of this browser whose code is alive, or None."""
        if not _is_digest(browser_digest):
            return None
        row = self._models.token
        with_code = (row.code_digest.is_not(None), row.code_expires_at > now)
        this = (row.browser_digest == browser_digest, row.purpose == purpose, *self._alive(now))
        newest_first = select(row).where(*this, *with_code).order_by(row.id.desc())
        return self._session.scalar(newest_first.limit(1))

    def of_user(self, user_id: Any, purpose: str) -> list[TokenRow]:
        """Return every token of a user for ``purpose`` as it is now, alive or not."""
        row = self._models.token
        theirs = select(row).where(row.user_id == user_id, row.purpose == purpose)
        fresh = theirs.order_by(row.id).execution_options(populate_existing=True)
        return list(self._session.scalars(fresh))

    def consume(self, row: TokenRow, now: datetime) -> bool:
        """Use the token up; False if somebody else has.

        The database decides, so exactly one of many wins, on however many processes
        (OWASP ASVS 5.0, 2.3.3).
        """
        token = self._models.token
        this = (token.id == row.id, token.consumed_at.is_(None))
        won = count_changed(self._session, update(token).where(*this).values(consumed_at=now))
        self._session.expire(row, ["consumed_at"])
        return won == 1

    def kill(self, user_id: Any, purposes: Sequence[str] | None = None) -> int:
        """Use up every token of a user, or those for ``purposes``; return how many there were."""
        token = self._models.token
        theirs = [token.user_id == user_id, token.consumed_at.is_(None)]
        if purposes is not None:
            theirs.append(token.purpose.in_(purposes))
        killed = update(token).where(*theirs).values(consumed_at=datetime.now(UTC))
        return count_changed(self._session, killed)

    def purge(self, before: datetime) -> int:
        """Remove what expired before ``before``; return how many."""
        token = self._models.token
        return count_changed(self._session, delete(token).where(token.expires_at < before))

    def _alive(self, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        token = self._models.token
        return token.consumed_at.is_(None), token.expires_at > now


def _is_digest(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == _DIGEST_SIZE
