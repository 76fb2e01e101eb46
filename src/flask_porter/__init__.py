"""Flask-Porter: who is this request, and everything around that question, for Flask."""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

from .login import signals as _signals
from .login.compat import install_as_flask_login as install_as_flask_login
from .login.current import current_user as current_user
from .login.defaults import AUTH_HEADER_NAME as AUTH_HEADER_NAME
from .login.defaults import COOKIE_DURATION as COOKIE_DURATION
from .login.defaults import COOKIE_HTTPONLY as COOKIE_HTTPONLY
from .login.defaults import COOKIE_NAME as COOKIE_NAME
from .login.defaults import COOKIE_SAMESITE as COOKIE_SAMESITE
from .login.defaults import COOKIE_SECURE as COOKIE_SECURE
from .login.defaults import EXEMPT_METHODS as EXEMPT_METHODS
from .login.defaults import ID_ATTRIBUTE as ID_ATTRIBUTE
from .login.defaults import LOGIN_MESSAGE as LOGIN_MESSAGE
from .login.defaults import LOGIN_MESSAGE_CATEGORY as LOGIN_MESSAGE_CATEGORY
from .login.defaults import REFRESH_MESSAGE as REFRESH_MESSAGE
from .login.defaults import REFRESH_MESSAGE_CATEGORY as REFRESH_MESSAGE_CATEGORY
from .login.defaults import SESSION_KEYS as SESSION_KEYS
from .login.defaults import USE_SESSION_FOR_NEXT as USE_SESSION_FOR_NEXT
from .login.errors import SetUpError as SetUpError
from .login.guards import fresh_login_required as fresh_login_required
from .login.guards import login_required as login_required
from .login.guards import set_login_view as set_login_view
from .login.manager import LoginManager as LoginManager
from .login.redirects import expand_login_view as expand_login_view
from .login.redirects import login_url as login_url
from .login.redirects import make_next_param as make_next_param
from .login.remember import decode_cookie as decode_cookie
from .login.remember import encode_cookie as encode_cookie
from .login.remember import login_remembered as login_remembered
from .login.require_login import public as public
from .login.require_login import require_login as require_login
from .login.requires import requires as requires
from .login.requires import role_required as role_required
from .login.safe_next import safe_next as safe_next
from .login.session import confirm_login as confirm_login
from .login.session import login_fresh as login_fresh
from .login.session import login_user as login_user
from .login.session import logout_user as logout_user
from .login.session import renew_stamp as renew_stamp
from .login.signals import login_refused as login_refused
from .login.signals import session_ended as session_ended
from .login.signals import session_protected as session_protected
from .login.signals import user_accessed as user_accessed
from .login.signals import user_forbidden as user_forbidden
from .login.signals import user_loaded as user_loaded
from .login.signals import user_loaded_from_cookie as user_loaded_from_cookie
from .login.signals import user_loaded_from_request as user_loaded_from_request
from .login.signals import user_logged_in as user_logged_in
from .login.signals import user_logged_out as user_logged_out
from .login.signals import user_login_confirmed as user_login_confirmed
from .login.signals import user_needs_refresh as user_needs_refresh
from .login.signals import user_unauthorized as user_unauthorized
from .login.users import AnonymousUserMixin as AnonymousUserMixin
from .login.users import UserMixin as UserMixin

__version__ = "0.1.0"

# Its packages are an extra, so a star import leaves it out.
_ACCOUNTS = {
    "Porter": "flask_porter.extension",
    "permission_required": "flask_porter.web.guards",
}

# Flask loads its test client when somebody tests, and so do we.
_FOR_TESTS = ("FlaskLoginClient", "LoginClient", "logged_in_as")

if TYPE_CHECKING:
    from blinker import NamedSignal

    from .extension import Porter as Porter
    from .login.testing import FlaskLoginClient as FlaskLoginClient
    from .login.testing import LoginClient as LoginClient
    from .login.testing import logged_in_as as logged_in_as
    from .web.guards import permission_required as permission_required

    user_loaded_from_header: NamedSignal
else:
    # Without it, a star import would leave out what loads late.
    _NOT_OURS = {"Any", "TYPE_CHECKING", "annotations", "login"}
    __all__ = [name for name in (*globals(), *_FOR_TESTS) if name[0] != "_"]
    __all__ = [name for name in __all__ if name not in _NOT_OURS]

    # Type checkers that see this function take every misspelt name for granted.
    def __getattr__(name: str) -> Any:
        if name in _ACCOUNTS:
            try:
                return getattr(_import_module(_ACCOUNTS[name]), name)
            except ModuleNotFoundError as error:
                if (error.name or "").startswith("flask_porter"):
                    raise
                text = f'{name} needs {error.name}: pip install "flask-porter[accounts]"'
                raise ImportError(text, name=error.name) from error
        if name in _FOR_TESTS:
            return getattr(_import_module("flask_porter.login.testing"), name)
        if name == "user_loaded_from_header":
            return _signals.user_loaded_from_header
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
