"""Flask-Session keeps the session on a server: files, a database, or Redis, by CHECK_BACKEND."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from cachelib.file import FileSystemCache
from flask import Flask, session
from flask_session import Session
from flask_sqlalchemy import SQLAlchemy
from redis import Redis

from tests.dependents.checks.accounts import add_accounts
from tests.dependents.checks.promises_of_accounts import (
    AccountPromises,
    log_in,
    name_seen_by,
    restart_browser,
)

BACKEND = os.environ["CHECK_BACKEND"]


@pytest.fixture(params=[Session, add_accounts], ids=["sessions first", "accounts first"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    app = Flask(__name__)
    app.config.update(SECRET_KEY="a key", SESSION_TYPE=BACKEND)
    ending = ExitStack()
    if BACKEND == "cachelib":
        app.config["SESSION_CACHELIB"] = FileSystemCache(str(tmp_path))
    elif BACKEND == "sqlalchemy":
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/sessions.db"
        app.config["SESSION_SQLALCHEMY"] = database = SQLAlchemy(app)
        with app.app_context():
            ending.callback(database.engine.dispose)
    else:
        client = ending.enter_context(Redis.from_url(os.environ["CHECK_REDIS_URL"]))
        app.config["SESSION_REDIS"] = client
    first = request.param
    second = add_accounts if first is Session else Session
    first(app)
    second(app)

    @app.post("/forget")
    def forget() -> str:
        session.clear()
        return ""

    @app.get("/plain")
    def plain() -> str:
        return "nobody asked who you are"

    with ending:
        yield app


class TestAccounts(AccountPromises):
    """What logging in promises, here."""


def end_session_on_the_server(app: Flask, sid: str) -> None:
    interface: Any = app.session_interface
    with app.app_context():
        interface._delete_session(interface._get_store_id(sid))


def session_cookie(client: Any) -> str:
    cookie = client.get_cookie("session")
    assert cookie is not None
    return str(cookie.value)


def test_the_cookie_is_a_number_and_the_login_stays_on_the_server(app: Flask) -> None:
    client = app.test_client()
    log_in(client)
    interface: Any = app.session_interface
    with app.app_context():
        kept = interface._retrieve_session_data(interface._get_store_id(session_cookie(client)))
    assert kept["_user_id"] == "1"
    assert kept["_fresh"] is True
    assert "_remember" not in kept


def test_a_session_ended_on_the_server_ends_the_login(app: Flask) -> None:
    client = app.test_client()
    log_in(client)
    end_session_on_the_server(app, session_cookie(client))
    assert name_seen_by(client) == "nobody"


def test_a_remembered_member_survives_the_end_of_the_session_on_the_server(app: Flask) -> None:
    client = app.test_client()
    log_in(client, remember="yes")
    end_session_on_the_server(app, session_cookie(client))
    seen = client.get("/handler").get_json()
    assert seen == {"name": "Ada", "fresh": False, "remembered": True}


def test_a_new_session_number_keeps_the_login(app: Flask) -> None:
    @app.post("/renumber")
    def renumber() -> str:
        interface: Any = app.session_interface
        interface.regenerate(session)
        return ""

    client = app.test_client()
    log_in(client)
    before = session_cookie(client)
    client.post("/renumber")
    assert session_cookie(client) != before
    assert name_seen_by(client) == "Ada"
    assert client.get("/vault").status_code == 200


def test_strong_protection_ends_the_login_of_another_browser(app: Flask) -> None:
    app.config.update(SESSION_PROTECTION="strong", SESSION_PERMANENT=False)
    app.session_interface.permanent = False  # type: ignore[attr-defined]
    client = app.test_client()
    log_in(client, remember="yes")
    assert client.get("/members", headers={"User-Agent": "another"}).status_code == 302
    assert name_seen_by(client) == "nobody"


def test_a_visitor_who_is_asked_nothing_gets_no_session(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/plain").headers.getlist("Set-Cookie") == []
    assert name_seen_by(client) == "nobody"
    assert client.get_cookie("session") is None


@pytest.mark.mended("a remembered log-in no longer ends at its second request")
def test_a_restored_login_survives_strong_protection(app: Flask) -> None:
    app.config.update(SESSION_PROTECTION="strong")
    app.session_interface.permanent = False  # type: ignore[attr-defined]
    client = app.test_client()
    log_in(client, remember="yes")
    restart_browser(client)
    assert name_seen_by(client) == "Ada"
    assert name_seen_by(client) == "Ada"
