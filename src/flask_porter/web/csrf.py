"""Cross-site requests: whether a browser says that a request comes from one of our own pages.

Sources: Fetch Metadata Request Headers section 2; RFC 6454 section 7 (Origin); OWASP Cross-Site
Request Forgery Prevention Cheat Sheet, "Fetch Metadata headers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Collection

    from flask import Request

#: Methods that change nothing (RFC 9110 section 9.2.1).
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def why_cross_site(request: Request, trusted: Collection[str] = ()) -> str | None:
    """Return why a request with an unsafe method may come from elsewhere, or None if it does not.

    Args:
        request: the request.
        trusted: other origins that may send requests, as ``https://app.example``.

    Returns:
        ``cross_site`` when the browser names another place, ``no_origin`` when it names none: then
        ``Sec-Fetch-Site`` and ``Origin`` were both missing.
    """
    if request.method in SAFE_METHODS:
        return None
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site")
    if origin is not None and origin in trusted:
        return None
    if site is not None:
        return None if site == "same-origin" else "cross_site"
    if origin is None:
        return "no_origin"
    return None if _is_here(request, origin) else "cross_site"


def _is_here(request: Request, origin: str) -> bool:
    """Compare scheme, host and port; a page without referrer policy of its own says ``null``."""
    try:
        theirs = urlsplit(origin)
        their_port = theirs.port
    except ValueError:
        return False
    ours = urlsplit(request.host_url)
    return (theirs.scheme, theirs.hostname, their_port or _port(theirs.scheme)) == (
        ours.scheme,
        ours.hostname,
        ours.port or _port(ours.scheme),
    )


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
