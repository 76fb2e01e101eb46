"""The JSON endpoints: for programs with an API key, and for the page's own script."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from flask_porter import current_user, login_required, login_user, logout_user

from .auth.forms import LoginForm
from .models import find_by_password

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/profile")
@login_required
def profile() -> ResponseReturnValue:
    return {
        "username": current_user.username,
        "email": current_user.email,
        "role": current_user.role.name if current_user.role else None,
    }


@bp.post("/login")
def log_in() -> ResponseReturnValue:
    form = LoginForm()
    if not form.validate():
        return {"message": "Please check what you typed.", "fields": form.errors}, 422
    user = find_by_password(form.email.data, form.password.data)
    if user is None or not login_user(user, remember=form.remember.data):
        return {"message": LoginForm.refusal}, 401
    return {"message": f"You are logged in as {user.username}."}


@bp.post("/logout")
def log_out() -> ResponseReturnValue:
    logout_user()
    return {"message": "You are logged out."}
