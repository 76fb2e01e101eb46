"""A small site with members, the same on every implementation under test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import ModuleType
from typing import Any

from flask import Flask, request, session
from werkzeug.test import Cookie


@dataclass(eq=False)
class Member:
    """A user that inherits nothing, with an id of any type."""

    id: object
    name: str
    is_active: bool = True
    is_anonymous: bool = field(default=False, init=False)

    @property
    def is_authenticated(self) -> bool:
        return self.is_active

    def get_id(self) -> object:
        return self.id


def everyone() -> dict[str, Member]:
    """All who can log in, by the text of the id."""
    members = [
        Member(1, "Ada"),
        Member(2, "Grace"),
        Member(3, "Mallory", is_active=False),
        Member("佐藤", "Satō"),
    ]
    return {str(member.id): member for member in members}


def seconds_between(earlier: Cookie | None, later: Cookie | None) -> float:
    """Return by how much the second cookie outlives the first."""
    assert earlier is not None
    assert earlier.expires is not None
    assert later is not None
    assert later.expires is not None
    return (later.expires - earlier.expires).total_seconds()


def make_app(library: ModuleType, manager: Any, members: dict[str, Member]) -> Flask:
    app = Flask("member_site")
    app.config.update(SECRET_KEY="deterministic", TESTING=True)
    manager.init_app(app)

    def login() -> str:
        wish = request.args
        seconds = wish.get("seconds", type=float)
        return repr(
            library.login_user(
                members[wish["id"]],
                remember="remember" in wish,
                duration=None if seconds is None else timedelta(seconds=seconds),
                force="force" in wish,
                fresh="stale" not in wish,
            )
        )

    def who() -> str:
        # Not by the proxy's truth value: werkzeug's proxies answer an error inside with False.
        user = library.current_user._get_current_object()
        return str(user.name) if user is not None and user.is_authenticated else "nobody"

    def permanent() -> str:
        session.permanent = True
        return ""

    views: dict[str, Callable[[], Any]] = {
        "login": login,
        "logout": lambda: repr(library.logout_user()),
        "confirm": lambda: repr(library.confirm_login()),
        "who": who,
        "fresh": lambda: repr(library.login_fresh()),
        "remembered": lambda: repr(library.login_remembered()),
        "plain": lambda: "nobody asked who you are",
        "permanent": permanent,
        "secret": lambda: manager.unauthorized(),
        "stale": lambda: manager.needs_refresh(),
    }
    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, view)
    return app
