"""An application as a user of the package would write and type it; both checkers must accept it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_type

from flask import Blueprint, Flask, Request, redirect, request
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from flask_porter import (
    COOKIE_DURATION,
    COOKIE_NAME,
    AnonymousUserMixin,
    FlaskLoginClient,
    LoginManager,
    UserMixin,
    confirm_login,
    current_user,
    decode_cookie,
    encode_cookie,
    fresh_login_required,
    login_fresh,
    login_remembered,
    login_required,
    login_url,
    login_user,
    logout_user,
    make_next_param,
    set_login_view,
    user_logged_in,
)


@dataclass(eq=False)
class User(UserMixin):
    """A user with a key that is no text."""

    id: int
    name: str
    banned: bool = False

    @property
    def is_active(self) -> bool:
        """Shut out who is banned."""
        return not self.banned


class Visitor(AnonymousUserMixin):
    """Nobody, with a name to greet."""

    name = "stranger"


USERS = {"1": User(1, "Ada")}

login_manager = LoginManager()
login_manager.login_view = "auth.login"
login_manager.login_message = None
login_manager.session_protection = "strong"
login_manager.anonymous_user = Visitor

auth = Blueprint("auth", __name__)


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    """Find the user of a session."""
    return USERS.get(user_id)


@login_manager.request_loader
def load_user_by_key(incoming: Request) -> User | None:
    """Find the user of an API key."""
    return USERS.get(incoming.headers.get("X-Api-Key", ""))


@login_manager.unauthorized_handler
def stranger() -> ResponseReturnValue:
    """Answer a stranger."""
    return {"error": "log in first"}, 401


# The decorators return what they were given.
assert_type(load_user("1"), User | None)


@auth.post("/login")
def login() -> ResponseReturnValue:
    """Log somebody in, for a while."""
    user = load_user(request.form["id"])
    if user is None or not login_user(user, remember=True, duration=timedelta(days=7)):
        return "no", 401
    login_user(user, True, None, force=True)
    return redirect(make_next_param("/login", request.args.get("next", "/")))


@auth.post("/logout")
@login_required
def logout() -> ResponseReturnValue:
    """Log out."""
    assert_type(logout_user(), bool)
    return redirect(login_url("auth.login", next_url=request.url))


@auth.get("/members/<int:page>")
@login_required
def members(page: int) -> str:
    """Greet a member."""
    return f"{current_user.name}, {page}"


@auth.get("/later")
@login_required
async def later() -> str:
    """Greet from an async view."""
    return f"{current_user.name}"


@auth.post("/password")
@fresh_login_required
def change_password() -> str:
    """Do what needs a fresh log-in."""
    confirm_login()
    return f"{login_fresh()} {login_remembered()}"


class Account(MethodView):
    """A class of views behind one guard."""

    decorators = [login_required]  # noqa: RUF012

    def get(self) -> str:
        """Greet."""
        return f"{current_user.name}"


def create_app() -> Flask:
    """Make the application."""
    app = Flask(__name__)
    app.secret_key = "a long random string of your own"
    app.test_client_class = FlaskLoginClient
    app.add_url_rule("/account", view_func=Account.as_view("account"))
    app.register_blueprint(auth)
    login_manager.init_app(app)
    with app.app_context():
        set_login_view("auth.login", blueprint=auth)
        assert_type(decode_cookie(encode_cookie("1")), str | None)
    return app


def greet(sender: Flask, user: User) -> None:
    """Listen to log-ins."""
    sender.logger.info("%s is back", user.name)


user_logged_in.connect(greet)
lifetime: timedelta = COOKIE_DURATION
cookie_name: str = COOKIE_NAME
