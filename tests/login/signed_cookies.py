"""Cookies signed as Flask signs them, at a time and with settings of one's choice."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask.sessions import session_json_serializer
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer
from markupsafe import Markup

from flask_porter.login.key_ring import KeyRing, Signed

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = 1_800_000_000
KEYS = st.text(min_size=1, max_size=80).filter(str.isprintable) | st.binary(min_size=1, max_size=80)
DIGESTS: list[Any] = [hashlib.sha1, hashlib.sha256, hashlib.sha512, hashlib.blake2b, hashlib.md5]
DERIVATIONS = ["hmac", "concat", "django-concat", "none"]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.text("ab", max_size=200)
    | st.binary(max_size=20)
    | st.uuids()
    | st.text(max_size=10).map(Markup)
    | st.integers(0, 7_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))
)
KEYS_OF_DICTS = st.text(max_size=10) | st.sampled_from([" t", " di", " b", "_permanent", " x"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(KEYS_OF_DICTS, inner, max_size=3)
    ),
    max_leaves=8,
)
SESSIONS = st.dictionaries(KEYS_OF_DICTS, VALUES, max_size=5)


def a_serializer(
    *keys: Any,
    salt: str = "cookie-session",
    derivation: str = "hmac",
    digest: Callable[..., Any] = hashlib.sha1,
    serializer: Any = session_json_serializer,
) -> URLSafeTimedSerializer:
    """Return a serializer like those that Flask makes, with the oldest of ``keys`` first."""
    return URLSafeTimedSerializer(
        list(keys or ["key"]),
        salt=salt,
        serializer=serializer,
        signer_kwargs={"key_derivation": derivation, "digest_method": digest},
    )


def signed_at(second: int, serializer: URLSafeTimedSerializer, data: Any) -> str:
    """Return ``data`` as ``serializer`` signs it at ``second``."""
    return sign_anything(serializer, serializer.dump_payload(data), second).decode()


def sign_anything(serializer: URLSafeTimedSerializer, payload: bytes, second: int = NOW) -> bytes:
    """Return ``payload`` as ``serializer`` signs it at ``second``."""
    signer: Any = serializer.make_signer()
    signer.get_timestamp = lambda: second
    signed: bytes = signer.sign(payload)
    return signed


def ring_and_signed(serializer: URLSafeTimedSerializer, text: bytes) -> tuple[KeyRing, Signed]:
    """Return a ring of ``serializer``, and what it finds in a cookie that holds ``text``."""
    ring = KeyRing(serializer)
    cookie = sign_anything(serializer, base64.urlsafe_b64encode(text).rstrip(b"=")).decode()
    signed = ring.signed(cookie, 10, NOW)
    assert signed is not None
    assert signed.text == text
    return ring, signed
