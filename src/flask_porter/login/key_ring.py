"""The keys that sign Flask's session cookie, derived once and not anew for each request."""

from __future__ import annotations

import hmac
import json
import zlib
from typing import TYPE_CHECKING, Any

from flask.json.tag import TaggedJSONSerializer
from itsdangerous import BadData, base64_decode

if TYPE_CHECKING:
    from itsdangerous import URLSafeTimedSerializer

#: A signed date is an unsigned integer of at most this many bytes (itsdangerous, timed.py).
_DATE_BYTES = 8


class KeyRing:
    """Reads what ``serializer`` has signed: the same verdict on every cookie, at less cost.

    The serializer itself derives the keys, so its salt, key derivation and digest are honoured.
    """

    __slots__ = ("_macs", "_serializer")

    def __init__(self, serializer: URLSafeTimedSerializer) -> None:
        signer = serializer.make_signer()
        self._serializer = serializer
        # Keyed once and copied at each use, newest key first, as itsdangerous tries them.
        self._macs = [
            hmac.new(signer.derive_key(key), digestmod=signer.digest_method)
            for key in reversed(signer.secret_keys)
        ]

    def payload(self, cookie: str, max_age: int, now: int) -> bytes | None:
        """Return what ``cookie`` carries when its signature holds and it is not too old.

        Args:
            cookie: the value of the cookie.
            max_age: how many seconds a signature holds.
            now: the time to judge by, in seconds since 1970.
        """
        dated, dot, signature = cookie.encode(errors="replace").rpartition(b".")
        if not dot or not self._is_signed(dated, signature):
            return None
        payload, dot, date = dated.rpartition(b".")
        if not dot:
            return None
        try:
            signed_at = base64_decode(date)
        except BadData:
            return None
        if len(signed_at) > _DATE_BYTES:
            return None
        if not 0 <= now - int.from_bytes(signed_at, "big") <= max_age:
            return None
        return payload

    def data(self, payload: bytes) -> Any:
        """Return the data in a signed ``payload``, or None when it holds none."""
        try:
            text = unpack(payload)
            if self._has_no_tags(text):
                return json.loads(text.decode())
            return self._serializer.load_payload(payload)
        except (BadData, ValueError, RecursionError, zlib.error):
            return None

    def may_name(self, payload: bytes, key: bytes) -> bool:
        r"""Return False only when no dict in a signed ``payload`` has ``key``, of ASCII letters.

        In JSON a letter stands for itself or is written ``\u00XX`` (RFC 8259 section 7).
        """
        try:
            text = unpack(payload)
        except (BadData, zlib.error):
            return False
        return key in text or b"\\u00" in text or not self._tags_are_flasks()

    def _is_signed(self, value: bytes, signature: bytes) -> bool:
        try:
            given = base64_decode(signature)
        except BadData:
            return False
        for keyed in self._macs:
            mac = keyed.copy()
            mac.update(value)
            if hmac.compare_digest(given, mac.digest()):
                return True
        return False

    def _has_no_tags(self, text: bytes) -> bool:
        """Tell whether ``text`` is JSON that stands for nothing but itself.

        Each of Flask's tags is a key that begins with a space.
        """
        return b'" ' not in text and b"\\u00" not in text and self._tags_are_flasks()

    def _tags_are_flasks(self) -> bool:
        serializer: Any = self._serializer.serializer
        return len(serializer.order) == len(TaggedJSONSerializer.default_tags)


def unpack(payload: bytes) -> bytes:
    """Return the JSON text in ``payload``, which a leading dot marks as compressed.

    Only for a payload whose signature was verified: a small one can unpack to gigabytes.
    """
    if payload.startswith(b"."):
        return zlib.decompress(base64_decode(payload[1:]))
    return base64_decode(payload)
