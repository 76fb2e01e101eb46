"""Reads a CSV file of users (RFC 4180), as programs and spreadsheets write them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidInput
from ..flows.import_users import ImportedUser
from ..flows.parsing import parse
from .telling import in_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

OURS: Final = ("email", "username", "password_hash", "verified", "roles")
#: What others call them, in lower case and with "_" for what is neither letter nor digit.
_ALSO: Final = {
    **dict.fromkeys(("e_mail", "mail", "email_address", "e_mail_address"), "email"),
    "user_name": "username",
    **dict.fromkeys(("passwordhash", "hashed_password", "encrypted_password"), "password_hash"),
}
_PASSWORDS: Final = frozenset({"password", "passwort", "passwd", "pwd", "pass", "plain_password"})
_YES: Final = frozenset({"1", "true", "yes", "y", "t", "on"})
_NO: Final = frozenset({"", "0", "false", "no", "n", "f", "off"})


class BadFileError(Exception):
    """The file cannot be read as a whole; the message says what to do."""


@dataclass
class UserFile:
    """The users in a file, and the lines that are none."""

    #: By the number of the line on which they begin.
    users: dict[int, ImportedUser] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)


def read(content: bytes, own: Collection[str]) -> UserFile:
    """Return the users in ``content``.

    Columns are separated by commas, semicolons or tabs, as the first line shows.

    Args:
        content: the file, in UTF-8, with or without its mark.
        own: names of columns of the app's own.

    Raises:
        BadFileError: it is no such file.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content[: error.start].count(b"\n") + 1
        raise BadFileError(
            f"Line {number}: the file is not UTF-8. Save it as 'CSV UTF-8', or turn it over with"
            " iconv."
        ) from None
    rows = _rows(text)
    _, head = next(rows, (1, []))
    columns = _columns(head, own)
    found = UserFile()
    for number, row in rows:
        if len(row) != len(columns):
            found.problems[number] = f"it has {len(row)} columns instead of {len(columns)}"
            continue
        try:
            found.users[number] = _user(dict(zip(columns, row, strict=True)), own)
        except InvalidInput as refusal:
            found.problems[number] = in_words(refusal)
    return found


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty, with the number of its first line."""
    first = next(iter(text.splitlines()), "")
    delimiter = max(",;\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for row in lines:
            if any(cell.strip() for cell in row):
                yield number, row
            number = lines.line_num + 1
    except csv.Error as error:
        raise BadFileError(
            f"Line {number}: {error}. A cell with a quote in it stands in quotes, and each quote"
            " in it twice."
        ) from None


def _columns(head: list[str], own: Collection[str]) -> list[str]:
    names = [_column(cell, own) for cell in head]
    takes = ", ".join([*OURS, *own])
    if any(name in _PASSWORDS for name in names):
        raise BadFileError(
            "Passwords in plain text are never taken: only their owners may know them (ASVS 5.0"
            " 6.4.6). Put hashes into 'password_hash', or leave the column out and have everybody"
            " choose a password by --invite."
        )
    if "email" not in names:
        raise BadFileError(f"The first line names no column 'email'. It may name: {takes}.")
    for name in names:
        if name not in {*OURS, *own}:
            shown = ascii(name[:40])
            raise BadFileError(f"The column {shown} is unknown. The first line may name: {takes}.")
        if names.count(name) > 1:
            raise BadFileError(f"Two columns are '{name}': leave one out.")
    return names


def _column(cell: str, own: Collection[str]) -> str:
    if cell.strip() in own:
        return cell.strip()
    name = re.sub(r"\W+", "_", cell.strip()).lower()
    by_case = {each.lower(): each for each in own}
    return by_case.get(name, _ALSO.get(name, name))


def _user(cells: dict[str, str], own: Collection[str]) -> ImportedUser:
    given: dict[str, Any] = {
        name: cells[name] for name in ("email", "username", "password_hash") if cells.get(name)
    }
    given["own"] = {name: cells[name] for name in own if cells.get(name)}
    given["roles"] = tuple(re.split(r"[\s,;|]+", cells.get("roles", "").strip(" ,;|")))
    if given["roles"] == ("",):
        given["roles"] = ()
    answer = cells.get("verified", "").strip().lower()
    if answer not in _YES | _NO:
        raise InvalidInput(verified="invalid")
    given["verified"] = answer in _YES
    return parse(ImportedUser, given, strict=False)
