"""The second format of the remember cookie: salted, dated, and bound to the user's stamp.

Pure ASCII without ``|``, so that nodes which know only the first format take it for no cookie.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from itsdangerous import BadData, URLSafeTimedSerializer

from .secret_keys import key_ring

if TYPE_CHECKING:
    from datetime import datetime

_PURPOSE = "flask_porter.remember-token"
# Bytes; OWASP Session Management Cheat Sheet, "Session ID Entropy", asks for 8.
_NONCE = 12


class RememberToken(NamedTuple):
    """What a cookie of the second format says, once its signature is verified."""

    user_id: str
    #: The digest of the user's stamp, None for a user without one.
    stamp: str | None
    #: When it was signed, in seconds since the epoch.
    signed_at: float
    #: When it ends, likewise; None for a cookie of the first format, which does not say.
    expires_at: int | None
    #: Whether an older key has signed it, so that it should be written anew.
    is_outdated: bool


def mint(user_id: str, stamp: str | None, expires: datetime) -> str:
    """Return a token for this user that ends at ``expires``; two are never equal."""
    nonce = secrets.token_urlsafe(_NONCE)
    body = [user_id, stamp, int(expires.timestamp()), nonce]
    return _serializer(next(key_ring())).dumps(body)


def verify(token: str) -> RememberToken | None:
    """Return what a token says that a key of the ring has signed; None for any other text."""
    if "|" in token or not token.isascii():
        return None
    for position, key in enumerate(key_ring()):
        try:
            body, signed_at = _serializer(key).loads(token, return_timestamp=True)
        except BadData:
            continue
        return _read(body, signed_at.timestamp(), is_outdated=position > 0)
    return None


def _read(body: Any, signed_at: float, *, is_outdated: bool) -> RememberToken | None:
    if not isinstance(body, list) or len(body) != 4:
        return None
    user_id, stamp, expires_at, _nonce = body
    if type(user_id) is str and isinstance(stamp, str | None) and type(expires_at) is int:
        return RememberToken(user_id, stamp, signed_at, expires_at, is_outdated)
    return None


def _serializer(key: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        key,
        salt=_PURPOSE,
        signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
    )
