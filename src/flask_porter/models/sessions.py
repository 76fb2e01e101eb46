"""The table of session records; its queries are in :mod:`..stores.sql`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from .columns import Line, Seconds, UTCDateTime
from .rows import BelongsToUser


class SessionRow(BelongsToUser):
    """One session record; what each column means is told by ``SessionRecord``."""

    __tablename__ = "porter_sessions"
    indexed: ClassVar[Sequence[str]] = ("user_id", "expires_at")

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    secret_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    generation: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    auth_time: Mapped[datetime] = mapped_column(UTCDateTime)
    #: The methods with a blank between them.
    amr: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    idle_timeout: Mapped[timedelta | None] = mapped_column(Seconds)
    remembered: Mapped[bool]
    transport: Mapped[str] = mapped_column(String(16))
    pathway: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(Line(64))
    user_agent: Mapped[str] = mapped_column(Line(400))
