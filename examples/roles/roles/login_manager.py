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
    manager.refresh_view = "auth.prove"
    manager.absolute_timeout = timedelta(seconds=app.config["ABSOLUTE_SECONDS"])
    manager.user_loader(load_user)
    manager.request_loader(load_user_from_header)
    manager.unauthorized_handler(ask_to_log_in)
    manager.needs_refresh_handler(ask_for_password)


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
    log_in = url_for("auth.log_in")
    if wants_json():
        answer = {"error": "log_in_required", "reason": reason, "message": message}
        return {**answer, "log_in": log_in}, 401
    flash(message, "ended" if reason else "message")
    return redirect(login_url(log_in, next_url=came_from()), 303)


def ask_for_password() -> ResponseReturnValue:
    """Ask somebody who is logged in to prove that it is still them."""
    message = "Please enter your password again: what comes next is sensitive."
    prove = url_for("auth.prove")
    if wants_json():
        return {"error": "password_required", "message": message, "prove": prove}, 401
    flash(message)
    return redirect(login_url(prove, next_url=came_from()), 303)


def came_from() -> str | None:
    """Return where to go back to; nobody can go back to a form that was sent."""
    return request.url if request.method in {"GET", "HEAD"} else None
