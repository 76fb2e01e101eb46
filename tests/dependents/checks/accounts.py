"""The accounts of every site here but Flask-Security's, written for Flask-Login."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, redirect, render_template_string, request, url_for
from flask_login import (
    LoginManager,
    UserMixin,
    confirm_login,
    current_user,
    fresh_login_required,
    login_fresh,
    login_remembered,
    login_required,
    login_user,
    logout_user,
)
from werkzeug.wrappers import Response

Find = Callable[[str], Any]


class Member(UserMixin):  # type: ignore[misc]
    def __init__(self, member_id: str, name: str) -> None:
        self.id = member_id
        self.name = name


MEMBERS = {"1": Member("1", "Ada"), "2": Member("2", "Grace")}


def add_accounts(app: Flask, find: Find = MEMBERS.get) -> LoginManager:
    """Let people log in by naming themselves, and show them what the site takes them for."""
    app.testing = True
    manager = LoginManager(app)
    manager.login_view = "accounts.log_in"
    manager.refresh_view = "accounts.confirm"
    manager.user_loader(find)
    app.register_blueprint(accounts_blueprint(find))
    return manager


def accounts_blueprint(find: Find) -> Blueprint:
    accounts = Blueprint("accounts", __name__)

    @accounts.route("/log-in", methods=["GET", "POST"])
    def log_in() -> str | Response:
        if request.method == "GET":
            return "Who are you?"
        login_user(find(request.form["id"]), remember="remember" in request.form)
        return redirect(url_for("accounts.page"))

    @accounts.post("/log-out")
    def log_out() -> Response:
        logout_user()
        return redirect(url_for("accounts.page"))

    @accounts.route("/confirm", methods=["GET", "POST"])
    @login_required
    def confirm() -> str:
        if request.method == "POST":
            confirm_login()
        return "Is it you?"

    @accounts.get("/page")
    def page() -> str:
        return render_template_string(
            "{{ current_user.name if current_user.is_authenticated else 'nobody' }}"
        )

    @accounts.get("/handler")
    def handler() -> dict[str, Any]:
        return {
            "name": getattr(current_user, "name", None),
            "fresh": login_fresh(),
            "remembered": login_remembered(),
        }

    @accounts.get("/members")
    @login_required
    def members() -> str:
        return f"Hello {current_user.name}"

    @accounts.get("/vault")
    @fresh_login_required
    def vault() -> str:
        return f"{current_user.name}'s gold"

    return accounts
