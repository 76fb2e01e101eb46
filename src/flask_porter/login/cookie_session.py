"""Flask's own session cookie, opened only when the session is touched, its keys derived once."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

import flask.sessions
from flask import globals as flask_globals
from flask.ctx import AppContext
from flask.json.provider import DefaultJSONProvider
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from .cookie_header import read_cookie
from .key_ring import KeyRing
from .records import REMEMBERED_UNTIL, TOKEN
from .unopened_session import UnopenedSession, reader, touch, unopened

if TYPE_CHECKING:
    from flask import Flask, Request, Response
    from flask.sessions import SessionMixin
    from itsdangerous import URLSafeTimedSerializer

# The context that knows the request: since Flask 3.2 there is one context for both.
_context: Any = (
    flask_globals.app_ctx if hasattr(AppContext, "session") else flask_globals.request_ctx
)

# What the installed Flask knows to say about its cookie: the domain, the path and so on.
_ATTRIBUTES = tuple(
    name.removeprefix("get_cookie_")
    for name in dir(SecureCookieSessionInterface)
    if name.startswith("get_cookie_") and name != "get_cookie_name"
)


class CookieSessionInterface(SecureCookieSessionInterface):
    """Reads and writes the cookie of Flask's ``SecureCookieSessionInterface``, byte for byte.

    Either can take over from the other at any time. It differs in when it works: a session that
    nobody touches is not opened. Where an app has put something of its own in the place of
    Flask's (a session class, a serializer, a JSON provider, a method of this class), Flask's
    code runs, and opens the session at the start of the request.
    """

    def __init__(self) -> None:
        self._kept_ring: tuple[tuple[Any, ...], KeyRing | None] = ((), None)
        #: Seconds for which a cookie is read that names a record, whose own end decides; 0 on the
        #: bare floor, where ``PERMANENT_SESSION_LIFETIME`` alone does.
        self.longest_record: int = 0

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of ``request``, unopened if it has one, or None without a key."""
        if not app.secret_key:
            return None
        ring = self._key_ring(app)
        if ring is None:
            return super().open_session(app, request)
        cookie = read_cookie(request, self.get_cookie_name(app))
        session: SecureCookieSession
        if cookie:
            lifetime = int(app.permanent_session_lifetime.total_seconds())
            session = unopened(_Sealed(ring, cookie, lifetime, self.longest_record))
        else:
            session = SecureCookieSession()
        # The first session of a request is the one its context holds. Who asks for another, as
        # a test does for a session transaction, means to use it.
        if request.__dict__.setdefault(_KEPT_AS, session) is not session:
            touch(session)
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie and ``Vary`` if Flask would; otherwise leave ``response`` alone."""
        if type(session) is UnopenedSession:
            if not _may_need_refresh(app, session):
                return
            touch(session)
        accessed = session.accessed
        if session.modified or (session and self.should_set_cookie(app, session)):
            self._write(app, session, response)
        elif accessed:
            _vary_by_cookie(response)

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> datetime | None:
        """Return when the cookie ends: with its record, if that is a remembered one."""
        until = session.get(REMEMBERED_UNTIL) if self.longest_record else None
        if type(until) is int:
            return datetime.fromtimestamp(until, UTC)
        return super().get_expiration_time(app, session)

    def _write(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Set the cookie; or have Flask clear it, or decide, where the app has changed Flask."""
        ring = self._key_ring(app) if session and app.secret_key else None
        if ring is None:
            super().save_session(app, session, response)
            return
        attributes = {name: getattr(self, f"get_cookie_{name}")(app) for name in _ATTRIBUTES}
        expires = self.get_expiration_time(app, session)
        cookie = ring.sign(dict(session), int(time.time()))
        _vary_by_cookie(response)
        response.set_cookie(self.get_cookie_name(app), cookie, expires=expires, **attributes)

    def _key_ring(self, app: Flask) -> KeyRing | None:
        """Return the ring for the keys and settings of now, or None where Flask's code must run.

        Every change counts at once, so all of them are looked at each time.
        """
        settings = (
            app.secret_key,
            tuple(app.config.get("SECRET_KEY_FALLBACKS") or ()),
            self.salt,
            self.key_derivation,
            self.digest_method,
            self.serializer,
            self.session_class,
            type(app.json),
            self.get_signing_serializer,
            self.should_set_cookie,
        )
        kept_settings, ring = self._kept_ring
        if kept_settings != settings:
            ring = self._new_ring(app)
            self._kept_ring = (settings, ring)
        return ring

    def _new_ring(self, app: Flask) -> KeyRing | None:
        """Make a ring unless reading later, or not at all, could differ from reading now."""
        if (
            self.session_class is not SecureCookieSession
            or type(self.serializer) is not TaggedJSONSerializer
            or type(app.json) is not DefaultJSONProvider
            or not _is_flasks(self.get_signing_serializer)
            or not _is_flasks(self.should_set_cookie)
        ):
            return None
        return KeyRing(cast("URLSafeTimedSerializer", self.get_signing_serializer(app)))


