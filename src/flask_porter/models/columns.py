"""Column types that mean the same on every database, and texts that every database can hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import DateTime, Integer, String, UniqueConstraint
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy import Column, Dialect


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware and in UTC on its way in and out, also on SQLite, which keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what is stored. Raises ValueError for a moment without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment is kept in UTC: give the datetime a time zone.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Seconds(TypeDecorator[timedelta]):
    """A length of time, kept in whole seconds."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Return the seconds."""
        return None if value is None else int(value.total_seconds())

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:  # noqa: ARG002
        """Return the length of time."""
        return None if value is None else timedelta(seconds=value)


class Line(TypeDecorator[str]):
    """One line that came from outside: control characters escaped, and cut to the column.

    A line break would forge an entry of a log (OWASP Logging Cheat Sheet, "Event collection"), and
    PostgreSQL takes neither NUL nor what is too long.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return what is stored."""
        if value is None:
            return None
        return one_line(value)[: getattr(self.impl, "length", None)]


def one_line(text: str) -> str:
    """Return ``text`` with its control characters escaped, as it may stand in a log."""
    return text if text.isprintable() else "".join(map(_shown, text))


def can_be_stored(text: str) -> bool:
    """Tell whether ``text`` can be in a database: PostgreSQL has no NUL, UTF-8 no surrogates."""
    return not any(map(_is_impossible, text))


def is_unique(column: Column[Any]) -> bool:
    """Tell whether the database keeps ``column`` from having a value twice."""
    if column.unique or column.primary_key:
        return True
    table = column.table
    rules = [rule for rule in table.constraints if isinstance(rule, UniqueConstraint)]
    indexes = [index for index in table.indexes if index.unique]
    keys = [list(rule.columns) for rule in rules] + [list(index.columns) for index in indexes]
    return any(len(key) == 1 and key[0] is column for key in keys)


def _is_impossible(character: str) -> bool:
    return character == "\x00" or "\ud800" <= character <= "\udfff"


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
