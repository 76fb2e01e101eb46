"""What a setting may be: each kind reads what an app, or its environment, gives for a key.

``Flask.config.from_prefixed_env`` gives text, or what JSON makes of it: each kind takes text too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value: what to write, and how it is read."""

    #: Goes on after "must be"; the reference shows it.
    words: str
    #: Raises ValueError or TypeError for anything else.
    read: Callable[[Any], Any]


def _wrong() -> ValueError:
    return ValueError("not of this kind")


def one_of(*words: str) -> Kind:
    """One of these words."""

    def read(value: Any) -> str:
        if value in words:
            return str(value)
        raise _wrong()

    *all_but_last, last = (f"'{word}'" for word in words)
    return Kind(f"{', '.join(all_but_last)} or {last}", read)


def whole(low: int, high: int | None = None) -> Kind:
    """A whole number within these limits."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise _wrong()
        number = int(value)
        if number < low or (high is not None and number > high):
            raise _wrong()
        return number

    limits = f"from {low:,} on" if high is None else f"from {low:,} to {high:,}"
    return Kind(f"a whole number {limits}", read)


def duration(low: timedelta, high: timedelta) -> Kind:
    """A length of time within these limits."""

    def read(value: Any) -> timedelta:
        if isinstance(value, timedelta):
            found = value
        elif isinstance(value, bool) or not isinstance(value, int | float | str):
            raise _wrong()
        else:
            seconds = float(value)
            # Also says no to not-a-number, which compares with nothing.
            if not 0 <= seconds <= high.total_seconds():
                raise _wrong()
            found = timedelta(seconds=seconds)
        if not low <= found <= high:
            raise _wrong()
        return found

    return Kind(f"a timedelta or seconds, from {in_words(low)} to {in_words(high)}", read)


def several(kind: Kind, words: str) -> Kind:
    """Some of a kind: a list, a tuple, or text with commas."""

    def read(value: Any) -> tuple[Any, ...]:
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list | tuple):
            raise _wrong()
        return tuple(kind.read(part) for part in value)

    return Kind(f"a list, a tuple or text with commas, of {words}", read)


def matching(pattern: str, words: str) -> Kind:
    """Text that matches all of a pattern."""
    compiled = re.compile(pattern)

    def read(value: Any) -> str:
        if isinstance(value, str) and compiled.fullmatch(value):
            return value
        raise _wrong()

    return Kind(words, read)


def _read_yes_or_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | str):
        word = str(value).strip().lower()
        if word in {"true", "1", "yes", "on"}:
            return True
        if word in {"false", "0", "no", "off"}:
            return False
    raise _wrong()


def _read_site(value: Any) -> str:
    parts = _split(value)
    if parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        raise _wrong()
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", parts.path):
        raise _wrong()
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _read_origin(value: Any) -> str:
    site = _read_site(value)
    if urlsplit(site).path:
        raise _wrong()
    return site


def _split(value: Any) -> SplitResult:
    if not isinstance(value, str) or not value.isascii() or re.search(r"[\s\\]", value):
        raise _wrong()
    parts = urlsplit(value)
    # Reading the port raises ValueError where it is none.
    if not parts.hostname or "@" in parts.netloc or parts.port == 0:
        raise _wrong()
    return parts


def _read_mail_url(value: Any) -> str:
    if value in {"console:", "mailbox:"}:
        return str(value)
    if not isinstance(value, str) or re.search(r"\s", value):
        raise _wrong()
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.port == 0:
        raise _wrong()
    return value


def _read_sender(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise _wrong()
    _, address = parseaddr(value)
    if not re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", address) or "," in value:
        raise _wrong()
    return value


def _read_file(value: Any) -> Path:
    if not isinstance(value, str | Path) or not Path(value).is_file():
        raise _wrong()
    return Path(value)


def _read_peppers(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise _wrong()
    for id, secret in value.items():
        if not isinstance(id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,16}", id):
            raise _wrong()
        if not isinstance(secret, str):
            raise _wrong()
    return MappingProxyType(dict(value))


def _read_key(value: Any) -> bytes:
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    if not isinstance(value, bytes) or not value:
        raise _wrong()
    return value


def _read_keys(value: Any) -> tuple[bytes, ...]:
    if isinstance(value, str | bytes):
        value = [value]
    if not isinstance(value, list | tuple):
        raise _wrong()
    # Empty where the environment names no older key.
    return tuple(_read_key(key) for key in value if key)


def in_words(length: timedelta) -> str:
    """Return a length of time as people say it."""
    seconds = length.total_seconds()
    for name, unit in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count = seconds / unit
        if count >= 1 and math.isclose(count, round(count)):
            return f"{round(count):,} {name}{'' if round(count) == 1 else 's'}"
    return f"{seconds:g} seconds"


# One slash, then nothing that a browser takes for the start of another host.
_PATH: Final = r"/(?![/\\])[!-\[\]-~]{0,2000}"
YES_OR_NO: Final = Kind("True or False", _read_yes_or_no)
TEXT: Final = matching(r"[^\x00-\x1f\x7f]{1,100}", "text on one line, up to 100 characters")
WORDS: Final = several(TEXT, "words")
COLOR: Final = matching(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})", "a colour as '#3457d5'")
PATH: Final = matching(_PATH, "a path from the root of the app, as '/'")
PREFIX: Final = matching(r"(?:/[A-Za-z0-9._~-]+)+", "a path without a slash at its end")
LANGUAGES: Final = several(
    matching(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", "a language"), "language tags (BCP 47)"
)
SITE: Final = Kind("a URL as 'https://app.example.com'", _read_site)
ORIGINS: Final = several(Kind("an origin", _read_origin), "origins as 'https://app.example.com'")
MAIL_URL: Final = Kind(
    "'smtps://user:password@host:465', 'smtp://user:password@host:587', 'console:' or 'mailbox:'",
    _read_mail_url,
)
SENDER: Final = Kind("an address as 'Shop <shop@example.com>'", _read_sender)
FILE: Final = Kind("the path of a file that is there", _read_file)
PEPPERS: Final = Kind("a dict of secrets by id, the id up to 16 letters or digits", _read_peppers)
KEY: Final = Kind("text or bytes", _read_key)
KEYS: Final = Kind("a list or tuple of text or bytes", _read_keys)
