"""Fills in the settings that follow from others, or from where the app runs."""

from __future__ import annotations

import os
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .keys import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from datetime import timedelta

#: How long a log-in lasts, and how long without a request (NIST SP 800-63B-4 section 5.2).
PRESETS: Final[dict[str, tuple[timedelta, timedelta | None]]] = {
    "aal1": (30 * DAY, None),
    "aal2": (24 * HOUR, HOUR),
    "aal3": (12 * HOUR, 15 * MINUTE),
}


def resolve(
    values: dict[str, Any], *, name: str, root: str, debug: bool, testing: bool
) -> dict[str, Any]:
    """Return ``values`` with nothing left out that another key, or the app, decides.

    The path of the app, ``root``, is taken from the base URL: Flask puts it into every link.
    """
    mode = values["mode"] or ("development" if debug or testing else "production")
    development = mode == "development"
    absolute, idle = PRESETS[values["session_preset"]]
    if values["absolute_timeout"] is not None and idle is not None:
        idle = min(idle, values["absolute_timeout"])
    found = {
        "app_name": pretty(name),
        "mode": mode,
        "api_prefix": values["url_prefix"] + "/api",
        "database_at_start": development,
        "absolute_timeout": absolute,
        "idle_timeout": idle,
        "remember": values["session_preset"] != "aal3",
        "hash_concurrency": os.cpu_count() or 1,
        "password_peppers": MappingProxyType({}),
        "mail_url": "mailbox:" if development else None,
        "mail_from": _sender(values["base_url"], development=development),
    }
    given = {key: value for key, value in values.items() if value is not None}
    if values["base_url"] is not None and root.rstrip("/"):
        given["base_url"] = values["base_url"].removesuffix(root.rstrip("/"))
    return values | found | given


def pretty(name: str) -> str:
    """Return the name of a module as a title: "My shop" for ``my_shop.app``."""
    words = re.sub(r"[\W_]+", " ", name.partition(".")[0]).strip() or "App"
    return words[0].upper() + words[1:]


def _sender(base_url: str | None, *, development: bool) -> str | None:
    host = None if base_url is None else urlsplit(base_url).hostname
    if host is None:
        return "no-reply@localhost" if development else None
    return f"no-reply@{host}"
