"""The keys that sign Flask's session cookie, derived once and not anew for each request."""

from __future__ import annotations

import hmac
import zlib
from json import JSONDecoder
from typing import TYPE_CHECKING, Any, NamedTuple

from flask.json.tag import TaggedJSONSerializer
from itsdangerous import BadData, Serializer, base64_decode, base64_encode
from itsdangerous.encoding import int_to_bytes

if TYPE_CHECKING:
    from itsdangerous import URLSafeTimedSerializer

#: A signed date is an unsigned integer of at most this many bytes (itsdangerous, timed.py).
_DATE_BYTES = 8
#: How many good cookies are remembered, and how long they and their texts may be. That of a
#: log-in has some 200 bytes with as much text: a thousand of them take a megabyte.
_REMEMBERED = 1024
_REMEMBERED_BYTES = 2048

_CHANGEABLE = frozenset({dict, list})
_read_json = JSONDecoder().decode
#: It reads bytes with a serializer for text, which the type parameter of that denies.
_load_payload: Any = Serializer.load_payload


class Signed(NamedTuple):
    """What a good signature vouches for."""

    at: int
    """When it was signed, in seconds since 1970."""

    text: bytes
    """The JSON that was signed."""

    plain: dict[str, Any] | None
    """What the JSON says, if no part of it can be changed; else it is read anew each time."""


class KeyRing:
    """Signs and reads what ``serializer`` does: the same cookies, the same verdicts, at less cost.

    The serializer itself derives the keys, so its salt, key derivation and digest are honoured.
    A browser sends the same cookie again and again: a good one is verified once. Looking it up
    tells a forger nothing, for there is no step between finding the whole cookie and nothing.
    """

    __slots__ = ("_good", "_macs", "_serializer")

    def __init__(self, serializer: URLSafeTimedSerializer) -> None:
        signer = serializer.make_signer()
        self._serializer = serializer
        # Keyed once and copied at each use; newest first, as itsdangerous tries them.
        self._macs = [
            hmac.new(signer.derive_key(key), digestmod=signer.digest_method)
            for key in reversed(signer.secret_keys)
        ]
        self._good: dict[str, Signed] = {}

    def signed(self, cookie: str, max_age: int, now: int) -> Signed | None:
        """Return what was signed in ``cookie`` when the signature holds and is not too old.

        Args:
            cookie: the value of the cookie.
            max_age: how many seconds a signature holds.
            now: the time to judge by, in seconds since 1970.
        """
        signed = self._good.get(cookie)
        if signed is None:
            signed = self._verified(cookie)
            if signed is None:
                return None
            self._remember(cookie, signed)
        return signed if 0 <= now - signed.at <= max_age else None

    def data(self, signed: Signed) -> Any:
        """Return what was signed, or None when it cannot be read; copy it before a change."""
        if signed.plain is not None and self._tags_are_flasks():
            return signed.plain
        try:
            return _load_payload(self._serializer, signed.text)
        except BadData:
            return None

    def sign(self, data: Any, now: int) -> str:
        """Return the cookie that the serializer makes of ``data`` at ``now``."""
        payload = self._serializer.dump_payload(data)
        dated = payload + b"." + base64_encode(int_to_bytes(now))
        mac = self._macs[0].copy()
        mac.update(dated)
        return (dated + b"." + base64_encode(mac.digest())).decode()

    def may_name(self, key: bytes, signed: Signed) -> bool:
        """Return False only when no dict in ``signed`` can have ``key``, in ASCII."""
        return key in signed.text or not (_is_literal(signed.text) and self._tags_are_flasks())

    def _verified(self, cookie: str) -> Signed | None:
        dated, _, signature = cookie.encode(errors="replace").rpartition(b".")
        payload, dot, date = dated.rpartition(b".")
        if not dot:
            return None
        try:
            if not self._is_signed(dated, base64_decode(signature)):
                return None
            signed_at = base64_decode(date)
            if len(signed_at) > _DATE_BYTES:
                return None
            text = _unpack(payload)
            return Signed(int.from_bytes(signed_at, "big"), text, _read_plain(text))
        except (BadData, zlib.error):
            return None

    def _is_signed(self, value: bytes, signature: bytes) -> bool:
        for keyed in self._macs:
            mac = keyed.copy()
            mac.update(value)
            if hmac.compare_digest(signature, mac.digest()):
                return True
        return False

    def _remember(self, cookie: str, signed: Signed) -> None:
        # A signature can be written in endless ways, with characters that base64 passes over.
        if max(len(cookie), len(signed.text)) > _REMEMBERED_BYTES:
            return
        if len(self._good) >= _REMEMBERED:
            self._good = {}
        self._good[cookie] = signed

    def _tags_are_flasks(self) -> bool:
        serializer: Any = self._serializer.serializer
        return len(serializer.order) == len(TaggedJSONSerializer.default_tags)


def _is_literal(text: bytes) -> bool:
    r"""Tell whether all ASCII in ``text`` stands for itself.

    In JSON a letter may be written ``\u00XX`` instead (RFC 8259 section 7).
    """
    return b"\\u00" not in text


def _read_plain(text: bytes) -> dict[str, Any] | None:
    """Read an object of text, numbers, true, false and null that has none of Flask's tags.

    Each of those is a key that begins with a space.
    """
    if b'" ' in text or not _is_literal(text):
        return None
    try:
        data = _read_json(text.decode())
    except (ValueError, RecursionError):
        return None
    if type(data) is dict and _CHANGEABLE.isdisjoint(map(type, data.values())):
        return data
    return None


def _unpack(payload: bytes) -> bytes:
    """Return the JSON in ``payload``, which a leading dot marks as compressed.

    Only for a payload whose signature was verified: a small one can unpack to gigabytes.
    """
    if payload.startswith(b"."):
        return zlib.decompress(base64_decode(payload[1:]))
    return base64_decode(payload)
