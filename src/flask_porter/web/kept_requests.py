"""Keeps a POST that came before its user was fresh, so that nothing typed is lost."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from flask import request

from ..errors import Refusal
from ..flows.kept_requests import InterruptedRequest, keep
from ..flows.run import run
from ..login.safe_next import safe_next
from .own_paths import own_url
from .request import accounts, around, caller

#: The endpoint of the page that offers it again.
PAGE: Final = "porter.resume_request"

_FORM: Final = "application/x-www-form-urlencoded"
_LONGEST_PATH: Final = 2000
#: What stands for itself in a path (RFC 3986 section 3.3).
_PLAIN: Final = "/!$&'()*+,:;=@"


def keep_request() -> str | None:
    """Keep the current request and return the page that will offer to send it again.

    None for what cannot be kept: another method, files, JSON, or too much of it.
    """
    if request.endpoint == PAGE:
        # Pressed too late: it is kept already, and its page can be shown again.
        return own_url(PAGE, **(request.view_args or {}))
    path = _path()
    if safe_next(path) is None:
        return None
    if request.method != "POST" or len(path) > _LONGEST_PATH or around().resumed is None:
        return None
    length = request.content_length
    if length is None or length > accounts().settings.kept_request_max_bytes:
        return None
    if request.mimetype not in {_FORM, "multipart/form-data", ""} or request.files:
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True)]
    try:
        form = InterruptedRequest(path=path, fields=fields)
        outcome = run(accounts(), caller("pages"), keep, form)
    except (Refusal, ValueError):
        return None
    return own_url(PAGE, id=outcome.values["id"])


def _path() -> str:
    """Return where the current request went, as a browser writes it."""
    path = quote(request.root_path + request.path, _PLAIN)
    query = quote(request.query_string, _PLAIN + "?%")
    return f"{path}?{query}" if query else path
