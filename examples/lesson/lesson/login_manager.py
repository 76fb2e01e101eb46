"""Tells Flask-Porter how to find a user, and what to answer when there is none."""

from __future__ import annotations

from flask import Request, flash, redirect, request
from flask.typing import ResponseReturnValue

from flask_porter import LoginManager, login_url

from .errors import wants_json
from .models import User, find_by_api_key, find_user

login_manager = LoginManager()
login_manager.login_view = "auth.login"
login_manager.refresh_view = "auth.reauthenticate"
login_manager.needs_refresh_message = "Please enter your password again to open this page."


@login_manager.user_loader
def load_user(login_id: str) -> User | None:
    return find_user(login_id=login_id)


@login_manager.request_loader
def load_user_from_api_key(request: Request) -> User | None:
    key = request.headers.get("X-API-Key")
    # A key opens the API and nothing else: no page, no password change.
    return find_by_api_key(key) if key and request.blueprint == "api" else None


@login_manager.unauthorized_handler
def ask_to_log_in() -> ResponseReturnValue:
    """Send a person to the log-in page and back again; tell a script in its own words."""
    if wants_json():
        return {"error": "Unauthorized", "message": login_manager.login_message}, 401
    flash(login_manager.login_message, login_manager.login_message_category)
    came_from = request.url if request.method == "GET" else None
    return redirect(login_url("auth.login", next_url=came_from), 303)
