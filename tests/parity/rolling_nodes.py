"""The nodes of one site, built on Flask-Login 0.6.3 or on Flask-Porter from the same code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha512
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from flask import Flask, current_app, g, request, session


@dataclass(frozen=True)
class Site:
    """What every node of the site is set up with, whichever library it runs on."""

    protection: str | None = "basic"
    secret_key: str | bytes = "one key for all nodes"
    config: Mapping[str, Any] = field(default_factory=dict)
    ids: tuple[Any, Any] = (1, 2)
    permanent: bool = False
    proxied: bool = False
    logout_clears_session: bool = False


class Customer:
    """A user that inherits nothing, with an id of any type."""

    is_active = is_authenticated = True
    is_anonymous = False

    def __init__(self, user_id: Any) -> None:
        self.user_id = user_id

    def get_id(self) -> Any:
        return self.user_id


def node(library: str, site: Site, **manager_settings: Any) -> Flask:
    """Build the site's app on `flask_login` or `flask_porter`."""
    return node_on(import_module(library), site, **manager_settings)


def node_on(kit: Any, site: Site, **manager_settings: Any) -> Flask:
    manager = kit.LoginManager()
    app = Flask("shop")
    app.config.update(
        SECRET_KEY=site.secret_key,
        PERMANENT_SESSION_LIFETIME=timedelta(days=2),
        PROPAGATE_EXCEPTIONS=True,
    )
    app.config.update(site.config)
    manager.session_protection = site.protection
    for name, value in manager_settings.items():
        setattr(manager, name, value)
    manager.init_app(app)
    pages = Pages(kit, site)
    manager.user_loader(pages.load)
    for view in (pages.login, pages.logout, pages.confirm, pages.read, pages.plain, pages.cart):
        app.add_url_rule(f"/shop/{view.__name__}", view_func=view, methods=["GET", "POST"])
    app.add_url_rule("/shop/members", "members", kit.login_required(pages.read))
    app.add_url_rule("/shop/vault", "vault", kit.fresh_login_required(pages.read))
    return app


class Pages:
    """What the site answers; nearly every page shows who the visitor is taken for."""

    def __init__(self, kit: Any, site: Site) -> None:
        self._kit = kit
        self._site = site
        self._customers = {str(user_id): Customer(user_id) for user_id in site.ids}

    def load(self, user_id: Any) -> Customer | None:
        g.loader_got = type(user_id).__name__
        if "outage" in request.args:
            return None
        return self._customers.get(str(user_id))

    def read(self) -> dict[str, Any]:
        user = self._kit.current_user
        return {
            "user": user.get_id(),
            "logged_in": user.is_authenticated,
            "fresh": self._kit.login_fresh(),
            "remembered": self._kit.login_remembered(),
            "loader_got": g.get("loader_got"),
            "cart": session.get("cart"),
        }

    def login(self) -> dict[str, Any]:
        session.permanent = self._site.permanent
        wish = request.args
        self._kit.login_user(
            self._customers[str(self._site.ids["other" in wish])],
            remember="remember" in wish,
            duration=timedelta(days=7) if "week" in wish else None,
        )
        return self.read()

    def logout(self) -> dict[str, Any]:
        self._kit.logout_user()
        if self._site.logout_clears_session:
            session.clear()
        return self.read()

    def confirm(self) -> dict[str, Any]:
        self._kit.confirm_login()
        return self.read()

    def plain(self) -> dict[str, Any]:
        return {}

    def cart(self) -> dict[str, Any]:
        session["cart"] = "book"
        return {}


def main_identifier() -> str:
    """Return what Flask-Login's unreleased main branch notes of the client."""
    text = f"{request.remote_addr}|{request.user_agent.string}"
    return sha512(text.encode()).hexdigest()


def mended_kit() -> SimpleNamespace:
    """Return Flask-Login 0.6.3 with the three mends that show on a rolling site.

    0.6.3 does not note the client when it restores a remembered log-in, so strong protection ends
    it at the second request; a log-in leaves the remember cookie of another account behind; and
    the duration asked for one remember cookie is given to the next.
    """
    real: Any = import_module("flask_login")

    class Manager(real.LoginManager):  # type: ignore[misc]
        def _load_user_from_remember_cookie(self, cookie: str) -> Any:
            user = super()._load_user_from_remember_cookie(cookie)
            if user is not None:
                session["_id"] = self._session_identifier_generator()
            return user

    def login_user(user: Any, remember: bool, duration: timedelta | None) -> None:
        if remember or str(session.get("_user_id")) != str(user.get_id()):
            session.pop("_remember_seconds", None)
        name = current_app.config.get("REMEMBER_COOKIE_NAME", "remember_token")
        remembered = real.decode_cookie(request.cookies.get(name, ""))
        if not remember and remembered not in {None, str(user.get_id())}:
            session["_remember"] = "clear"
        real.login_user(user, remember=remember, duration=duration)

    mended = SimpleNamespace(**vars(real))
    mended.LoginManager = Manager
    mended.login_user = login_user
    return mended
