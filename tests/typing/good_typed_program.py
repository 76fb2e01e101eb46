"""Programs that name their class of user, or do not; both checkers must accept them."""

from __future__ import annotations

from typing import Any, assert_type

from flask import Flask, Request

from flask_porter import LoginClient, LoginManager, UserMixin, current_user


class User(UserMixin):
    """A user with something of its own."""

    name = "Ada"


class Admin(User):
    """A user who may do more."""


class Finder:
    """A loader that is an object."""

    def __call__(self, user_id: str) -> User | None:
        """Find one."""


app = Flask(__name__)
login_manager = LoginManager[User](app)


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    """Find a user."""
    return User() if user_id == "ada" else None


@login_manager.request_loader
def load_user_by_key(request: Request) -> User:
    """Find a user by an API key, or fail."""
    raise LookupError(request.path)


@login_manager.user_loader
async def load_user_slowly(user_id: str) -> User | None:
    """Find a user by a coroutine function."""
    return load_user(user_id)


@login_manager.user_loader
def load_admin(user_id: str) -> Admin | None:
    """Find users of a subclass."""
    return Admin() if user_id == "root" else None


assert_type(load_user(user_id="ada"), User | None)
assert_type(load_user_by_key(Request({})), User)
login_manager.user_loader(Finder())
login_manager.user_loader({"ada": User()}.get)
login_manager.user_loader(lambda user_id: None)
login_manager.user_loader(callback=load_user)


def owner() -> str:
    """Ask for whoever is logged in, anywhere below a view."""
    user = login_manager.get_user()
    assert_type(user, User | None)
    assert_type(login_manager.require_user(), User)
    assert_type(login_manager.current_user, User)
    return login_manager.current_user.name if user is None else user.name


async def owner_slowly() -> User | None:
    """Call the loader as what it is."""
    return await load_user_slowly("ada")


class Shop(LoginManager[User]):
    """A manager of one class of user."""

    def unauthorized(self) -> Any:
        """Answer strangers."""
        return super().unauthorized()


class Anywhere(LoginManager):
    """A manager of any class of user, as everybody has written it until now."""

    def __init__(self, app: Flask | None = None) -> None:
        super().__init__(app)
        self.login_view = "login"


assert_type(Shop(app).require_user(), User)

plain = LoginManager()
anywhere = Anywhere()


def attach(manager: LoginManager) -> None:
    """Take the manager of any class of user."""
    manager.init_app(app)


attach(plain)
attach(anywhere)
attach(login_manager)
attach(Shop())


@plain.user_loader
def load_plainly(user_id: str) -> User | None:
    """Find a user for a manager that does not care."""
    return load_user(user_id)


@anywhere.user_loader
@plain.request_loader
def load_anything(request: Request) -> dict[str, int]:
    """Find what no other manager takes for a user."""
    return {request.path: 1}


@anywhere.user_loader
async def load_anything_slowly(user_id: str) -> Admin:
    """Find it by a coroutine function."""
    raise LookupError(user_id)


assert_type(load_plainly("ada"), User | None)
assert_type(load_anything(Request({})), dict[str, int])
nobody_knows: int = plain.require_user()
nobody_checks: str = current_user.no_such_attribute

client = LoginClient(app, user=User(), fresh_login=False, remember=True)
client.log_in(User(), fresh=False, remember=True, headers={"User-Agent": "Lynx"})
client.log_out()
assert_type(client.get("/").status_code, int)
