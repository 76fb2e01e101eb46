"""Session records behind sessions that another interface keeps, as Flask-Session on the server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cachelib.file import FileSystemCache
from flask import Flask
from flask.testing import FlaskClient
from flask_session import Session

from flask_porter import Porter
from tests.account_site import PASSWORD, SETTINGS, Clock, Site
from tests.authenticators.quick import quick_hasher
from tests.web.guarded_shop import add_views, later, restart

NOBODY = {"user": None, "fresh": False, "remembered": False}


def on_the_server(app: Flask) -> None:
    app.config["SESSION_TYPE"] = "cachelib"
    app.config["SESSION_CACHELIB"] = FileSystemCache(app.instance_path + "/sessions")
    Session(app)


def on_the_server_while_the_browser_is_open(app: Flask) -> None:
    app.config["SESSION_PERMANENT"] = False
    on_the_server(app)


def in_flasks_own_cookie(app: Flask) -> None:
    app.config["LOGIN_COOKIE_SESSION"] = False


INTERFACES = [on_the_server, on_the_server_while_the_browser_is_open, in_flasks_own_cookie]
Interface = Callable[[Flask], None]


@pytest.fixture(params=INTERFACES)
def interface(request: pytest.FixtureRequest) -> Interface:
    found: Interface = request.param
    return found


@pytest.fixture
def site(interface: Interface, tmp_path: Path) -> Site:
    return make_site(interface, tmp_path)


def make_site(interface: Interface, tmp_path: Path, *, comes_last: bool = False) -> Site:
    app = Flask("Larder", instance_path=str(tmp_path))
    app.config |= {**SETTINGS, "PORTER_DATABASE_AT_START": True}
    clock = Clock()
    if not comes_last:
        interface(app)
    porter = Porter(app, clock=clock, hasher=quick_hasher())
    if comes_last:
        interface(app)
    app.extensions["porter"].prepare()
    site = Site(app, porter, clock, [])
    add_views(site)
    site.register()
    return site


def log_in(site: Site, **given: str) -> FlaskClient:
    client = site.client()
    given = {"identifier": "ada@example.org", "password": PASSWORD, **given}
    assert client.post("/account/login", data=given).status_code == 303
    return client


def value(client: FlaskClient) -> str:
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def who(client: FlaskClient) -> Any:
    return client.get("/who").json


@pytest.mark.parametrize("comes_last", [False, True])
def test_a_log_in_has_a_record_and_ends_with_it(
    interface: Interface, tmp_path: Path, comes_last: bool
) -> None:
    site = make_site(interface, tmp_path, comes_last=comes_last)
    client = log_in(site)
    assert who(client) == {"user": "1", "fresh": True, "remembered": False}
    copy = site.client()
    copy.set_cookie("session", value(client))
    assert who(copy)["user"] == "1"
    [record] = site.rows(site.accounts.models.session)
    assert record.user_id == 1
    client.post("/account/logout")
    assert who(client) == who(copy) == NOBODY
    assert site.rows(site.accounts.models.session) == []


def test_a_log_in_and_a_proof_make_a_planted_session_worthless(site: Site) -> None:
    """Fixation (OWASP Session Management, "Renew the Session ID")."""
    client = site.client()
    with client.session_transaction() as session:
        session["cart"] = "eggs"
    client.get("/seen")
    planted = value(client)
    client.post("/account/login", data={"identifier": "ada@example.org", "password": PASSWORD})
    before = value(client)
    client.post("/account/reauthenticate", data={"password": PASSWORD})
    assert who(client)["user"] == "1"
    for worthless in {planted, before} - {value(client)}:
        other = site.client()
        other.set_cookie("session", worthless)
        assert who(other) == NOBODY
    assert planted != value(client)


def test_a_remembered_log_in_outlives_the_browser(site: Site) -> None:
    client = log_in(site, remember="on")
    with later(site, days=29):
        assert who(restart(site.app, client)) == {
            "user": "1",
            "fresh": False,
            "remembered": True,
        }


def test_one_that_is_not_remembered_after_one_that_was_ends_with_the_browser(site: Site) -> None:
    client = log_in(site, remember="on")
    client.post("/in/ada")
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert cookie.expires is None
    with later(site, days=2):
        assert who(client) == NOBODY


def test_a_record_ends_before_a_longer_session_does(site: Site) -> None:
    site.app.permanent_session_lifetime = timedelta(days=90)
    client = log_in(site)
    with later(site, hours=25):
        assert who(client) == NOBODY
