"""A shop whose own code is at work in its database session while it calls ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from flask_porter import LoginClient, Porter, current_user
from flask_porter.models.users import AccountMixin
from tests.account_site import SETTINGS, Clock, Site
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

    def is_logged_in(self, client: LoginClient) -> bool:
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
