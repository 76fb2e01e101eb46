"""Says in words why a database did not do what it was asked, to those who can mend it."""

from __future__ import annotations

from contextlib import contextmanager
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError, OperationalError

from ..errors import SetUpError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What PostgreSQL calls a table, a column and a schema that are not there (its appendix A).
_NOT_THERE: Final = frozenset({"42P01", "42703", "3F000"})
_NOT_THERE_IN_SQLITE: Final = ("no such table", "no such column", "has no column named")
#: Of an error of SQLite, the byte that says what kind it is.
_KIND: Final = 0xFF


@contextmanager
def told_in_words() -> Iterator[None]:
    """Let an error of the database say what to do.

    Raises:
        SetUpError: in the place of an error of the driver; it names no value of a row.
    """
    try:
        yield
    except DBAPIError as error:
        raise SetUpError(_in_words(error)) from error


def _in_words(error: DBAPIError) -> str:
    # The lines below the first one may show a row, hashes and all.
    said = next(iter(str(error.orig).splitlines()), "").strip().rstrip(".")
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if code in _NOT_THERE or any(part in said for part in _NOT_THERE_IN_SQLITE):
        return (
            f"The tables are not as this release needs them ({said}): run 'flask porter database"
            " upgrade'; for a table of your own, your migrations."
        )
    kind = getattr(error.orig, "sqlite_errorcode", None)
    if kind is not None and kind & _KIND in {SQLITE_BUSY, SQLITE_LOCKED}:
        return f"Another program keeps the database busy ({said}): try again when it is done."
    if isinstance(error, OperationalError) and code is None:
        return (
            f"The database cannot be used ({said}): see that it runs, that its URL in the settings"
            " is right, and that this user of the machine may read and write it."
        )
    return f"The database has refused it: {said}."
