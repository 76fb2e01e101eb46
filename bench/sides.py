"""The same small site on bare Flask, on Flask-Login and on Flask-Porter."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, render_template, session

from flask_porter.login.cookie_session import install_cookie_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from flask import Request
    from flask.testing import FlaskClient

BARE = "Flask, no key"
KEYED = "Flask"
READING = "Flask, session read"
LAZY = "Flask, our session"
FLASK_LOGIN = "Flask-Login"
PORTER = "Flask-Porter"
SIDES = (BARE, KEYED, READING, LAZY, FLASK_LOGIN, PORTER)

API_KEY = "0123456789abcdef"
#: Where the browser of the measurements sits.
CLIENT: dict[str, Any] = {
    "REMOTE_ADDR": "127.0.0.1",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
_HERE = Path(__file__).parent


@dataclass
class User:
    """Somebody who can log in; enough of a user for either library."""

    id: str
    name: str
    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return self.id


USERS = {"1": User("1", "Ada")}


def make_app(side: str, **config: Any) -> Flask:
    """Return the site on ``side``: one of :data:`SIDES`, or ``"<side>, <anything>"``."""
    app = Flask(__name__, root_path=str(_HERE))
    if side != BARE:
        app.secret_key = "only for measuring"
    app.config.update(config)
    library = {FLASK_LOGIN: "flask_login", PORTER: "flask_porter"}.get(side)
    if library is None:
        if side == LAZY:
            install_cookie_session(app)
        _add_pages(app, lambda view: view, "Ada")
        _add_reading_page(app)
    else:
        _add_library(app, importlib.import_module(library))
    return app


def logged_in(app: Flask, *, remember: bool = False) -> FlaskClient:
    """Return a client of ``app`` that has logged in."""
    client = app.test_client()
    path = "/login/remember" if remember else "/login"
    client.get(path, environ_base=CLIENT).close()
    return client


def _add_library(app: Flask, library: ModuleType) -> None:
    manager = library.LoginManager(app)
    manager.user_loader(USERS.get)
    manager.request_loader(_user_by_key)

    @app.get("/login")
    def login() -> str:
        library.login_user(USERS["1"])
        return "welcome"

    @app.get("/login/remember")
    def login_and_remember() -> str:
        library.login_user(USERS["1"], remember=True)
        return "welcome"

    _add_pages(app, library.login_required, None)
    _add_reading_page(app)


def _user_by_key(request: Request) -> User | None:
    return USERS["1"] if request.headers.get("X-Api-Key") == API_KEY else None


def _add_pages(app: Flask, guard: Callable[..., Any], name: str | None) -> None:
    """Add the pages; ``name`` stands in the templates where no library names a user."""
    given = {} if name is None else {"current_user": {"name": name}}
    pages = Blueprint("pages", __name__)

    @pages.get("/public")
    def public() -> str:
        return "hello"

    @pages.get("/guarded")
    @guard
    def guarded() -> str:
        return "hello"

    @pages.get("/plain_template")
    def plain_template() -> str:
        return render_template("plain.html", title="Plain")

    @pages.get("/naming_template")
    def naming_template() -> str:
        return render_template("naming.html", title="Naming", **given)

    app.register_blueprint(pages)
    for number in range(app.config.get("GUARDED_ROUTES", 0)):
        app.add_url_rule(f"/guarded/{number}", f"guarded_{number}", guarded)


def _add_reading_page(app: Flask) -> None:
    @app.get("/reading")
    def reading() -> str:
        session.get("_user_id")
        return "hello"
