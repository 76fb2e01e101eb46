"""Blueprint `auth`: logging in and out, and typing the password once more, all by script."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from flask_porter import (
    confirm_login,
    current_user,
    login_required,
    login_user,
    logout_user,
    public,
    safe_next,
)

from .fields import optional_text, read_fields
from .login_manager import SHARED
from .models import find_by_password

bp = Blueprint("auth", __name__)


def back(target: str | None) -> str:
    """Return where the visitor came from, if that is a page of this site."""
    return safe_next(target) or url_for("pages.index")


@bp.get("/log-in")
@public
def log_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(back(request.args.get("next")), 303)
    return render_template("account/log_in.html")


@bp.post("/session")
@public
def begin() -> ResponseReturnValue:
    typed = read_fields("email", "password")
    user = find_by_password(typed["email"], typed["password"])
    if user is None or not login_user(user):
        return {"error": "wrong_password", "message": "Wrong e-mail or password."}, 401
    # The cookie lasts for PERMANENT_SESSION_LIFETIME instead of as long as the browser.
    session.permanent = True
    return {"go": back(optional_text("next")), "name": user.name}


@bp.delete("/session")
@public
def end() -> ResponseReturnValue:
    logout_user()
    flash("You are logged out.", "success")
    return {"go": url_for("pages.index")}


@bp.get("/prove")
@login_required  # being the `refresh_view`, it would be open to all
def prove() -> ResponseReturnValue:
    return render_template("account/prove.html")


@bp.post("/session/proof")
def proof() -> ResponseReturnValue:
    typed = read_fields("password")
    if not current_user.check_password(typed["password"]):
        return {"error": "wrong_password", "message": "Wrong password."}, 401
    confirm_login()
    return {"go": back(optional_text("next"))}


@bp.put("/session/shared")
def share() -> ResponseReturnValue:
    """Say that others use this computer too: the log-in ends much sooner."""
    session[SHARED] = True
    return {"go": url_for("troubles.expiry")}
