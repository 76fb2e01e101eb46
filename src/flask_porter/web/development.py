"""What is convenient in development, and refuses to exist elsewhere."""

from __future__ import annotations

import os
import secrets
from ipaddress import ip_address
from typing import TYPE_CHECKING

from flask import current_app, request
from werkzeug.exceptions import Forbidden

from .own_paths import app_root

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from ..settings import Settings

_KEY_FILE = "porter-development.key"


class BaseUrl:
    """The address that mails name: the configured one; never what a request says.

    In development, where nobody but this machine may ask, it is the address last asked by.
    """

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._configured = settings.base_url
        self._seen = f"http://localhost:{os.environ.get('FLASK_RUN_PORT', '5000')}"
        self._root: str = app.config["APPLICATION_ROOT"]

    def note(self) -> None:
        """Remember how this machine is asked, in development alone."""
        self._seen, self._root = request.host_url.rstrip("/"), app_root()

    def link(self, flow: str, token: str) -> str:
        """Return the URL of a mailed link."""
        root = self._app.config["APPLICATION_ROOT"] if self._configured else self._root
        adapter = self._app.url_map.bind("localhost", script_name=root.rstrip("/") or "/")
        path = adapter.build(f"porter.{flow}", {"token": token})
        return f"{(self._configured or self._seen).rstrip('/')}{path}"


def development_key(folder: Path) -> str:
    """Return the key of the development server, made once and kept in the instance folder."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / _KEY_FILE
    try:
        with os.fdopen(os.open(kept, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return kept.read_text().strip()


def refuse_strangers() -> None:
    """Answer nobody but this machine: cookies and mail are not safe in development."""
    if current_app.testing or (is_loopback_name(request.host) and is_from_here()):
        return
    raise Forbidden(
        "This app runs in development mode, which answers this machine alone. Set"
        " PORTER_MODE = 'production' to let others in."
    )


def is_from_here() -> bool:
    """Tell whether the current request comes from this machine, and over no proxy on another.

    ``ProxyFix`` takes the address from a header, which a stranger who asks the app itself makes up.
    """
    before: dict[str, str] = request.environ.get("werkzeug.proxy_fix.orig", {})
    said = {request.remote_addr, before.get("REMOTE_ADDR", request.remote_addr)}
    try:
        return all(ip_address(address or "").is_loopback for address in said)
    except ValueError:
        return False


def is_loopback_name(host: str) -> bool:
    """Tell whether a host, with or without a port, can only be this machine (RFC 6761 6.3)."""
    name = host.rpartition(":")[0] if host.count(":") == 1 else host
    name = name.partition("]")[0].lstrip("[").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
