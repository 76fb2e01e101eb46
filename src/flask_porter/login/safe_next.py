"""Whether a `next` stays on this site, judged as a browser will read it, not as Python does.

Sources: OWASP Unvalidated Redirects and Forwards Cheat Sheet ("Preventing Unvalidated Redirects
and Forwards"); ASVS 5.0 3.7.2; URL Standard (WHATWG) section 4.4 for how browsers parse; RFC 3986
sections 3.3 to 3.5 for what a path, a query and a fragment are made of; RFC 9110 section 10.2.2
for what Location may hold.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import quote, unquote

from flask import has_request_context, request

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Characters; a redirect page quotes its target twice beside Location and stays below 8 kB.
MAX_LENGTH = 2048

# Proxy, server and app may each decode a path; one that then still changes hides something.
_DECODINGS = 3

# Browsers drop or trim some of these (URL Standard 4.4), headers end at others (RFC 9110 5.5).
_NEVER_RAW = re.compile(r"[\x00-\x20\x7f-\x9f]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DOT_SEGMENT = re.compile(r"(?:^|/)\.\.?(?:/|$)")

# Python's NFKC turns full-width forms into slashes; these look the same and it leaves them alone.
_SLASHES = str.maketrans(dict.fromkeys("\\⁄∕∖⟋⟍⧵⧸⧹╱╲", "/"))

_ABSOLUTE = re.compile(r"(https?)://([^/?#]+)(.*)", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?(:(?P<port>[1-9][0-9]{0,4}))?")
_HIGHEST_PORT = 65535

# What Werkzeug's iri_to_uri() keeps, so that redirect() has nothing left to change.
_IN_PATH = "%!$&'()*+,/:;=@"
_IN_QUERY = _IN_PATH + "?"
_IN_FRAGMENT = _IN_QUERY + "#"


def safe_next(target: str | None, allowed_origins: Iterable[str] = ()) -> str | None:
    """Return what to redirect to so as to reach ``target``; None when that may leave this site.

    This site is scheme, host and port of the request. ``allowed_origins`` adds others, written
    ``"https://host"`` or ``"https://host:port"``; subdomains count only when listed. A ``target``
    is a path that starts with one slash, or an ``http`` or ``https`` URL of an allowed origin. It
    comes back in ASCII, percent-encoded, and without scheme and host when it is on this site.

    Raises:
        TypeError: ``allowed_origins`` is a string.
        ValueError: an entry of ``allowed_origins`` is not an origin.
    """
    if isinstance(allowed_origins, str):
        raise TypeError(f"allowed_origins wants a list: write [{allowed_origins!r}].")
    origins = {_canonical_origin(origin) for origin in allowed_origins}
    if not isinstance(target, str) or len(target) > MAX_LENGTH or not _may_be_raw(target):
        return None
    if target.startswith("/"):
        return _emitted("", target)
    absolute = _ABSOLUTE.fullmatch(target)
    if absolute is None:
        return None
    origin = _origin(absolute[1], absolute[2])
    rest = absolute[3] or "/"
    if not rest.startswith("/"):
        rest = "/" + rest
    if origin == _this_origin():
        return _emitted("", rest)
    return _emitted(origin, rest) if origin in origins else None


def _may_be_raw(target: str) -> bool:
    try:
        target.encode()  # fails at a lone surrogate, which no URL can hold
    except UnicodeEncodeError:
        return False
    return _NEVER_RAW.search(target) is None


def _emitted(origin: str, reference: str) -> str | None:
    """Return ``reference``, which starts with a slash, at ``origin``, encoded; None if unsafe."""
    rest, _, fragment = reference.partition("#")
    path, _, query = rest.partition("?")
    if not _is_plain(path):
        return None
    url = origin + quote(path, _IN_PATH)
    if query:
        url += "?" + quote(query, _IN_QUERY)
    if fragment:
        url += "#" + quote(fragment, _IN_FRAGMENT)
    return url if len(url) <= MAX_LENGTH else None


def _is_plain(path: str) -> bool:
    """Tell whether ``path`` names one place, whoever resolves, decodes or normalises it.

    A raw backslash is a slash to browsers and a character to servers.
    """
    if "\\" in path:
        return False
    for _ in range(_DECODINGS):
        seen = normalize("NFKC", path).translate(_SLASHES)
        if seen.startswith("//") or _DOT_SEGMENT.search(seen) or _CONTROLS.search(seen):
            return False
        path = unquote(seen)
        if path == seen:
            return True
    return False


@lru_cache(maxsize=64)
def _canonical_origin(origin: str) -> str:
    scheme, _, authority = origin.partition("://")
    canonical = _origin(scheme, authority)
    match = _ORIGIN.fullmatch(canonical)
    if match is None or int(match["port"] or 1) > _HIGHEST_PORT:
        raise ValueError(
            f"{origin!r} is not an origin: write scheme and host, and the port if it is not the"
            " usual one, and nothing else, as in 'https://app.example' or 'http://localhost:5000'."
        )
    return canonical


def _this_origin() -> str | None:
    return _origin(request.scheme, request.host) if has_request_context() else None


def _origin(scheme: str, authority: str) -> str:
    """Return the origin in the one form that is compared: lower case, ASCII, no usual port."""
    scheme, authority = scheme.lower(), authority.lower()
    if not authority.isascii():
        authority = _in_ascii(authority)
    usual = ":443" if scheme == "https" else ":80"
    return f"{scheme}://{authority.removesuffix(usual)}"


def _in_ascii(authority: str) -> str:
    """Return an international host in ASCII; as it is when the two do not name each other."""
    try:
        encoded = authority.encode("idna")
        same = encoded.decode("idna") == authority
    except UnicodeError:
        return authority
    return encoded.decode("ascii") if same else authority
