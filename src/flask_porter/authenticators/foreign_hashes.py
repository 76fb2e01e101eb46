"""Verifies password hashes that other programs have made, so that their users can move in.

What a stored hash may cost is bounded: whoever can bring hashes in must not be able to stop the
app with one. The bounds lie far above every default of the programs that wrote them.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from hmac import compare_digest
from types import MappingProxyType
from typing import Final

import bcrypt
from argon2 import Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import verify_secret

#: Tells whether these bytes are the password of one stored hash.
Check = Callable[[bytes], bool]

#: Argon2: 1 GiB, and 4 GiB filled in all its rounds; about four seconds.
MOST_ARGON2_KIB: Final = 1_048_576
MOST_ARGON2_WORK: Final = 4 * MOST_ARGON2_KIB
MOST_LANES: Final = 16
#: PBKDF2: Django writes about a million rounds.
MOST_ROUNDS: Final = 5_000_000
#: scrypt: N * r * p; OWASP's strongest is 2^20. It takes 128 bytes of memory for each, 1 GiB.
MOST_SCRYPT_WORK: Final = 2**23
MOST_SCRYPT_BLOCK: Final = 32
#: bcrypt: 2^16 rounds, about four seconds; the libraries write 2^12.
MOST_BCRYPT_COST: Final = 16
#: bcrypt reads so many bytes and no more; its library refuses longer input since version 5.
BCRYPT_BYTES: Final = 72

_SALT: Final = r"(?P<salt>[^$]{1,128})"
_ARGON2: Final = re.compile(
    r"\$argon2(?P<type>id|i)\$(?:v=(?:16|19)\$)?"
    r"m=(?P<memory>\d{1,9}),t=(?P<time>\d{1,9}),p=(?P<lanes>\d{1,4})"
    r"\$[A-Za-z0-9+/]{11,172}\$[A-Za-z0-9+/]{22,172}"
)
_BCRYPT: Final = re.compile(r"\$2[aby]\$(?P<cost>\d\d)\$[./A-Za-z0-9]{53}")
_WERKZEUG_SCRYPT: Final = re.compile(
    rf"scrypt:(?P<n>\d{{1,9}}):(?P<r>\d{{1,9}}):(?P<p>\d{{1,9}})\${_SALT}\$(?P<key>[0-9a-f]{{128}})"
)
_WERKZEUG_PBKDF2: Final = re.compile(
    rf"pbkdf2:(?P<name>sha\d+):(?P<rounds>\d{{1,9}})\${_SALT}\$(?P<key>[0-9a-f]{{40,128}})"
)
_DJANGO_PBKDF2: Final = re.compile(
    rf"pbkdf2_(?P<name>sha1|sha256)\$(?P<rounds>\d{{1,9}})\${_SALT}\$(?P<key>[A-Za-z0-9+/]+=*)"
)
_DJANGO_SCRYPT: Final = re.compile(
    rf"scrypt\$(?P<n>\d{{1,9}})\${_SALT}\$(?P<r>\d{{1,9}})\$(?P<p>\d{{1,9}})\$"
    r"(?P<key>[A-Za-z0-9+/]{86}==)"
)

_ARGON2_TYPES: Final[Mapping[str, Type]] = MappingProxyType({"id": Type.ID, "i": Type.I})
_DIGESTS: Final = frozenset({"sha1", "sha224", "sha256", "sha384", "sha512"})


def recognise(stored: str) -> Check | None:
    """Return what verifies ``stored``, or None if it is of no known kind or absurdly costly."""
    return (
        argon2_check(stored)
        or _bcrypt_check(stored)
        or _werkzeug_check(stored)
        or _django_check(stored)
    )


def argon2_check(stored: str) -> Check | None:
    """Return what verifies an Argon2 hash in the PHC format, as argon2-cffi and passlib write."""
    match = _ARGON2.fullmatch(stored)
    if match is None:
        return None
    memory, time, lanes = (int(match[name]) for name in ("memory", "time", "lanes"))
    if memory > MOST_ARGON2_KIB or memory * time > MOST_ARGON2_WORK or lanes > MOST_LANES:
        return None
    encoded, variant = stored.encode(), _ARGON2_TYPES[match["type"]]

    def check(password: bytes) -> bool:
        try:
            return verify_secret(encoded, password, variant)
        except (VerificationError, InvalidHashError):
            return False

    return check


def _bcrypt_check(stored: str, prepare: Callable[[bytes], bytes] = bytes) -> Check | None:
    match = _BCRYPT.fullmatch(stored)
    if match is None or int(match["cost"]) > MOST_BCRYPT_COST:
        return None

    def check(password: bytes) -> bool:
        prepared = prepare(password)
        # bcrypt repeats its input with a NUL after it, so "a" and "a\0a" have one hash.
        if b"\0" in prepared:
            return False
        try:
            return bcrypt.checkpw(prepared[:BCRYPT_BYTES], stored.encode())
        except ValueError:
            return False

    return check


def _werkzeug_check(stored: str) -> Check | None:
    if match := _WERKZEUG_SCRYPT.fullmatch(stored):
        return _scrypt_check(match, bytes.hex)
    if match := _WERKZEUG_PBKDF2.fullmatch(stored):
        return _pbkdf2_check(match, bytes.hex)
    return None


def _django_check(stored: str) -> Check | None:
    if match := _DJANGO_PBKDF2.fullmatch(stored):
        return _pbkdf2_check(match, _base64)
    if match := _DJANGO_SCRYPT.fullmatch(stored):
        return _scrypt_check(match, _base64)
    kind, _, rest = stored.partition("$")
    if kind == "argon2":
        return argon2_check(f"${rest}")
    if kind == "bcrypt":
        return _bcrypt_check(rest)
    if kind == "bcrypt_sha256":
        return _bcrypt_check(rest, _hex_of_sha256)
    return None


def _pbkdf2_check(match: re.Match[str], write: Callable[[bytes], str]) -> Check | None:
    name, rounds = match["name"], int(match["rounds"])
    if name not in _DIGESTS or not 0 < rounds <= MOST_ROUNDS:
        return None
    salt, key = match["salt"].encode(), match["key"]
    return lambda password: _is(write(hashlib.pbkdf2_hmac(name, password, salt, rounds)), key)


def _scrypt_check(match: re.Match[str], write: Callable[[bytes], str]) -> Check | None:
    n, r, p = (int(match[name]) for name in "nrp")
    if not 0 < n * r * p <= MOST_SCRYPT_WORK or r > MOST_SCRYPT_BLOCK or p > MOST_LANES:
        return None
    salt, key = match["salt"].encode(), match["key"]
    # The table, the blocks, and room for what OpenSSL needs beside them.
    memory = 128 * r * (n + p + 2) + 65_536

    def check(password: bytes) -> bool:
        try:
            made = hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=64)
        except ValueError:
            return False
        return _is(write(made), key)

    return check


def _is(made: str, key: str) -> bool:
    return compare_digest(made.encode(), key.encode())


def _base64(made: bytes) -> str:
    return b64encode(made).decode()


def _hex_of_sha256(password: bytes) -> bytes:
    """Return what Django puts into bcrypt, so that every byte of the password counts."""
    return hashlib.sha256(password).hexdigest().encode()
