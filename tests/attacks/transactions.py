"""A shop whose own code is at work in its database session while it calls ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, select
from sqlalchemy.orm import Mapped, mapped_column

from flask_porter import LoginClient, Porter, current_user
from flask_porter.models.users import AccountMixin
from tests.account_site import ADA, SETTINGS, Clock, Site
from tests.authenticators.quick import quick_hasher


@dataclass
class Shop:
    """The app, its database, and what it keeps of its own."""

    site: Site
    db: Any
    note: Any
    #: Ada, as she was when she registered.
    ada: Any
    _work: Callable[[], Any] = lambda: None

    def client(self, *, logged_in: bool = True) -> LoginClient:
        """Return a browser, in which Ada may be logged in."""
        client = LoginClient(self.site.app, self.site.app.response_class)
        if logged_in:
            with self.site.app.app_context():
                client.log_in(self.me())
        return client

    @property
    def is_sqlite(self) -> bool:
        """Tell whether one connection writes at a time."""
        return str(self.site.app.config["SQLALCHEMY_DATABASE_URI"]).startswith("sqlite")

    def me(self) -> Any:
        """Return Ada, in the app's own database session."""
        return self.db.session.get(type(self.ada), self.ada.id)

    def browser(self) -> FlaskClient:
        """Return one that posts from our own pages."""
        return self.site.client()

    def admits(self, password: str) -> bool:
        """Tell whether the page lets Ada in with this password."""
        client = self.browser()
        client.post("/account/login", data={"identifier": ADA, "password": password})
        return self.is_logged_in(client)

    def code(self, kind: str) -> str:
        """Return the code in the last mail of this kind."""
        return self.site.last_code(kind=kind)

    def events(self) -> list[str]:
        """Return the names of what is in the audit log."""
        with self.site.app.app_context():
            return self.site.events()

    @contextmanager
    def check(self, look: Any) -> Iterator[None]:
        """Have log-ins looked at by ``look``."""
        rooms = self.site.app.extensions["porter"]
        checked = replace(rooms.accounts, checks=(look,))
        self.site.app.extensions["porter"] = replace(rooms, accounts=checked)
        yield
        self.site.app.extensions["porter"] = rooms

    @contextmanager
    def failing_database(self, text: str, *, at: str) -> Iterator[None]:
        """Fail at the first statement with ``text``, or at the commit of what it has written."""
        seen: list[str] = []

        def execute(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if text in statement and not seen:
                seen.append(statement)
                if at == "statement":
                    raise OSError("the disk is full")

        def commit(_connection: Any) -> None:
            if seen and at == "commit":
                raise OSError("the disk is full")

        with self.site.app.app_context():
            engine = self.db.engine
        event.listen(engine, "before_cursor_execute", execute)
        event.listen(engine, "commit", commit)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", execute)
            event.remove(engine, "commit", commit)
        assert seen

    def during(self, client: LoginClient, work: Callable[[], Any]) -> None:
        """Do ``work`` in a view, in a request of ``client``; what it raises is raised."""
        self._work = work
        assert client.get("/work").status_code == 200

    def work(self) -> str:
        """Do what was asked for."""
        self._work()
        return ""

    def kept(self) -> tuple[list[str], str | None]:
        """Return the notes and Ada's nickname, as another connection sees them."""
        with self.site.app.app_context(), self.site.accounts.database.open_session() as session:
            notes = list(session.scalars(select(self.note.text)))
            ada: Any = session.get(type(self.ada), self.ada.id)
            return notes, ada.nickname

    def is_logged_in(self, client: FlaskClient) -> bool:
        """Tell what the next request says."""
        return client.get("/who").text == str(self.ada.id)


@contextmanager
def opened(folder: Path, url: str) -> Iterator[Shop]:
    """Yield a shop on an empty database, which waits a moment for locks, not seconds."""
    app = Flask("Larder", instance_path=str(folder))
    app.config |= {**SETTINGS, "SQLALCHEMY_DATABASE_URI": url}
    if url.startswith("sqlite"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"timeout": 0.1}}
    db: Any = SQLAlchemy(app)

    class Member(AccountMixin, db.Model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        nickname: Mapped[str | None]

    class Note(db.Model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str]

    clock = Clock()
    sent: list[Any] = []
    porter = Porter(app, db, user=Member, clock=clock, hasher=quick_hasher(), mailer=sent.append)
    with app.app_context():
        db.create_all()
    site = Site(app, porter, clock, sent)
    with app.app_context():
        shop = Shop(site, db, Note, site.register())
    app.add_url_rule("/work", "work", shop.work)
    app.add_url_rule("/who", "who", lambda: current_user.get_id() or "nobody")
    yield shop
    with app.app_context():
        db.engine.dispose()
