"""An app that logs people in itself and guards its own views, on top of session records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask, request, session
from flask.testing import FlaskClient

from flask_porter import (
    confirm_login,
    current_user,
    fresh_login_required,
    login_fresh,
    login_remembered,
    login_required,
    login_user,
    logout_user,
    permission_required,
    role_required,
)
from tests.account_site import Site, make_site

MINUTES = timedelta(minutes=1)


def guarded_shop(tmp_path: Path, **settings: Any) -> Site:
    """Return a site whose app has views of its own."""
    site = make_site(tmp_path, **settings)
    add_views(site)
    return site


def add_views(site: Site) -> None:
    """Add a log-in and a log-out of the app's own, and a view behind each guard."""
    app = site.app

    @app.post("/in/<name>")
    def log_in(name: str) -> str:
        user = site.ask(lambda accounts: accounts.users.find_by_email(f"{name}@example.org"))
        return str(
            login_user(user, remember="remember" in request.form, fresh="stale" not in request.form)
        )

    @app.post("/out")
    def log_out() -> str:
        return str(logout_user())

    @app.post("/confirm")
    def confirm() -> str:
        confirm_login()
        return ""

    @app.get("/who")
    def who() -> dict[str, Any]:
        # Asked in this order, nothing has loaded the user before.
        return {
            "fresh": login_fresh(),
            "remembered": login_remembered(),
            "user": current_user.get_id(),
        }

    @app.get("/seen")
    def seen() -> dict[str, Any]:
        return dict(session)

    def ok() -> str:
        return "ok"

    guards: dict[str, Any] = {
        "members": login_required,
        "fresh": fresh_login_required,
        "minutes": fresh_login_required(within=5 * MINUTES),
        "cook": role_required("cook"),
        "bake": permission_required("bake"),
    }
    for name, guard in guards.items():
        app.add_url_rule(f"/{name}", name, guard(ok))


def restart(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return a client with what a browser keeps that is closed and opened again."""
    again = app.test_client()
    again.environ_base |= client.environ_base
    cookie = client.get_cookie("session")
    if cookie is not None and cookie.expires is not None:
        again.set_cookie("session", cookie.value)
    return again


@contextmanager
def later(site: Site, **parts: float) -> Iterator[None]:
    """Be at a later moment, for the records and for the signatures of cookies."""
    site.clock.advance(**parts)
    with time_machine.travel(site.clock.now):
        yield
