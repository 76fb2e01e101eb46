"""Tells Flask-Porter how to find a user, how long a log-in lasts, and what to answer whom."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Request, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from flask_porter import LoginManager, login_url

from . import endings
from .database import db
from .errors import wants_json
from .models import User, find_by_api_key

SHARED = "shared_computer"


class DeskLoginManager(LoginManager[User]):
    """Is less patient at a shared computer; for one limit, assigning `idle_timeout` is enough."""

    @property
    def idle_timeout(self) -> timedelta | None:
        key = "SHARED_IDLE_SECONDS" if session.get(SHARED) else "IDLE_SECONDS"
        return timedelta(seconds=current_app.config[key])

    @idle_timeout.setter
    def idle_timeout(self, limit: timedelta | None) -> None:
        """Leave the limits to the configuration."""


def init_app(app: Flask) -> None:
    manager = DeskLoginManager(app)
    manager.hardened = True
    manager.login_view = "auth.log_in"
    # No handler for this one: a person is redirected, a script gets the same in JSON.
    manager.refresh_view = "auth.prove"
    manager.needs_refresh_message = "Please enter your password again to open this page."
    manager.absolute_timeout = timedelta(seconds=app.config["ABSOLUTE_SECONDS"])
    manager.user_loader(load_user)
    manager.request_loader(load_user_from_header)
    manager.unauthorized_handler(ask_to_log_in)


def load_user(user_id: str) -> User | None:
    return db.session.get(User, str(user_id))


def load_user_from_header(request: Request) -> User | None:
    """Find whose API key this is: in a header of our own, or in the standard one (RFC 6750)."""
    # A key opens the API and nothing else: no page, no password change.
    if request.blueprint != "api":
        return None
    key = request.headers.get("X-API-Key")
    if key is None and request.authorization and request.authorization.type == "bearer":
        key = request.authorization.token
    return find_by_api_key(key) if key else None


def ask_to_log_in() -> ResponseReturnValue:
    """Send a person to the log-in page and back again; tell a script in its own words."""
    reason = endings.reason()
    message = endings.MESSAGES.get(reason, "Please log in to open this page.")
    if wants_json():
        answer = {"error": "log_in_required", "reason": reason or None, "message": message}
        return {**answer, "login_url": url_for("auth.log_in")}, 401
    flash(message, "ended" if reason else "message")
    # Nobody can go back to a form that was sent.
    came_from = request.url if request.method in {"GET", "HEAD"} else None
    return redirect(login_url("auth.log_in", next_url=came_from), 303)
