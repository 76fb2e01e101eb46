"""A small app whose users offer a session stamp, for tests of how log-ins end."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask, request, session
from flask.testing import FlaskClient

from flask_porter import (
    LoginManager,
    UserMixin,
    confirm_login,
    current_user,
    fresh_login_required,
    login_remembered,
    login_user,
    logout_user,
    renew_stamp,
)


class Keeper(UserMixin):
    active = True

    def __init__(self, id: str, stamp: str | None = "first") -> None:
        self.id = id
        self.stamp = stamp

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def is_authenticated(self) -> bool:
        return True

    def get_session_stamp(self) -> str | None:
        return self.stamp


@dataclass
class Vault:
    app: Flask
    manager: LoginManager[Any]
    keepers: dict[str, Keeper] = field(default_factory=dict)

    def client(self) -> FlaskClient:
        return self.app.test_client()


def open_vault(*, key: str = "vault key", **attributes: Any) -> Vault:
    """Make the app; ``attributes`` are set on its login manager."""
    app = Flask("vault")
    app.secret_key = key
    manager: LoginManager[Any] = LoginManager(app)
    for name, value in attributes.items():
        setattr(manager, name, value)
    vault = Vault(app, manager, {"1": Keeper("1"), "2": Keeper("2")})
    manager.user_loader(lambda user_id: vault.keepers.get(user_id))
    add_views(vault)
    return vault


def add_views(vault: Vault) -> None:
    app = vault.app

    @app.get("/login/<user_id>")
    def login(user_id: str) -> str:
        seconds = request.args.get("seconds", type=int)
        duration = None if seconds is None else timedelta(seconds=seconds)
        done = login_user(
            vault.keepers[user_id], remember="remember" in request.args, duration=duration
        )
        return str(done)

    @app.get("/logout")
    def logout() -> str:
        logout_user()
        return "bye"

    @app.get("/who")
    def who() -> str:
        return current_user.get_id() or "nobody"

    @app.get("/remembered")
    def remembered() -> str:
        return str(login_remembered())

    @app.get("/fresh")
    @fresh_login_required
    def fresh() -> str:
        return "fresh"

    @app.get("/confirm")
    def confirm() -> str:
        confirm_login()
        return "confirmed"

    @app.get("/stamp/<user_id>/<stamp>")
    def change_stamp(user_id: str, stamp: str) -> str:
        vault.keepers[user_id].stamp = stamp
        renew_stamp(vault.keepers[user_id])
        return stamp

    @app.get("/put/<name>")
    def put(name: str) -> str:
        session[name] = "mine"
        return name


def copy_of(client: FlaskClient, *names: str) -> FlaskClient:
    """Return another browser that shows copies of the named cookies."""
    other = client.application.test_client()
    for name in names:
        cookie = client.get_cookie(name)
        assert cookie is not None, name
        other.set_cookie(name, cookie.value)
    return other


def session_of(client: FlaskClient) -> dict[str, Any]:
    with client.session_transaction() as stored:
        return dict(stored)


def restart(client: FlaskClient) -> None:
    """Close the browser: the session cookie goes, the remember cookie stays."""
    client.delete_cookie("session")
