"""What holds when the app says nothing: the values of Flask-Login, under Flask-Login's names."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

COOKIE_NAME: Final = "remember_token"
COOKIE_DURATION: Final = timedelta(days=365)
#: How long a hardened app lets a remember cookie live (NIST SP 800-63B-4 section 2.1.3).
HARDENED_COOKIE_DURATION: Final = timedelta(days=30)
COOKIE_SECURE: Final = False
COOKIE_HTTPONLY: Final = True
COOKIE_SAMESITE: Final[str | None] = None
COOKIE_PARTITIONED: Final = False

LOGIN_MESSAGE: Final = "Please log in to access this page."
LOGIN_MESSAGE_CATEGORY: Final = "message"
REFRESH_MESSAGE: Final = "Please reauthenticate to access this page."
REFRESH_MESSAGE_CATEGORY: Final = "message"

ID_ATTRIBUTE: Final = "get_id"
AUTH_HEADER_NAME: Final = "Authorization"
USE_SESSION_FOR_NEXT: Final = False

# Apps add methods to this very set, so every guard must look at it and not at a copy.
EXEMPT_METHODS: Final[set[str]] = {"OPTIONS"}

SESSION_KEYS: Final[set[str]] = {
    "_user_id",
    "_remember",
    "_remember_seconds",
    "_id",
    "_fresh",
    "next",
}
