"""What the application runs with: nothing to edit, and no secret in the source."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

FRESH_FOR = timedelta(minutes=1)
"""How long a typed password opens sensitive pages: short, so that one can see it run out."""


def defaults() -> dict[str, object]:
    """Return the settings that hold until the environment or a caller says otherwise."""
    return {
        "SECRET_KEY": os.environ.get("SECRET_KEY"),
        "SQLALCHEMY_DATABASE_URI": database_url(os.environ.get("DATABASE_URL")),
        "SESSION_COOKIE_SAMESITE": "Lax",
        # How long a log-in lasts: without a click, without one at a shared computer, and in all.
        # OWASP Session Management Cheat Sheet, "Session Expiration".
        "IDLE_SECONDS": 30 * 60,
        "SHARED_IDLE_SECONDS": 20,
        "ABSOLUTE_SECONDS": 8 * 60 * 60,
        # How long the browser keeps the cookie: longer than any log-in, so that a visitor who was
        # logged out still shows one, and can be told why.
        "PERMANENT_SESSION_LIFETIME": timedelta(days=1),
        # A form lives as long as its session: a page left open over lunch can still be sent.
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": 16 * 1024,
    }


def instance_path() -> str | None:
    """Return the folder for the database and the key; None lets Flask choose `instance/`."""
    folder = os.environ.get("ROLES_INSTANCE")
    return str(Path(folder).absolute()) if folder else None


def database_url(url: str | None) -> str:
    """Return the address for SQLAlchemy: SQLite in the instance folder, or the one given."""
    if not url:
        return "sqlite:///roles.sqlite"
    scheme, mark, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        scheme = "postgresql+psycopg"
    return scheme + mark + rest


def kept_secret_key(folder: Path) -> str:
    """Return the key kept in `folder`, made on first use and readable by its owner alone."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "secret_key"
    if not kept.exists():
        handle, draft = tempfile.mkstemp(dir=folder)  # with mode 0600
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
        # Linking is atomic, so two processes that start together end with one key.
        with suppress(FileExistsError):
            os.link(draft, kept)
        Path(draft).unlink()
    return kept.read_text()
