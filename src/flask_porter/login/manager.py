"""The login manager: what an app plugs in, and the order in which it is asked."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal

from flask import abort, current_app, flash, has_app_context, redirect, request

from . import answers, callbacks, defaults, protection, remember, stamps, timeouts
from . import session as login_session
from .cookie_session import install_cookie_session
from .current import _user_context_processor, current_request, current_session, keep_user, this_app
from .redirects import expand_login_view, login_url, make_next_param, next_target
from .signals import (
    _user_loaded_from_header,
    login_refused,
    user_accessed,
    user_loaded,
    user_loaded_from_cookie,
    user_loaded_from_request,
    user_needs_refresh,
    user_unauthorized,
)
from .typed_users import Callback, TypedUsers, User
from .users import AnonymousUserMixin

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime, timedelta

    from flask import Flask, Request, Response

    from .records import SessionRecords


class MissingLoaderError(Exception):
    """The app has not said how its users are found.

    Not a RuntimeError: Werkzeug's proxies take one for "unbound", and ``if current_user:`` would
    never show it.
    """


class LoginManager(TypedUsers[User]):
    """Knows how this app finds its users, and what it answers to those who are not logged in.

    Its attributes are plain and may be assigned at any time; each is read when it is needed.

    Args:
        app: the app to work for; or call :meth:`init_app` later, for one app or several.
        add_context_processor: name ``current_user`` in every template.
    """

    #: The records that stand behind the sessions; None on the bare floor.
    session_records: SessionRecords | None = None
    #: Keeps a request that came before its user was fresh, and returns where it waits; None when
    #: it cannot be kept. On the bare floor such a request is lost.
    keep_request: Callable[[], str | None] | None = None

    def __init__(self, app: Flask | None = None, add_context_processor: bool = True) -> None:
        #: Makes the user of a request that nobody is logged in to; called anew each time.
        self.anonymous_user: Callable[[], Any] = AnonymousUserMixin
        #: Where visitors are sent to log in: an endpoint, a path or an URL. None answers 401.
        self.login_view: str | None = None
        #: The same for single blueprints, by name; see :func:`set_login_view`.
        self.blueprint_login_views: dict[str | None, str | None] = {}
        #: What is flashed on the way there; None flashes nothing.
        self.login_message: Any = defaults.LOGIN_MESSAGE
        self.login_message_category: str = defaults.LOGIN_MESSAGE_CATEGORY
        #: Where users are sent to prove again who they are. None answers 401.
        self.refresh_view: str | None = None
        self.needs_refresh_message: Any = defaults.REFRESH_MESSAGE
        self.needs_refresh_message_category: str = defaults.REFRESH_MESSAGE_CATEGORY
        #: ``"basic"``, ``"strong"`` or None; the key ``SESSION_PROTECTION`` beats it.
        self.session_protection: str | None = "basic"
        #: Translates the messages before they are flashed.
        self.localize_callback: Callable[[Any], Any] | None = None
        self.unauthorized_callback: Callable[[], Any] | None = None
        self.needs_refresh_callback: Callable[[], Any] | None = None
        #: The name of the method that gives a user's id.
        self.id_attribute: str = defaults.ID_ATTRIBUTE
        #: Which form of the client identifier to write beside older nodes: ``"0.6"`` writes that
        #: of Flask-Login 0.6.3, ``"main"`` that of its main branch; both accept both. None
        #: writes and accepts only the latter.
        self.legacy_identifier: str | None = "0.6"
        #: The one switch for what is better but differs from Flask-Login: session data renewed at
        #: log-in and cleared at log-out, answers that fit the client, ``Cache-Control: no-store``,
        #: dated remember cookies of 30 days at most, ``next`` for GET and HEAD only.
        self.hardened: bool = False
        self._challenge = answers.CHALLENGE
        #: The session keys that a hardened log-in keeps, for one ``("cart", "next")``.
        self.carry_over: Collection[str] = ()
        #: How long a log-in lasts without a request, and how long in all; None for no limit.
        self.idle_timeout: timedelta | None = None
        self.absolute_timeout: timedelta | None = None
        #: From when on a session must carry the stamp of a user who offers one, by the time it was
        #: signed. Set it once no older node writes sessions; None accepts those without.
        self.stamp_required_from: datetime | None = None
        #: ``"signed"`` writes the remember cookie in the second format, ``"legacy"`` in that of
        #: Flask-Login. None: the second one if hardened, or for a user who offers a stamp.
        self.remember_format: Literal["signed", "legacy"] | None = None
        #: Until when Flask-Login's format is accepted. None: always, and never if hardened.
        self.legacy_remember_until: datetime | None = None
        self._user_callback = None
        self._request_callback = None
        self._header_callback: Callable[[str], Any] | None = None
        self._session_identifier_generator: Callable[[], str] = protection._create_identifier
        if app is not None:
            self.init_app(app, add_context_processor)

    def init_app(self, app: Flask, add_context_processor: bool = True) -> None:
        """Work for ``app`` as well.

        Flask's own session interface is replaced by one that reads and writes the same cookie and
        opens it only when needed; set ``LOGIN_COOKIE_SESSION`` to False before to keep Flask's.
        """
        app.login_manager = self  # type: ignore[attr-defined]
        if app.config.get("LOGIN_COOKIE_SESSION", True):
            install_cookie_session(app)
        app.after_request(self._update_remember_cookie)
        if add_context_processor:
            app.context_processor(_user_context_processor)

    def unauthorized_handler(self, callback: Callback) -> Callback:
        """Register the function that answers visitors who are not logged in."""
        self.unauthorized_callback = callback
        return callback

    def needs_refresh_handler(self, callback: Callback) -> Callback:
        """Register the function that answers users whose log-in is not fresh."""
        self.needs_refresh_callback = callback
        return callback

    @property
    def challenge(self) -> str:
        """What ``WWW-Authenticate`` says with a 401 of ours, when hardened; never ``Basic``."""
        return self._challenge

    @challenge.setter
    def challenge(self, challenge: str) -> None:
        self._challenge = answers.checked_challenge(challenge)

    def unauthorized(self) -> Any:
        """Answer a visitor who is not logged in: by the handler, a redirect to log in, or 401."""
        user_unauthorized.send(this_app())
        if self.unauthorized_callback is not None:
            return callbacks.call(self.unauthorized_callback)
        # A blueprint that is listed with no view wants the 401, not the view of the app.
        view = self.blueprint_login_views.get(request.blueprint, self.login_view)
        return self._ask("login_required", view, self.login_message, self.login_message_category)

    def needs_refresh(self) -> Any:
        """Answer a user whose log-in is not fresh: by the handler, a redirect, or 401."""
        user_needs_refresh.send(this_app())
        if self.needs_refresh_callback is not None:
            return callbacks.call(self.needs_refresh_callback)
        return self._ask(
            "fresh_login_required",
            self.refresh_view,
            self.needs_refresh_message,
            self.needs_refresh_message_category,
        )

    def _ask(self, reason: str, view: str | None, message: Any, category: str) -> Any:
        def way_to(here: str | None) -> str:
            if here is None and reason == "fresh_login_required" and self.keep_request is not None:
                here = self.keep_request()
            return self._way_to(view or "", here, message, category)

        if self.hardened:
            return answers.ask_to_log_in(reason, view, self.challenge, way_to)
        if not view:
            abort(401)
        return redirect(way_to(next_target(request, hardened=False)), code=302)

    def _way_to(self, view: str, here: str | None, message: Any, category: str) -> str:
        """Flash ``message`` and return the URL of ``view``, which learns where visitors were."""
        if message:
            if self.localize_callback is not None:
                message = self.localize_callback(message)
            flash(message, category=category)
        if current_app.config.get("USE_SESSION_FOR_NEXT", defaults.USE_SESSION_FOR_NEXT):
            target = expand_login_view(view)
            login_session.keep_next(None if here is None else make_next_param(target, here))
        else:
            target = login_url(view, next_url=here)
        return target

    def _load_user(self) -> None:
        """Find the user of this request and keep it: session, remember cookie, then request.

        Raises:
            MissingLoaderError: the app has registered no loader.
        """
        if not (self._user_callback or self._request_callback or self._header_callback):
            raise MissingLoaderError(
                "Missing user_loader or request_loader: the login manager cannot find users."
                " Register a function that returns a user or None with"
                " '@login_manager.user_loader'."
            )
        user_accessed.send(this_app())
        if self._session_protection_failed():
            return self._update_request_context_with_user()
        user = self._load_user_from_session()
        if user is None and not remember.is_being_cleared():
            cookie = remember.received()
            if cookie is not None:
                user = self._load_user_from_remember_cookie(cookie)
        if user is None and self._request_callback is not None:
            user = self._load_user_from_request(current_request())
        elif user is None and self._header_callback is not None:
            name = current_app.config.get("AUTH_HEADER_NAME", defaults.AUTH_HEADER_NAME)
            if name in request.headers:
                user = self._load_user_from_header(request.headers[name])
        return self._update_request_context_with_user(user)

    def _session_protection_failed(self) -> bool:
        return protection.protect(self)

    def _load_user_from_session(self) -> Any:
        user_id = current_session().get("_user_id")
        if self._user_callback is None or not login_session.is_user_id(user_id):
            return None
        if (reason := timeouts.why_over(self)) is not None:
            login_session.end(reason)
            return None
        user = callbacks.call(self._user_callback, user_id)
        if (reason := self._why_refused(user, user_id)) is not None:
            if reason != "user_missing" or self.hardened:
                login_session.end(reason)
            return None
        if not stamps.session_holds(self, user, user_id):
            login_session.end("stamp_changed")
            return None
        user_loaded.send(this_app(), user=user, source="session")
        return user

    def _load_user_from_remember_cookie(self, cookie: str) -> Any:
        """Return the user whom the cookie names, logged in anew but stale; None for a junk one."""
        if self._user_callback is None:
            return None
        token = remember.read(cookie)
        if token is None:
            return self._refuse_remember_cookie(None, "remember_cookie_invalid")
        user = callbacks.call(self._user_callback, token.user_id)
        if (reason := self._why_refused(user, token.user_id)) is not None:
            return self._refuse_remember_cookie(user, reason)
        if not stamps.cookie_holds(self, user, token):
            return self._refuse_remember_cookie(user, "stamp_changed")
        login_session.restore(user, token)
        # Handlers of the signals may read current_user.
        self._update_request_context_with_user(user)
        user_loaded_from_cookie.send(this_app(), user=user)
        user_loaded.send(this_app(), user=user, source="remember_cookie")
        return user

    def _why_refused(self, user: Any, user_id: Any) -> str | None:
        if user is None:
            return "user_missing"
        if not self.hardened:
            return None
        if str(getattr(user, self.id_attribute)()) != str(user_id):
            return "user_mismatch"
        return None if user.is_active else "inactive"

    def _refuse_remember_cookie(self, user: Any, reason: str) -> None:
        """Say why the cookie counts for nothing, and clear it where it can never count again.

        On the bare floor a cookie that cannot be read stays: another node may know its key.
        """
        login_refused.send(this_app(), user=user, reason=reason)
        if self.hardened or reason == "stamp_changed":
            login_session.order_clearing()

    def _load_user_from_request(self, request: Request) -> Any:
        if self._request_callback is None:
            return None
        user = callbacks.call(self._request_callback, request)
        if user is not None:
            user_loaded_from_request.send(this_app(), user=user)
            user_loaded.send(this_app(), user=user, source="request")
        return user

    def _load_user_from_header(self, header: str) -> Any:
        if self._header_callback is None:
            return None
        user = callbacks.call(self._header_callback, header)
        if user is not None:
            _user_loaded_from_header.send(this_app(), user=user)
            user_loaded.send(this_app(), user=user, source="header")
        return user

    def _update_request_context_with_user(self, user: Any = None) -> None:
        """Make ``user`` the user of this request; an anonymous one when left out."""
        if user is None:
            keep_user(self.anonymous_user())
        else:
            keep_user(user, is_known=True)

    def _update_remember_cookie(self, response: Response) -> Response:
        order = login_session.take_cookie_order()
        if order == "clear":
            self._clear_cookie(response)
        elif order == "set":
            self._set_cookie(response)
        if self.hardened:
            answers.keep_out_of_caches(response)
        return response

    def _set_cookie(self, response: Response) -> None:
        remember.set_cookie(response)

    def _clear_cookie(self, response: Response) -> None:
        remember.clear_cookie(response)

    def setup_app(self, app: Flask, add_context_processor: bool = True) -> None:
        """Deprecated since Flask-Login 0.6.2: call :meth:`init_app`."""
        _deprecated("setup_app", "init_app")
        self.init_app(app, add_context_processor)

    def header_loader(self, callback: Callback) -> Callback:
        """Deprecated since Flask-Login 0.6.2: register a :meth:`request_loader`.

        The callback gets the text of the header that ``AUTH_HEADER_NAME`` names.
        """
        _deprecated("header_loader", "request_loader")
        self._header_callback = callback
        return callback

    @property
    def _login_disabled(self) -> bool:
        _deprecated("_login_disabled", "app.config['LOGIN_DISABLED']")
        return has_app_context() and bool(current_app.config.get("LOGIN_DISABLED", False))

    @_login_disabled.setter
    def _login_disabled(self, disabled: bool) -> None:
        _deprecated("_login_disabled", "app.config['LOGIN_DISABLED']")
        current_app.config["LOGIN_DISABLED"] = disabled


def _deprecated(old: str, new: str) -> None:
    warnings.warn(f"'{old}' is deprecated: use '{new}'.", DeprecationWarning, stacklevel=3)
