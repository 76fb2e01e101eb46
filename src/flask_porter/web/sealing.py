"""Encrypts what is kept for a while, under a key derived from the app's own."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Sequence


class Sealer:
    """Seals with the newest key, and opens what an older one of the ring has sealed.

    Args:
        secret: the app's ``SECRET_KEY``.
        fallbacks: those before it.
    """

    def __init__(self, secret: bytes, fallbacks: Sequence[bytes] = ()) -> None:
        self._ring = MultiFernet([Fernet(_derived(key)) for key in (secret, *fallbacks)])

    def seal(self, content: bytes) -> bytes:
        """Return ``content``, encrypted and authenticated."""
        return self._ring.encrypt(content)

    def unseal(self, sealed: bytes) -> bytes | None:
        """Return what was sealed, or None if no key of the ring opens it."""
        try:
            return self._ring.decrypt(sealed)
        except InvalidToken:
            return None


def _derived(secret: bytes) -> bytes:
    """Derive a key for this purpose alone (RFC 5869)."""
    derivation = HKDF(SHA256(), length=32, salt=None, info=b"flask_porter.sealing")
    return urlsafe_b64encode(derivation.derive(secret))
