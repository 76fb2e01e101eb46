"""Tells a database that is away, locked, full or without our tables from a mistake of ours."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from ..errors import SetUpError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCKED: Final = "another connection has locked what we need"
_READ_ONLY: Final = "it can only be read: let this process write to it"
_FULL: Final = "its disk is full"
_UNREACHABLE: Final = (
    "see that it runs, that its URL in the settings is right, and that this user of the machine may"
    " read and write it"
)
_NO_TABLES: Final = (
    "it lacks a table or column of this release: run 'flask porter database upgrade', or where your"
    " app migrates all tables itself, 'flask db migrate' and 'flask db upgrade'"
)

#: Of an error of SQLite, the byte that says what kind it is (SQLite, "Result and Error Codes").
_KIND: Final = 0xFF
_BY_SQLITE_CODE: Final = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: _UNREACHABLE,
    sqlite3.SQLITE_PERM: _UNREACHABLE,
    sqlite3.SQLITE_IOERR: "its file cannot be read or written",
    sqlite3.SQLITE_PROTOCOL: "its file cannot be locked",
    sqlite3.SQLITE_CORRUPT: "its file is damaged: restore it from a backup",
    sqlite3.SQLITE_NOTADB: "its file is no database of SQLite",
    sqlite3.SQLITE_NOMEM: "there is no memory left",
}
_SQLITE_LACKS: Final = ("no such table", "no such column", "has no column named")

#: By the beginning of an SQLSTATE, the longer before the shorter (PostgreSQL, appendix A).
_BY_SQLSTATE: Final = {
    "55P03": _LOCKED,
    "40": "it has given way to another transaction",
    "25006": _READ_ONLY,
    "42501": "it refuses us a right on our tables: grant it",
    "42P01": _NO_TABLES,
    "42703": _NO_TABLES,
    "3F000": _NO_TABLES,
    "53100": _FULL,
    "57014": "it has cancelled what we asked for",
    "53": "it has no memory or no connections left",
    "57": "it has ended the connection, or is starting",
    "58": "its files cannot be read or written",
    "08": _UNREACHABLE,
    "28": "it does not let us in: look at the user and password in its URL",
    "3D": "there is no database of that name",
}


@contextmanager
def unavailable_if_away() -> Iterator[None]:
    """Raise ``Unavailable`` for what is the database's doing; a mistake of ours stays what it is.

    The error of SQLAlchemy is not kept as the cause: it prints the values of its statement, which
    may be digests and addresses (OWASP Logging Cheat Sheet, "Data to exclude"). One that goes on
    prints them no more.

    Raises:
        Unavailable: the database is away, locked, full, read-only or without our tables.
    """
    try:
        yield
    except NoConnectionError:
        raise Unavailable("The database cannot be used: all connections of its pool are.") from None
    except DBAPIError as error:
        why = _why(error)
        if why is None:
            error.hide_parameters = True
            raise
        kind = type(error.orig).__name__
        told = f"The database cannot be used ({kind}{_code(error.orig)}): {why}."
        raise Unavailable(told, is_locked=why is _LOCKED) from None


@contextmanager
def told_in_words() -> Iterator[None]:
    """Let every error of the database be a line for whoever can mend it.

    Raises:
        Unavailable: as :func:`unavailable_if_away`.
        SetUpError: it has refused a row, as a rule of the app's own tables does.
    """
    try:
        with unavailable_if_away():
            yield
    except DBAPIError as error:
        # The lines below the first one may show a row, hashes and all.
        said = next(iter(str(error.orig).splitlines()), "").strip().rstrip(".")
        raise SetUpError(f"The database has refused it: {said}.") from error


def _why(error: DBAPIError) -> str | None:
    orig: Any = error.orig
    if isinstance(orig, sqlite3.Error):
        return _why_of_sqlite(orig)
    state = _sqlstate(orig)
    if state:
        return next((why for start, why in _BY_SQLSTATE.items() if state.startswith(start)), None)
    if error.connection_invalidated or isinstance(error, (InterfaceError, OperationalError)):
        return _UNREACHABLE
    return None


def _why_of_sqlite(error: sqlite3.Error) -> str | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    if code == sqlite3.SQLITE_ERROR and any(lacks in str(error) for lacks in _SQLITE_LACKS):
        return _NO_TABLES
    return _BY_SQLITE_CODE.get(code & _KIND)


def _code(error: Any) -> str:
    code = getattr(error, "sqlite_errorname", None) or _sqlstate(error)
    return f", {code}" if code else ""


def _sqlstate(error: Any) -> str:
    """Return the SQLSTATE that psycopg, or the older psycopg2, has put on its error."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or ""
