"""A key that goes into each password hash and is kept apart from them (SP 800-63B-4 3.1.1.2)."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Final

from ..errors import SetUpError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,16}")
_STORED: Final = re.compile(r"\$porter-pepper\$(?P<id>[^$]+)\$(?P<mark>[^$]+)(?P<rest>\$.+)")


class Peppers:
    """A ring of keys by their ids; the first makes new hashes, the others verify older ones.

    A stored hash names the key by its id, with 32 bits of an HMAC that tell whether the key is
    still the one it was made with. So a wrong key is a wrong set-up, not a wrong password.

    Raises:
        SetUpError: an id that cannot be stored, or an empty key.
    """

    def __init__(self, keys: Mapping[str, str | bytes]) -> None:
        self._keys = {id: _as_bytes(key) for id, key in keys.items()}
        for id, key in self._keys.items():
            if not _ID.fullmatch(id) or not key:
                raise SetUpError(
                    f"PORTER_PASSWORD_PEPPERS: {id!r} has to be 1 to 16 of the characters"
                    " A-Z a-z 0-9 _ -, and its key must not be empty."
                )
        self._current = next(iter(self._keys), None)

    @property
    def current(self) -> str | None:
        """The id of the key for new hashes, or None when none is used."""
        return self._current

    def apply(self, id: str | None, password: bytes) -> bytes:
        """Return the HMAC-SHA256 of ``password`` under the key ``id``; without id, itself."""
        return password if id is None else hmac.digest(self._keys[id], password, "sha256")

    def wrap(self, bare: str) -> str:
        """Return the hash ``bare`` with the name of the current key before it."""
        if self._current is None:
            return bare
        return f"$porter-pepper${self._current}${self._mark(self._current)}{bare}"

    def unwrap(self, stored: str) -> tuple[str | None, str]:
        """Return the id of the key that ``stored`` needs, or None, and the hash itself.

        Raises:
            SetUpError: the key is not there, or is another one.
        """
        match = _STORED.fullmatch(stored)
        if match is None:
            return None, stored
        id = match["id"]
        if id not in self._keys:
            raise SetUpError(
                f"A password was hashed with the pepper {id!r}: PORTER_PASSWORD_PEPPERS has to"
                " name it as long as there are such passwords."
            )
        if not hmac.compare_digest(self._mark(id).encode(), match["mark"].encode()):
            raise SetUpError(
                f"A password was hashed with another pepper of the id {id!r}: write the old key"
                " into PORTER_PASSWORD_PEPPERS again, and give a new key a new id."
            )
        return id, match["rest"]

    def _mark(self, id: str) -> str:
        return hmac.digest(self._keys[id], b"flask_porter.pepper", "sha256").hex()[:8]


def _as_bytes(key: str | bytes) -> bytes:
    return key.encode("utf-8", "surrogateescape") if isinstance(key, str) else key
