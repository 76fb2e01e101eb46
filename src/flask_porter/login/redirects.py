"""Where visitors are sent to log in, and the `next` that says where they wanted to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from flask import current_app, has_request_context, request, url_for

from .safe_next import MAX_LENGTH

if TYPE_CHECKING:
    from flask import Request

_A_PREFIX = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
_SLASHES_IN_FRONT = re.compile(r"[/\\\x00-\x20]*")
_A_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?")


def login_url(login_view: str, next_url: str | None = None, next_field: str = "next") -> str:
    """Return the URL of the log-in page, with ``next_url`` in its query when one is given.

    ``FORCE_HOST_FOR_REDIRECTS`` replaces the host of an URL that carries ``next_url``.
    """
    base = expand_login_view(login_view)
    if next_url is None:
        return base
    parts = urlsplit(base)
    query: dict[str, list[str] | str] = {}
    if parts.query:
        query.update(parse_qs(parts.query, keep_blank_values=True))
    query[next_field] = make_next_param(base, next_url)
    host: str = current_app.config.get("FORCE_HOST_FOR_REDIRECTS") or parts.netloc
    return parts._replace(netloc=host, query=urlencode(query, doseq=True)).geturl()


def make_next_param(login_url: str, current_url: str) -> str:
    """Return ``current_url`` without scheme, host and fragment when ``login_url`` shares them.

    What is left of it never starts with two slashes, nor has a backslash in its path: browsers
    take both for the start of a host (URL Standard, section 4.4, "relative slash state").
    """
    login, current = urlsplit(login_url), urlsplit(current_url)
    if login.scheme not in ("", current.scheme) or login.netloc not in ("", current.netloc):
        return current_url
    path = current.path.replace("\\", "%5C")
    if path.startswith("//"):
        path = "/" + path.lstrip("/")
    return f"{path}?{current.query}" if current.query else path


def expand_login_view(login_view: str) -> str:
    """Return the URL of a view that is named by its endpoint; an URL or a path as it is."""
    if login_view.startswith(("https://", "http://", "/")):
        return login_view
    url = url_for(login_view)
    # Behind a proxy that passes on a visitor's own X-Forwarded-Prefix, the prefix may be "//evil".
    if has_request_context() and not _A_PREFIX.fullmatch(request.environ.get("SCRIPT_NAME") or "/"):
        return _SLASHES_IN_FRONT.sub("/", url, count=1)
    return url


def next_target(request: Request, *, hardened: bool) -> str | None:
    """Return the URL of ``request`` as a `next` for after log-in; None when it cannot be one.

    Hardened, only what GET and HEAD ask for is such an URL, for the redirect after log-in is a
    GET, and only up to the length that :func:`safe_next` will let pass.
    """
    if hardened and request.method not in ("GET", "HEAD"):
        return None
    try:
        url = request.url
    except ValueError:
        url = _url_in_ascii(request)
    return None if hardened and len(url) > MAX_LENGTH else url


def on_this_host(request: Request, path: str) -> str:
    """Return the URL of ``path`` on the host of ``request``; the path alone if that is no host."""
    host = request.host
    return f"{request.scheme}://{host}{path}" if _A_HOST.fullmatch(host) else path


def _url_in_ascii(request: Request) -> str:
    """Return the URL of a request whose Host cannot be decoded (for one, IDNA 2008's "ß")."""
    url = quote(request.root_path.rstrip("/") + request.path)
    if request.query_string:
        url += "?" + quote(request.query_string, safe="%!$&'()*+,/:;=?@")
    return on_this_host(request, url)
