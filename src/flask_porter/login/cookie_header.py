"""One cookie out of the ``Cookie`` header, without taking all the others apart."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request as WerkzeugRequest

if TYPE_CHECKING:
    from flask import Request

_WERKZEUGS_COOKIES = WerkzeugRequest.cookies


def read_cookie(request: Request, name: str) -> str | None:
    """Return the value of the cookie ``name``: the same as ``request.cookies.get(name)``.

    Werkzeug's parser decides wherever the header leaves anything to decide: when the name turns
    up more than once, or something is quoted.
    """
    if "cookies" in request.__dict__ or type(request).cookies is not _WERKZEUGS_COOKIES:
        return request.cookies.get(name)
    header: str = request.environ.get("HTTP_COOKIE", "")
    if not header:
        return None
    pattern = _plain_cookie(name)
    if pattern is not None:
        times = header.count(name)
        if times == 0:
            return None
        if times == 1 and '"' not in header and (found := pattern.search(header)):
            return found[1]
    return request.cookies.get(name)


@lru_cache(maxsize=32)
def _plain_cookie(name: str) -> re.Pattern[str] | None:
    """Match ``name=value`` where it stands by itself; None for a name that is no token.

    A name is a token (RFC 9110 section 5.6.2). The value is that of RFC 6265 section 4.1.1, with
    comma and backslash, which browsers send.
    """
    if re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII) is None:
        return None
    return re.compile(rf"(?:\A|; ?){re.escape(name)}=([!#-:<-~]*)(?:;|\Z)")
