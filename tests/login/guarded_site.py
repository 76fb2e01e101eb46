"""A site whose people have roles, for the tests of guards."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask, request
from flask.testing import FlaskClient

from flask_porter import LoginManager, UserMixin, confirm_login, login_user, logout_user


@dataclass(eq=False)
class Person(UserMixin):
    id: str
    roles: Any = field(default_factory=list)


def people() -> dict[str, Person]:
    everyone = [Person("ada", ["admin", "editor"]), Person("bob", ["editor"]), Person("cy")]
    return {person.id: person for person in everyone}


@dataclass
class Site:
    app: Flask
    manager: LoginManager

    def client(self, user: str | None = None) -> FlaskClient:
        """A browser, in which `user` has logged in by the log-in page."""
        client = self.app.test_client()
        if user is not None:
            assert client.post("/login", query_string={"id": user}).text == "logged in"
        return client


def open_site(*, hardened: bool = False, **config: Any) -> Site:
    """Open a site with a log-in page; an error in a view is a 500, as in production."""
    app = Flask("guarded_site")
    app.config.update(SECRET_KEY="a key for tests", **config)
    manager = LoginManager(app)
    manager.hardened = hardened
    manager.login_view = "login"
    everyone = people()
    manager.user_loader(everyone.get)

    @app.route("/login", methods=["GET", "POST"])
    def login() -> str:
        if request.method == "POST":
            login_user(everyone[request.args["id"]])
            return "logged in"
        return "log in here"

    @app.post("/confirm")
    def confirm() -> str:
        confirm_login()
        return "confirmed"

    @app.post("/logout")
    def logout() -> str:
        logout_user()
        return "logged out"

    return Site(app, manager)


LOGIN_PAGE = "/login?next=%2F"
