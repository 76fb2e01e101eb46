"""Reads the settings of an app, and sets what its mode asks of Flask itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..settings import read_settings
from .development import development_key

if TYPE_CHECKING:
    from flask import Flask

    from ..settings import Settings


def settings_of(app: Flask) -> Settings:
    """Read the settings, and make up in development what only production must choose."""
    config: dict[str, Any] = dict(app.config)
    is_development = config.get("PORTER_MODE") == "development" or (
        config.get("PORTER_MODE") is None and (app.debug or app.testing)
    )
    if is_development and not app.secret_key:
        app.secret_key = config["SECRET_KEY"] = development_key(Path(app.instance_path))
    settings = read_settings(config, name=_name(app), debug=app.debug, testing=app.testing)
    _keep_whole_keys(app)
    if settings.mode == "production":
        _harden_cookie(app)
    return settings


def _keep_whole_keys(app: Flask) -> None:
    """Have Flask verify sessions by the older keys that we have read (ASVS 13.3.4).

    Flask takes each item for a key: each letter of a text, and an empty one too. Whoever guesses
    it signs what they like.
    """
    given = app.config.get("SECRET_KEY_FALLBACKS")
    if given:
        keys = [given] if isinstance(given, str | bytes) else given
        app.config["SECRET_KEY_FALLBACKS"] = [key for key in keys if key]


def _name(app: Flask) -> str:
    """Return what the app is called: its module, or the folder of one that is called like all."""
    return Path(app.root_path).name if app.name in {"app", "main", "wsgi"} else app.name


def _harden_cookie(app: Flask) -> None:
    """Have Flask's session cookie sent over HTTPS alone, for this host alone (RFC 6265bis 4.1.3).

    What the app has chosen itself stays; ``flask porter doctor`` looks at it.
    """
    config = app.config
    config["SESSION_COOKIE_SECURE"] = True
    if config["SESSION_COOKIE_SAMESITE"] is None:
        config["SESSION_COOKIE_SAMESITE"] = "Lax"
    if config["SESSION_COOKIE_NAME"] == "session" and config["APPLICATION_ROOT"] == "/":
        config["SESSION_COOKIE_NAME"] = "__Host-session"
        config["SESSION_COOKIE_PATH"] = "/"