def install_cookie_session(app: Flask) -> bool:
    """Give ``app`` a :class:`CookieSessionInterface`; return True when it has one now.

    Only Flask's own interface is replaced, and only as Flask made it: one that the app, a
    library or an instrumentation has changed stays. Calling it again changes nothing.
    """
    interface = app.session_interface
    if (
        type(interface) is SecureCookieSessionInterface
        and not vars(interface)
        and _is_flasks(interface.open_session)
        and _is_flasks(interface.save_session)
    ):
        app.session_interface = CookieSessionInterface()
    return isinstance(app.session_interface, CookieSessionInterface)


def opened_session(request: Request) -> SessionMixin | None:
    """Return the session of the current ``request``, or None if nobody has touched it yet.

    Asking touches nothing: the session stays unopened and is not marked as accessed, so the
    response gets no ``Vary: Cookie`` by it. The session of any other interface is there from
    the start and is always returned.
    """
    session: SessionMixin | None = getattr(request, _KEPT_AS, None)
    if session is None:
        # Flask 3.1.3 and later mark a session that is reached by its public name.
        session = getattr(_context, "_session", None)
        session = _context.session if session is None else session
    return None if type(session) is UnopenedSession else session


def replace_session(request: Request, session: SessionMixin) -> None:
    """Make ``session`` that of the current ``request``, for everybody who asks from now on."""
    request.__dict__[_KEPT_AS] = session
    # Since Flask 3.1.3 the public name is that of a property.
    setattr(_context, "_session" if hasattr(_context, "_session") else "session", session)


class _Sealed:
    """The content of a cookie that nobody has asked for yet."""

    __slots__ = ("_arrived", "_cookie", "_lifetime", "_max_age", "_ring")

    def __init__(self, ring: KeyRing, cookie: str, lifetime: int, longest_record: int) -> None:
        self._ring = ring
        self._cookie = cookie
        self._lifetime = lifetime
        self._max_age = max(lifetime, longest_record)
        self._arrived = int(time.time())

    def __call__(self) -> Any:
        """Return the data, or None when the cookie is not good."""
        signed = self._ring.signed(self._cookie, self._max_age, self._arrived)
        if signed is None:
            return None
        data = self._ring.data(signed)
        if self._arrived - signed.at <= self._lifetime or _names_a_record(data):
            return data
        return None

    def may_name(self, key: bytes) -> bool:
        """Return False only when the data cannot have ``key``."""
        signed = self._ring.signed(self._cookie, self._max_age, self._arrived)
        return signed is not None and self._ring.may_name(key, signed)


def _names_a_record(data: Any) -> bool:
    return isinstance(data, dict) and TOKEN in data


def _may_need_refresh(app: Flask, session: UnopenedSession) -> bool:
    """Tell whether Flask might send an untouched cookie again, as it does a permanent one."""
    if not app.config["SESSION_REFRESH_EACH_REQUEST"]:
        return False
    sealed: _Sealed | None = reader(session)
    return sealed is None or sealed.may_name(b"_permanent")


def _is_flasks(method: Any) -> bool:
    """Tell whether ``method`` is what Flask's ``sessions`` module defines, and not a wrapper."""
    function = getattr(method, "__func__", None)
    return type(function) is FunctionType and function.__globals__ is vars(flask.sessions)


def _vary_by_cookie(response: Response) -> None:
    """Add ``Vary: Cookie`` (RFC 9110 section 12.5.5); cheaply when it is the only one."""
    if "Vary" in response.headers:
        response.vary.add("Cookie")
    else:
        response.headers.add("Vary", "Cookie")


_KEPT_AS = "flask_porter_session"
