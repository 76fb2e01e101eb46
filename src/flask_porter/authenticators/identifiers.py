"""Reads e-mail addresses and usernames, and gives each the key by which it is found.

Two texts that name one person have one key; two that only look alike have one key too where
people choose them (usernames), and never where somebody else hands them out (addresses).
Nothing here depends on a locale.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from email_validator import EmailNotValidError, validate_email

from .lookalikes import skeleton

#: RFC 5321 section 4.5.3.1: 64 octets before the @, and 254 in all (RFC 3696 erratum 1690).
LONGEST_LOCAL: Final = 64
LONGEST_ADDRESS: Final = 254
SHORTEST_NAME: Final = 3
LONGEST_NAME: Final = 32

#: Names by which somebody could pass for the site, for a mailbox of it (RFC 2142), or for a path.
RESERVED: Final = frozenset(
    {
        *("abuse", "account", "accounts", "admin", "administrator", "anonymous", "api", "app"),
        *("assets", "auth", "billing", "bot", "contact", "everyone", "false", "ftp", "guest"),
        *("help", "helpdesk", "hostmaster", "info", "localhost", "login", "logout", "mail"),
        *("mailer-daemon", "marketing", "mod", "moderator", "news", "nobody", "noreply"),
        *("no-reply", "noc", "null", "none", "nil", "official", "operator", "owner", "password"),
        *("porter", "postmaster", "privacy", "register", "robot", "root", "sales", "security"),
        *("self", "settings", "signup", "staff", "static", "status", "superuser", "support"),
        *("sysadmin", "system", "team", "true", "undefined", "usenet", "user", "users"),
        *("verify", "webmaster", "well-known", "www"),
    }
)

_ASCII_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
_SEPARATORS: Final = frozenset("_-.")
_DIGITS: Final = frozenset("0123456789")
_UUID: Final = re.compile(r"[0-9a-fA-F]{32}")
# Signs that belong to words of their script, although they are no letters.
_LETTER_LIKE: Final = frozenset("\u30fc\u3005")
# They are letters and marks, and cannot be seen.
_INVISIBLE: Final = frozenset("\u115f\u1160\u17b4\u17b5")
#: The scripts in wide use (UAX 31 table 5), as the names of their characters begin.
_SCRIPTS: Final = frozenset(
    {
        *("ARABIC", "ARMENIAN", "BENGALI", "BOPOMOFO", "CJK", "CYRILLIC", "DEVANAGARI"),
        *("ETHIOPIC", "GEORGIAN", "GREEK", "GUJARATI", "GURMUKHI", "HANGUL", "HEBREW"),
        *("HIRAGANA", "KANNADA", "KATAKANA", "KHMER", "LAO", "LATIN", "MALAYALAM", "MYANMAR"),
        *("ORIYA", "SINHALA", "TAMIL", "TELUGU", "THAANA", "THAI", "TIBETAN"),
    }
)
# Japanese, Korean and Chinese write with more than one (UTS 39 section 5.1).
_WRITTEN_TOGETHER: Final = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"CJK", "HANGUL"}),
    frozenset({"CJK", "BOPOMOFO"}),
)


class IdentifierError(ValueError):
    """What was typed is no identifier; ``reason`` is stable and says of which kind."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An e-mail address."""

    #: For sending: NFC, the part before the @ as typed, the domain in ASCII (RFC 5890 A-label).
    address: str
    #: For finding and for uniqueness: the same with A to Z in lower case.
    key: str


@dataclass(frozen=True, slots=True)
class Username:
    """A username."""

    #: For showing: NFC; lower case but for Latin, since other capitals look like Latin ones.
    name: str
    #: For finding and for uniqueness: equal for all names that look alike.
    key: str


