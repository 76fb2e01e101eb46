"""Mints random secrets and digests them, so that what is stored opens nothing."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Final

from .hidden import Hidden

#: How long a mailed code is: eight digits, two more than NIST SP 800-63B-4 section 4.2.1.2 asks.
CODE_DIGITS: Final = 8

# 16 and 32 bytes as `mint` writes them (RFC 4648 section 5, without padding).
_SESSION_TOKEN: Final = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")
_LONGEST_TYPED_CODE: Final = 32


def mint(bytes: int = 32) -> str:  # noqa: A002
    """Return a new secret of so many random bytes, safe in a URL and in a cookie.

    256 bits by default; NIST SP 800-63B-4 section 5.1 asks for 64, OWASP for 128.
    """
    return secrets.token_urlsafe(bytes)


def digest(secret: str) -> bytes:
    """Return the SHA-256 of a minted secret: 32 bytes, the form in which it is kept.

    A plain hash is enough from 112 bits on (ASVS 5.0 6.5.2).
    """
    # Whatever a client sends has a digest; none of it ends in an error.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def matches(secret: str, kept: bytes) -> bool:
    """Tell in constant time whether ``kept`` is the digest of ``secret``."""
    return hmac.compare_digest(digest(secret), kept)


def mint_code(digits: int = CODE_DIGITS) -> str:
    """Return a new decimal code for a mail; it may begin with zeros."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def code_digest(code: str, bound_to: bytes) -> bytes:
    """Return the HMAC-SHA256 of a code under what it is bound to, for one the browser's secret.

    A code has too few bits for a digest to hide it. What guards it is that it counts only beside
    the secret to which it is bound, for ten minutes, with few attempts.
    """
    return hmac.digest(bound_to, code.encode("utf-8", "surrogatepass"), "sha256")


def normalised_code(typed: str) -> str | None:
    """Return the eight digits that somebody typed, without spaces and hyphens; None for no code.

    Only ASCII digits count: a full-width or Arabic digit would be another text for the same code,
    and so slip past whatever remembers used ones.
    """
    if len(typed) > _LONGEST_TYPED_CODE:
        return None
    code = typed.replace(" ", "").replace("-", "")
    is_code = len(code) == CODE_DIGITS and code.isascii() and code.isdigit()
    return Hidden(code) if is_code else None


def join_session_token(id: str, secret: str) -> str:
    """Return the session token of a record: its id, made by ``mint(16)``, and its secret."""
    return f"{id}.{secret}"


def split_session_token(value: object) -> tuple[str, str] | None:
    """Return id and secret of a session token; None for whatever does not look like one."""
    match = _SESSION_TOKEN.fullmatch(value) if isinstance(value, str) else None
    return None if match is None else (match[1], Hidden(match[2]))
