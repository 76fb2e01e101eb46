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
    if name not in header and name.isascii():
        return None
    if '"' not in header and header.count(name) == 1:
        found = _plain_cookie(name).search(header)
        if found is not None:
            return found[1]
    return request.cookies.get(name)


@lru_cache(maxsize=32)
def _plain_cookie(name: str) -> re.Pattern[str]:
    """Match ``name=value`` where it stands by itself.

    The value is that of RFC 6265 section 4.1.1, with comma and backslash, which browsers send.
    """
    return re.compile(rf"(?:\A|; ?){re.escape(name)}=([!#-:<-~]*)(?:;|\Z)")