def email_address(typed: str) -> EmailAddress:
    """Read an e-mail address; white space around it does not count.

    Only A to Z lose their case: Unicode's own folding would give a ligature, a long s and the
    Kelvin sign the key of an ASCII address that belongs to somebody else. What begins like an
    encoded word (RFC 2047 section 2) is refused: programs that send mail decode it, and then it is
    another address, or a header of its own.

    Raises:
        IdentifierError: ``invalid_email``.
    """
    text = _trimmed(typed)
    if len(text) > LONGEST_ADDRESS or _becomes_ascii(text) or "=?" in text:
        raise IdentifierError("invalid_email")
    try:
        read = validate_email(
            text,
            check_deliverability=False,
            strict=True,
            # Addresses of .test reach nobody (RFC 6761 section 6.2), and are good for trying out.
            test_environment=True,
        )
    except EmailNotValidError:
        raise IdentifierError("invalid_email") from None
    # Its own form of the local part writes "INFO" small.
    local = unicodedata.normalize("NFC", text.rpartition("@")[0])
    address = f"{local}@{read.ascii_domain.translate(_ASCII_LOWER)}"
    if len(local.encode()) > LONGEST_LOCAL:
        raise IdentifierError("invalid_email")
    return EmailAddress(address, key=address.translate(_ASCII_LOWER))


def username(typed: str, *, allow_reserved: bool = False) -> Username:
    """Read a username: 3 to 32 letters of one script, digits, and ``_ - .`` between them.

    It is never an e-mail address, a number or a UUID, so it cannot stand for another kind of
    identifier.

    Args:
        typed: the name; white space around it does not count.
        allow_reserved: whether names such as "admin" may be taken, for operators.

    Raises:
        IdentifierError: ``invalid_username`` or ``reserved``.
    """
    text = _trimmed(typed)
    if len(text) > 4 * LONGEST_NAME:
        raise IdentifierError("invalid_username")
    name = unicodedata.normalize("NFC", text)
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME or not _is_name(name):
        raise IdentifierError("invalid_username")
    if not _is_latin(name):
        name = name.lower()
    key = skeleton(name)
    if not allow_reserved and _without_separators(key) in _RESERVED_KEYS:
        raise IdentifierError("reserved")
    return Username(name, key)


def _trimmed(typed: str) -> str:
    """Return ``typed`` without the spaces and tabs around it; a line break is none of them."""
    spaces = {char for char in typed[:1] + typed[-1:] if _is_space(char)}
    while spaces:
        typed = typed.strip("".join(spaces))
        spaces = {char for char in typed[:1] + typed[-1:] if _is_space(char)}
    return typed


def _is_space(char: str) -> bool:
    return char == "\t" or unicodedata.category(char) == "Zs"


def _becomes_ascii(text: str) -> bool:
    """Tell whether NFC would turn a character, as the Kelvin sign, into one of ASCII."""
    return any(not char.isascii() and unicodedata.normalize("NFC", char).isascii() for char in text)


def _is_name(name: str) -> bool:
    if unicodedata.normalize("NFKC", name) != name or _UUID.fullmatch(name):
        return False
    # A name that begins with "-" is an option to commands, one with "." a hidden file.
    if name[0] in "-." or name[-1] in "-." or unicodedata.category(name[0])[0] == "M":
        return False
    letters = [char for char in name if char not in _SEPARATORS and char not in _DIGITS]
    if not letters or not all(_is_letter(char) for char in letters):
        return False
    return _are_of_one_script({_script(char) for char in letters})


def _is_letter(char: str) -> bool:
    category = unicodedata.category(char)
    is_written = category in {"Lu", "Ll", "Lt", "Lo", "Mn", "Mc"} or char in _LETTER_LIKE
    return is_written and char not in _INVISIBLE


def _script(char: str) -> str:
    """Return the first word of the name of ``char``, which is its script."""
    if char == "\u3005":
        return "CJK"
    return re.split("[ -]", unicodedata.name(char, "?"), maxsplit=1)[0]


def _are_of_one_script(scripts: set[str]) -> bool:
    if len(scripts) == 1:
        return scripts <= _SCRIPTS
    return any(scripts <= together for together in _WRITTEN_TOGETHER)


def _is_latin(name: str) -> bool:
    return any(_script(char) == "LATIN" for char in name)


def _without_separators(key: str) -> str:
    return "".join(char for char in key if char not in _SEPARATORS)


_RESERVED_KEYS: Final = frozenset(_without_separators(skeleton(name)) for name in RESERVED)
