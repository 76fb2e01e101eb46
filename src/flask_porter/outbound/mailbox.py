"""Keeps mail in place of sending it, to be read in the browser; for development and tests."""

from __future__ import annotations

import json
import os
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from .messages import Message

if TYPE_CHECKING:
    from pathlib import Path

#: How many letters stay.
KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the mailbox."""

    message: Message
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Mailbox:
    """Keeps the last mails, in memory or in a file that a restart of the server leaves alone.

    Args:
        file: JSON lines, readable by its owner alone, since a mail carries keys to an account.
            The server, its reloader and the command line share it.
        kept: how many letters stay.
    """

    def __init__(self, file: Path | None = None, *, kept: int = KEPT) -> None:
        self._file = file
        self._kept = kept
        self._in_memory: deque[Letter] = deque(maxlen=kept)
        self._lock = Lock()

    def send(self, message: Message) -> None:
        """Keep ``message``."""
        letter = Letter(message)
        if self._file is None:
            self._in_memory.append(letter)
            return
        line = json.dumps(_written(letter), ensure_ascii=True) + "\n"
        with self._lock:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            _append(self._file, line.encode())
            self._drop_the_oldest(self._file)

    def letters(self) -> list[Letter]:
        """Return the letters, the newest first."""
        if self._file is None:
            return list(reversed(self._in_memory))
        found = [letter for letter in map(_read, _lines(self._file)) if letter is not None]
        return found[::-1][: self._kept]

    def find(self, id: str) -> Letter | None:
        """Return the letter with this id, or None."""
        return next((letter for letter in self.letters() if letter.id == id), None)

    def clear(self) -> None:
        """Throw all letters away."""
        self._in_memory.clear()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _drop_the_oldest(self, file: Path) -> None:
        lines = _lines(file)
        if len(lines) <= 2 * self._kept:
            return
        new = file.with_name(f"{file.name}.{os.getpid()}.new")
        new.unlink(missing_ok=True)
        _append(new, "".join(f"{line}\n" for line in lines[-self._kept :]).encode())
        new.replace(file)


def _append(file: Path, lines: bytes) -> None:
    """Write at the end in one call, so that two processes do not mix their lines."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, lines)
    finally:
        os.close(descriptor)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _written(letter: Letter) -> dict[str, Any]:
    message = {
        name: dict(value) if name == "headers" else value
        for name, value in ((name, getattr(letter.message, name)) for name in _FIELDS)
    }
    return {"id": letter.id, "at": letter.at.isoformat(), "message": message}


def _read(line: str) -> Letter | None:
    """Return the letter of a line, or None for one that another version has written."""
    try:
        written = json.loads(line)
        return Letter(
            Message(**written["message"]),
            id=str(written["id"]),
            at=datetime.fromisoformat(written["at"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


_FIELDS: Final = tuple(Message.__dataclass_fields__)
