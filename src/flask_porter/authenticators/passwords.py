"""Hashes passwords with Argon2id, and verifies every kind of hash that people bring along."""

from __future__ import annotations

import os
import secrets
import unicodedata
from base64 import b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

import argon2

from ..errors import Busy, InvalidInput, SetUpError
from .calibration import Parameters as Parameters
from .calibration import calibrate as calibrate
from .foreign_hashes import argon2_check, recognise
from .peppers import Peppers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .foreign_hashes import Check

#: What is longer is refused before any work: Argon2 of 16 MiB takes seven times as long.
LONGEST_BYTES: Final = 1024
#: RFC 9106 section 3.1 recommends 128 bits of salt, section 4 a tag of 256.
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holding a password against a stored hash has shown."""

    is_right: bool
    #: Whether the hash should be replaced by a new one of this password; only if it is right.
    needs_rehash: bool = False


_WRONG: Final = Verdict(is_right=False)


class PasswordHasher(Protocol):
    """Hashes passwords and verifies them; called from many threads at once."""

    def hash(self, password: str) -> str:
        """Return a new hash of ``password``, salted, at most 255 characters.

        Raises:
            InvalidInput: it cannot be hashed.
            Busy: too many passwords are being hashed.
        """
        ...

    def verify(self, password: str, stored: str | None) -> Verdict:
        """Hold ``password`` against a stored hash.

        None stands for somebody unknown or without a password. It takes as long as a hash of
        now, and is never right.

        Raises:
            Busy: too many passwords are being hashed.
            SetUpError: the set-up lacks what the stored hash needs.
        """
        ...


class Argon2Hasher:
    """Argon2id (RFC 9106) with an upper limit on how much runs at once.

    Args:
        memory_kib: memory of one hash. 19 MiB and 2 rounds are the least that the OWASP
            Password Storage Cheat Sheet recommends; :func:`calibrate` finds more.
        time_cost: its rounds.
        parallelism: its threads.
        concurrency: how many hashes run at once in this process, so memory has a limit; one a
            processor if left out.
        wait_seconds: how long a hash waits for its turn.
        peppers: keys by their ids; the first is for new hashes.

    Raises:
        SetUpError: a pepper that cannot be used, or absurd parameters.
    """

    def __init__(
        self,
        memory_kib: int = 19_456,
        time_cost: int = 2,
        parallelism: int = 1,
        concurrency: int | None = None,
        wait_seconds: float = 5,
        peppers: Mapping[str, str | bytes] = MappingProxyType({}),
    ) -> None:
        self._argon2 = argon2.PasswordHasher(
            time_cost, memory_kib, parallelism, HASH_BYTES, SALT_BYTES
        )
        self._peppers = Peppers(peppers)
        self._slots = BoundedSemaphore(concurrency or os.cpu_count() or 1)
        self._wait_seconds = wait_seconds
        self._dummy = _dummy(memory_kib, time_cost, parallelism)

    def hash(self, password: str) -> str:
        """Return a new hash of ``password``.

        Raises:
            InvalidInput: ``too_long`` or ``not_text``.
            Busy: no slot has become free.
        """
        normalised = _normalised(password)
        if normalised is None:
            raise InvalidInput(password="too_long" if _is_long(password) else "not_text")
        peppered = self._peppers.apply(self._peppers.current, normalised)
        with self._slot():
            return self._peppers.wrap(self._argon2.hash(peppered))

    def verify(self, password: str, stored: str | None) -> Verdict:
        """Hold ``password`` against a stored hash of any known kind.

        The password is normalised to NFC. A hash that is not of ours, or of older parameters, is
        tried once more with the bytes as they came, since it may stem from a program that did
        not normalise.

        Raises:
            Busy: no slot has become free.
            SetUpError: the pepper of the hash is missing or another one.
        """
        normalised = _normalised(password)
        if normalised is None:
            return _WRONG
        pepper, bare = self._peppers.unwrap(_usable(stored))
        check = recognise(bare)
        if check is None:
            with self._slot():
                self._dummy(self._peppers.apply(self._peppers.current, normalised))
            return _WRONG
        is_old = pepper != self._peppers.current or self._differs(bare)
        with self._slot():
            is_right = check(self._peppers.apply(pepper, normalised))
            if not is_right and is_old and pepper is None:
                raw = password.encode()
                is_right = raw != normalised and check(raw)
        return Verdict(is_right, needs_rehash=is_right and is_old)

    def recognises(self, stored: str) -> bool:
        """Tell whether ``stored`` is a hash that can be verified, and no password by itself.

        Raises:
            SetUpError: the pepper of the hash is missing or another one.
        """
        return recognise(self._peppers.unwrap(_usable(stored))[1]) is not None

    def _differs(self, bare: str) -> bool:
        try:
            return self._argon2.check_needs_rehash(bare)
        except argon2.exceptions.InvalidHashError:
            return True

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=self._wait_seconds):
            raise Busy
        try:
            yield
        finally:
            self._slots.release()


def _dummy(memory_kib: int, time_cost: int, parallelism: int) -> Check:
    """Return a check that costs what a real one does, of a hash that no password has."""
    salt, key = (_unpadded(secrets.token_bytes(size)) for size in (SALT_BYTES, HASH_BYTES))
    check = argon2_check(
        f"$argon2id$v=19$m={memory_kib},t={time_cost},p={parallelism}${salt}${key}"
    )
    if check is None:
        raise SetUpError(
            "PORTER_ARGON2_MEMORY_KIB, PORTER_ARGON2_TIME_COST and PORTER_ARGON2_PARALLELISM are"
            " more than would ever be verified: write what 'flask porter calibrate' prints."
        )
    return check


def _unpadded(random: bytes) -> str:
    return b64encode(random).decode().rstrip("=")


def _usable(stored: str | None) -> str:
    """Return a stored hash that may be one; what is none becomes the empty text."""
    return stored if stored is not None and stored.isascii() else ""


def _normalised(password: str) -> bytes | None:
    """Return the bytes that are hashed: UTF-8 of NFC; None if there are none, or too many.

    NIST SP 800-63B-4 section 3.1.1.2 recommends NFC, so the same password typed on another
    system has the same bytes. Nothing is trimmed, folded or cut.
    """
    if _is_long(password):
        return None
    try:
        return unicodedata.normalize("NFC", password).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair, which JSON can bring.
        return None


def _is_long(password: str) -> bool:
    """Tell whether there are too many bytes; who sends a great many causes no work at all."""
    if len(password) > LONGEST_BYTES:
        return True
    normalised = unicodedata.normalize("NFC", password)
    return len(normalised.encode("utf-8", "surrogatepass")) > LONGEST_BYTES
