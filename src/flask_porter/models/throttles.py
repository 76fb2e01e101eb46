"""The table of counted attempts; its queries are in :mod:`..stores.sql`."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from .columns import UTCDateTime
from .rows import Row


class ThrottleRow(Row):
    """The attempts on one key."""

    __tablename__ = "porter_throttles"
    indexed: ClassVar[Sequence[str]] = ("forgotten_at",)

    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UTCDateTime)
    #: From when on the next attempt is free.
    free_at: Mapped[datetime] = mapped_column(UTCDateTime)
    forgotten_at: Mapped[datetime] = mapped_column(UTCDateTime)
