"""A site whose database can be taken away, each way in which that happens, and all that asks it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, ExceptionContext, create_engine, event
from werkzeug.test import TestResponse

from flask_porter import current_user, login_required, role_required
from flask_porter.web.api.routes import ROUTES
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site

#: What a well-meant request says, by the name of the field.
SAID: dict[str, Any] = {
    "identifier": ADA,
    "email": "eve@example.org",
    "password": PASSWORD,
    "new_password": NEW_PASSWORD,
    "code": "12345678",
    "token": "a" * 43,
    "person": "new",
}
_IN_PATH = {"filename": "porter.css", "flow": "reset_password", "handle": "any", "id": "any"}


@dataclass
class Broken:
    """The site, its file, and what its database has refused."""

    site: Site
    engine: Engine
    path: Path
    #: How SQLite opens the file, and what it is told first.
    mode: str = "rw"
    first: str = "PRAGMA journal_mode"
    refused: list[str] = field(default_factory=list)

    def direct(self) -> sqlite3.Connection:
        """Return a connection of somebody else."""
        return sqlite3.connect(self.path, isolation_level=None)

    def rows(self) -> dict[str, list[Any]]:
        """Return all that is kept, but for the attempts, which count whatever comes after them."""
        with self.direct() as other:
            names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            tables = [name for (name,) in other.execute(names) if name != "porter_throttles"]
            found = {name: other.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
        other.close()
        return found

    def reconnect(self) -> None:
        """Let every connection of the site be a new one."""
        self.engine.dispose()


def broken_site(folder: Path, **settings: Any) -> Broken:
    """Return a site with Ada, on a file for which it does not wait."""
    path = folder / "site.sqlite3"
    path.touch()

    def connect() -> sqlite3.Connection:
        address = f"file:{broken.path}?mode={broken.mode}"
        connection = sqlite3.connect(address, uri=True, timeout=0.01, check_same_thread=False)
        connection.execute(broken.first).fetchall()
        return connection

    engine = create_engine("sqlite://", creator=connect)
    broken = Broken(None, engine, path)  # type: ignore[arg-type]
    broken.site = make_site(folder, engine=engine, PORTER_THROTTLES=False, **settings)
    broken.site.register()
    note_refusals(engine, broken.refused)
    add_views(broken.site)
    return broken


def note_refusals(engine: Engine, refused: list[str]) -> None:
    """Keep in ``refused`` what the database of ``engine`` refuses from now on."""

    def note(context: ExceptionContext) -> None:
        refused.append(str(context.original_exception))

    event.listen(engine, "handle_error", note)


def add_views(site: Site) -> None:
    """Add pages of the app's own."""
    app = site.app

    def who() -> str:
        return f"for {current_user.get_id()}"

    def mine() -> str:
        return "mine"

    app.add_url_rule("/plain", "plain", lambda: "plain")
    app.add_url_rule("/open", "open", who)
    app.add_url_rule("/mine", "mine", login_required(mine))
    app.add_url_rule("/cooks", "cooks", role_required("cook")(mine))


@contextmanager
def locked(broken: Broken) -> Iterator[None]:
    """Let another program hold the whole file."""
    other = broken.direct()
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def without_tables(broken: Broken) -> Iterator[None]:
    """Move our tables away."""
    there, away = broken.path, broken.path.with_suffix(".away")
    broken.reconnect()
    there.rename(away)
    there.touch()
    yield
    broken.reconnect()
    away.rename(there)


@contextmanager
def without_a_column(broken: Broken) -> Iterator[None]:
    """Let the tables be those of an older release."""
    for statement in ("language TO former", "former TO language"):
        other = broken.direct()
        other.execute(f"ALTER TABLE porter_users RENAME COLUMN {statement}")
        other.close()
        if statement.startswith("language"):
            yield


@contextmanager
def gone(broken: Broken) -> Iterator[None]:
    """Take the file away, as an unmounted disk does."""
    path, broken.path = broken.path, broken.path.with_suffix(".nowhere")
    broken.reconnect()
    yield
    broken.path = path
    broken.reconnect()


@contextmanager
def read_only(broken: Broken) -> Iterator[None]:
    """Let the site read alone."""
    broken.mode = "ro"
    broken.reconnect()
    yield
    broken.mode = "rw"
    broken.reconnect()


@contextmanager
def full(broken: Broken) -> Iterator[None]:
    """Let the file grow no more; SQLite takes no number below that of the pages there are."""
    broken.first = "PRAGMA max_page_count = 1"
    broken.reconnect()
    yield
    broken.first = "PRAGMA journal_mode"
    broken.reconnect()


#: In these not even who somebody is can be read.
SILENT: list[Callable[[Broken], Any]] = [locked, without_tables, without_a_column, gone]


def every_request(site: Site) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the method, the path and the options of a good request to each rule of the app."""
    adapter = site.app.url_map.bind("localhost")
    bodies = {f"porter_api.{route.name}": route.flow.model.model_fields for route in ROUTES}
    for rule in site.app.url_map.iter_rules():
        values = {name: _IN_PATH[name] for name in rule.arguments}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = adapter.build(rule.endpoint, values, method)
            if method == "GET":
                yield method, path, {}
            elif rule.endpoint in bodies:
                fields = bodies[rule.endpoint]
                said = {name: SAID[name] for name in fields if name in SAID and name not in values}
                yield method, path, {"json": said}
            else:
                yield method, path, {"data": SAID | values}


def asked(
    site: Site, cookie: str | None = None, token: str | None = None
) -> Iterator[tuple[str, TestResponse]]:
    """Yield the answer to each request, of a browser with this cookie or a program with a token."""
    for method, path, options in every_request(site):
        client = site.client() if token is None else site.app.test_client(use_cookies=False)
        if cookie is not None:
            client.set_cookie("session", cookie)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = client.open(path, method=method, headers=headers, **options)
        yield f"{method} {path}", answer
        answer.close()


def cookie_of(client: FlaskClient) -> str:
    """Return the value of the session cookie."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    return str(cookie.value)
