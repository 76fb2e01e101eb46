"""Puts the login floor below an app with accounts: one manager, which asks the session records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import SetUpError
from ..login.cookie_session import CookieSessionInterface
from ..login.lost_guards import refuse_lost_guards
from ..login.manager import LoginManager
from ..login.users import Nobody
from . import loaders
from .kept_requests import keep_request

if TYPE_CHECKING:
    from flask import Flask

    from ..settings import Settings


def make_login_manager(app: Flask, settings: Settings) -> LoginManager[Any]:
    """Return the manager of ``app``, hardened.

    Raises:
        SetUpError: the app has one already.
    """
    if hasattr(app, "login_manager"):
        raise SetUpError(
            "The app has a LoginManager, and Porter brings its own: leave yours out, with its"
            " user_loader; what you set on it, set on 'app.login_manager' after Porter."
        )
    manager: LoginManager[Any] = LoginManager()
    manager.hardened = True
    manager.anonymous_user = Nobody
    manager.session_protection = None
    manager.legacy_identifier = None
    manager.login_view = "porter.login"
    manager.refresh_view = "porter.reauthenticate"
    manager.login_message = None
    manager.needs_refresh_message = None
    manager.session_records = loaders.Records()
    manager.keep_request = keep_request
    manager.user_loader(loaders.load_user)
    manager.request_loader(loaders.load_user_from_request)
    manager.init_app(app)
    if isinstance(app.session_interface, CookieSessionInterface):
        app.session_interface.longest_record = int(settings.remember_for.total_seconds())
    return manager


def refuse_wrong_set_up(app: Flask) -> None:
    """See what can be seen once the app is whole.

    Raises:
        SetUpError: the manager is another by now, or a guard stands where it guards nothing.
    """
    if getattr(app, "login_manager", None) is not app.extensions["porter"].manager:
        raise SetUpError(
            "Another LoginManager has come after Porter, so no session record decides anything:"
            " leave yours out; 'app.login_manager' is the one of Porter."
        )
    refuse_lost_guards(app)
