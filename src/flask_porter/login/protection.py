"""Session protection: whether the client that shows a session looks like the one that began it."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha512
from typing import TYPE_CHECKING

from . import session as login_session
from .current import current_manager, current_request, current_session, this_app
from .signals import session_protected

if TYPE_CHECKING:
    from flask.sessions import SessionMixin

    from .manager import LoginManager


def _create_identifier() -> str:
    """Return the text that stands for this client: a digest of its address and user agent."""
    if getattr(current_manager(), "legacy_identifier", None) == "0.6":
        return released_identifier()
    return identifier()


def identifier() -> str:
    """Return the identifier as Flask-Login's main branch writes it."""
    request = current_request()
    return _identifier(request.remote_addr, request.environ.get("HTTP_USER_AGENT", ""))


def released_identifier() -> str:
    """Return the identifier as Flask-Login 0.6.3 writes it.

    It believes X-Forwarded-For, which any client can forge: good enough to recognise a session
    that an older node has signed, and for nothing else.
    """
    request = current_request()
    environ = request.environ
    address = environ.get("HTTP_X_FORWARDED_FOR", request.remote_addr)
    return _released_identifier(address, environ.get("HTTP_USER_AGENT"))


def protect(manager: LoginManager) -> bool:
    """Hold the session against the client; return True when that ended the log-in.

    A session that belongs to another client goes stale in basic protection, and in strong
    protection it ends. A permanent one only goes stale there too, as with Flask-Login, unless
    the manager is hardened.
    """
    mode = this_app().config.get("SESSION_PROTECTION", manager.session_protection)
    if mode not in ("basic", "strong"):
        return False
    session = current_session()
    if not session or _same_client(manager, session):
        return False
    if mode == "basic" or (session.permanent and not manager.hardened):
        login_session.go_stale()
        session_protected.send(this_app())
        return False
    login_session.forget_login()
    session_protected.send(this_app())
    return True


def _same_client(manager: LoginManager, session: SessionMixin) -> bool:
    known = session.get("_id")
    if known is None:
        return False
    written = manager._session_identifier_generator
    if known == written():
        return True
    if written is not _create_identifier or manager.legacy_identifier is None:
        return False
    if manager.legacy_identifier == "0.6":
        # Not rewritten: an older node would end the session that carries the newer form.
        return bool(known == identifier())
    if known != released_identifier():
        return False
    login_session.renew_identifier()
    return True


# A client that comes back looks the same, and most come back.
@lru_cache(maxsize=256)
def _identifier(address: str | None, agent: str) -> str:
    return _digest(f"{address}|{agent}")


@lru_cache(maxsize=256)
def _released_identifier(address: str | None, agent: str | None) -> str:
    first = None if address is None else address.encode().split(b",")[0].strip()
    return _digest(f"{first!r}|{None if agent is None else agent.encode()!r}")


def _digest(text: str) -> str:
    return sha512(text.encode()).hexdigest()
