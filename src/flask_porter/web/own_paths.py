"""Paths as the settings write them, from the root of the app, made paths of its site."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote

from flask import current_app, has_request_context, request, url_for

#: Browsers take two slashes for the start of a host (URL Standard, section 4.4), and whatever
#: stands before the first one may be a scheme.
_IN_FRONT: Final = re.compile(r"[/\\\x00-\x20]*")


def app_root() -> str:
    """Return the path below which the app is, without a slash at its end; empty for the whole site.

    It is what the server says of this request (``SCRIPT_NAME``), else ``APPLICATION_ROOT``. It
    never begins with two slashes, even if a proxy passes on a prefix that a visitor has made up.
    """
    root: str = (
        quote(request.root_path)
        if has_request_context()
        else current_app.config["APPLICATION_ROOT"] or ""
    )
    root = root.strip("/")
    return f"/{root}" if root else ""


def on_this_site(url: str) -> str:
    """Return a URL that ``url_for`` has made, in which no prefix of a visitor's names a host."""
    return _IN_FRONT.sub("/", url, count=1)


def own_url(endpoint: str, **values: Any) -> str:
    """Return the path of one of our pages, on this site whatever a proxy passes on."""
    return on_this_site(url_for(endpoint, **values))


def site_path(path: str) -> str:
    """Return ``path``, which begins with a slash and is counted from the root of the app."""
    return app_root() + path
