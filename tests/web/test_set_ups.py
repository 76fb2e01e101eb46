"""The whole life of an account over HTTP, on each set-up that an app may have."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import create_engine

from flask_porter import Porter
from flask_porter.flows import roles, users
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, SETTINGS
from tests.authenticators.quick import quick_hasher
from tests.web.set_ups import (
    PEOPLE,
    SetUp,
    Shop,
    engine,
    flask_sqlalchemy,
    flask_sqlalchemy_lite,
    no_database,
    opened,
    scoped,
    session_maker,
)

# Each value occurs, and each kind of database beside others; the full product would take minutes.
SET_UPS = [
    SetUp(flask_sqlalchemy, "sqlite"),
    SetUp(flask_sqlalchemy, "postgres", uuid.UUID, "username", bind_key=PEOPLE, by_factory=True),
    SetUp(flask_sqlalchemy_lite, "postgres", None, "both"),
    SetUp(flask_sqlalchemy_lite, "sqlite", str, other_columns=True, by_factory=True),
    SetUp(engine, "postgres", int, "both", schema=PEOPLE),
    SetUp(engine, "sqlite", None, "username", by_factory=True),
    SetUp(session_maker, "sqlite", uuid.UUID, "both", other_columns=True),
    SetUp(session_maker, "postgres", None),
    SetUp(scoped, "postgres", str, "username", other_columns=True),
    SetUp(scoped, "sqlite", uuid.UUID, by_factory=True),
    SetUp(no_database, "sqlite"),
]


def _parameter(set_up: SetUp) -> Any:
    marks = [pytest.mark.postgres] if set_up.database == "postgres" else []
    return pytest.param(set_up, id=set_up.id, marks=marks)


@pytest.fixture(params=map(_parameter, SET_UPS))
def set_up(request: pytest.FixtureRequest) -> SetUp:
    found: SetUp = request.param
    return found


@pytest.fixture
def shop(request: pytest.FixtureRequest, set_up: SetUp, tmp_path: Path) -> Iterator[Shop]:
    url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    if set_up.database == "postgres":
        url = request.getfixturevalue("postgres_url").replace("://", "+psycopg://", 1)
    if set_up.schema is not None:
        people = create_engine(url)
        with people.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {set_up.schema}")
        people.dispose()
    with opened(set_up, tmp_path, url) as shop:
        yield shop


def browser(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


def post(client: FlaskClient, path: str, status: int = 303, **given: Any) -> str:
    """Post a form of the pages, and return the page that is the answer."""
    answer = client.post(f"/account{path}", data=given)
    assert answer.status_code == status, answer.text
    return answer.text


def log_in(shop: Shop, name: str, password: str = PASSWORD) -> FlaskClient:
    client = browser(shop.app)
    post(client, "/login", identifier=name, password=password)
    return client


def test_a_whole_life(shop: Shop, set_up: SetUp) -> None:
    name = ADA if set_up.identifiers == "email" else "ada_l"
    _registers(shop, set_up)
    client = log_in(shop, name)
    with shop.app.app_context():
        shop.porter.run(roles.set_permissions, role="cook")
        shop.porter.run(roles.grant, user=name, role="cook")
    _writes(client, set_up)
    _ends_another_device(shop, client, name)
    _resets_the_password(shop, name)
    assert client.get("/").status_code == 302
    client = log_in(shop, name, NEW_PASSWORD)
    post(client, "/logout")
    assert client.get("/").status_code == 302
    client = log_in(shop, name, NEW_PASSWORD)
    post(client, "/close-account", 200, password=NEW_PASSWORD)
    assert client.get("/").status_code == 302
    post(client, "/login", 401, identifier=name, password=NEW_PASSWORD)


def _registers(shop: Shop, set_up: SetUp) -> None:
    client = browser(shop.app)
    given: dict[str, Any] = {} if set_up.identifiers == "email" else {"username": "ada_l"}
    post(client, "/register", email=ADA, password=PASSWORD, **given)
    post(client, "/verify-email", 200, code=shop.code("verify_email"))


def _writes(client: FlaskClient, set_up: SetUp) -> None:
    seen = client.get("/").json
    assert seen is not None
    assert seen["name"] == (ADA if set_up.identifiers == "email" else "ada_l")
    assert seen["key"] == ("int" if set_up.key is None else set_up.key.__name__)
    assert seen["roles"] == ["cook"]
    assert client.post("/notes", data={"text": "two eggs"}).status_code == 200
    after = client.get("/").json
    lazily = {} if set_up.key is None else {"notes": ["two eggs"]}
    assert after == {**seen, "language": "de", "written": ["two eggs"], **lazily}


def _ends_another_device(shop: Shop, client: FlaskClient, name: str) -> None:
    other = log_in(shop, name)
    assert other.get("/").status_code == 200
    page = client.get("/account/devices").text
    [handle] = re.findall(r'name="handle" value="([^"]+)"', page)
    post(client, "/devices/end", handle=handle)
    assert other.get("/").status_code == 302
    assert client.get("/").status_code == 200


def _resets_the_password(shop: Shop, name: str) -> None:
    client = browser(shop.app)
    post(client, "/reset-password", identifier=name)
    post(client, "/reset-password", code=shop.code("reset_password"))
    post(client, "/reset-password/new", 200, new_password=NEW_PASSWORD)


@pytest.mark.parametrize("porters", [1, 2], ids=["one_porter", "two_porters"])
def test_cf09_two_apps_in_one_process_share_nothing(tmp_path: Path, porters: int) -> None:
    """They have one key, one database object and one Porter, and still each its own people."""
    db = SQLAlchemy()
    kept = [Porter(db=db, hasher=quick_hasher()) for _ in range(porters)]
    apps = []
    for number in (0, 1):
        app = Flask(f"shop{number}", instance_path=str(tmp_path))
        app.config |= {**SETTINGS, "PORTER_DATABASE_AT_START": True}
        app.config["PORTER_REQUIRE_VERIFIED"] = False
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/{number}.sqlite3"
        db.init_app(app)
        kept[number % porters].init_app(app)
        apps.append(app)
    here, there = (browser(app) for app in apps)
    post(here, "/register", email=ADA, password=PASSWORD)
    post(there, "/login", 401, identifier=ADA, password=PASSWORD)
    post(here, "/login", identifier=ADA, password=PASSWORD)
    cookie = here.get_cookie("session")
    assert cookie is not None
    there.set_cookie("session", cookie.value)
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    for app in apps:
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("first_has_a_database", [False, True])
def test_cf09_an_app_without_a_database_has_a_file_of_its_own(
    tmp_path: Path, first_has_a_database: bool
) -> None:
    """Whatever app the same Porter has worked for before."""
    porter = Porter(hasher=quick_hasher())
    engine = create_engine(f"sqlite:///{tmp_path}/first.sqlite3")
    apps = []
    for name in ("first", "second"):
        app = Flask(name, instance_path=str(tmp_path / name))
        app.config |= {**SETTINGS, "PORTER_DATABASE_AT_START": True}
        has_one = first_has_a_database and name == "first"
        porter.init_app(app, engine if has_one else None)
        apps.append(app)
    for app in apps:
        with app.app_context():
            porter.run(users.create, email=ADA)
    assert (tmp_path / "second" / "porter.sqlite3").is_file()
    engine.dispose()


def test_a_script_may_begin_by_delivering_mail(tmp_path: Path) -> None:
    app = Flask("Larder", instance_path=str(tmp_path))
    app.config |= {**SETTINGS, "PORTER_DATABASE_AT_START": True}
    porter = Porter(app)
    with app.app_context():
        assert porter.deliver_mail() == 0
    app.extensions["porter"].accounts.database.engine().dispose()
