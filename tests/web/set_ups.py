"""A small shop on each kind of database that an app may have, with users of each kind."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_lite import SQLAlchemy as SQLAlchemyLite
from sqlalchemy import ForeignKey, Integer, String, Uuid, create_engine, inspect, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    object_session,
    relationship,
    scoped_session,
    sessionmaker,
    synonym,
)

from flask_porter import Porter, current_user, login_required
from flask_porter.models.users import AccountMixin
from flask_porter.outbound.messages import Message
from tests.account_site import SETTINGS
from tests.authenticators.quick import quick_hasher

PEOPLE = "people"

_KEYS: dict[type, tuple[Any, Callable[[], Any] | None]] = {
    int: (Integer(), None),
    str: (String(32), lambda: uuid.uuid4().hex),
    uuid.UUID: (Uuid(), uuid.uuid4),
}


@dataclass(frozen=True)
class SetUp:
    """What an app brings."""

    #: A function of this file that makes the app's database.
    db: Callable[[Flask, str, ExitStack], Kit]
    database: str
    #: The type of the key of the app's own user; None where it takes ours.
    key: type | None = None
    identifiers: str = "email"
    other_columns: bool = False
    schema: str | None = None
    bind_key: str | None = None
    by_factory: bool = False

    @property
    def id(self) -> str:
        key = "ours" if self.key is None else self.key.__name__
        rest = ["columns"] * self.other_columns + ["factory"] * self.by_factory
        more = [part for part in (self.schema and "schema", self.bind_key and "bind") if part]
        return "-".join([self.db.__name__, self.database, key, self.identifiers, *more, *rest])


@dataclass
class Kit:
    """The app's database, as its own code uses it."""

    #: What Porter is given.
    db: Any
    base: Any
    #: A database session of the app's own.
    session: Callable[[], AbstractContextManager[Any]]


@dataclass
class Shop:
    """An app with accounts, and what a test wants of it."""

    app: Flask
    porter: Porter
    sent: list[Message] = field(default_factory=list)

    def code(self, kind: str) -> str:
        """Return the code in the last mail of this kind."""
        with self.app.app_context():
            self.porter.deliver_mail()
        code = [mail for mail in self.sent if mail.kind == kind][-1].code
        assert code is not None
        return code


@contextmanager
def opened(set_up: SetUp, folder: Path, url: str) -> Iterator[Shop]:
    """Yield a shop on an empty database: its own tables are made here, ours by its start."""
    app = Flask("Larder", instance_path=str(folder))
    app.config |= {**SETTINGS, "PORTER_DATABASE_AT_START": True}
    app.config["PORTER_IDENTIFIERS"] = set_up.identifiers
    if set_up.bind_key is not None:
        app.config["SQLALCHEMY_BINDS"] = {set_up.bind_key: url}
        url = f"sqlite:///{folder / 'other.sqlite3'}"
    with ExitStack() as ending:
        kit = set_up.db(app, url, ending)
        make_user = _user_with_other_columns if set_up.other_columns else _own_user
        user = None if set_up.key is None else make_user(kit.base, set_up)
        shop = _shop(app, kit, user, by_factory=set_up.by_factory)
        note = _note(kit.base, user, set_up)
        _add_views(app, kit, note)
        with app.app_context():
            engine = app.extensions["porter"].accounts.database.engine()
            ending.callback(engine.dispose)
            own = [model.__table__ for model in (user, note) if model is not None]
            note.metadata.create_all(engine, own)
        yield shop


def _shop(app: Flask, kit: Kit, user: type[Any] | None, *, by_factory: bool) -> Shop:
    sent: list[Message] = []
    options: dict[str, Any] = {"user": user, "mailer": sent.append, "hasher": quick_hasher()}
    if by_factory:
        porter = Porter(db=kit.db, **options)
        porter.init_app(app)
    else:
        porter = Porter(app, kit.db, **options)
    return Shop(app, porter, sent)


def flask_sqlalchemy(app: Flask, url: str, ending: ExitStack) -> Kit:
    db = SQLAlchemy()
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    ending.callback(lambda: _dispose(app, lambda: db.engines))
    return Kit(db, db.Model, _as_it_is(lambda: db.session))


def flask_sqlalchemy_lite(app: Flask, url: str, ending: ExitStack) -> Kit:
    db = SQLAlchemyLite()
    app.config["SQLALCHEMY_ENGINES"] = {"default": url}
    db.init_app(app)
    ending.callback(lambda: _dispose(app, lambda: db.engines))
    return Kit(db, _new_base(), _as_it_is(lambda: db.session))


def engine(app: Flask, url: str, ending: ExitStack) -> Kit:
    made = create_engine(url)
    return Kit(made, _new_base(), lambda: Session(made))


def session_maker(app: Flask, url: str, ending: ExitStack) -> Kit:
    make = sessionmaker(create_engine(url))
    return Kit(make, _new_base(), make)


def scoped(app: Flask, url: str, ending: ExitStack) -> Kit:
    sessions = scoped_session(sessionmaker(create_engine(url)))
    app.teardown_appcontext(lambda _: sessions.remove())
    return Kit(sessions, _new_base(), _as_it_is(lambda: sessions))


def no_database(app: Flask, url: str, ending: ExitStack) -> Kit:
    """An app without one can use the file that is made for it."""
    return Kit(None, _new_base(), _as_it_is(lambda: object_session(current_user)))


def _own_user(base: Any, set_up: SetUp) -> type[Any]:
    kind, makes = _KEYS[set_up.key or int]
    place: dict[str, Any] = {"schema": set_up.schema}
    bind = set_up.bind_key

    class Member(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "member"
        __table_args__ = place
        __bind_key__ = bind
        id: Mapped[Any] = mapped_column(kind, primary_key=True, default=makes)
        notes: Mapped[list[Any]] = relationship("Note")

    return Member


def _user_with_other_columns(base: Any, set_up: SetUp) -> type[Any]:
    kind, makes = _KEYS[set_up.key or int]

    class Member(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "member"
        number: Mapped[Any] = mapped_column("member_no", kind, primary_key=True, default=makes)
        id = synonym("number")
        email: Mapped[str | None] = mapped_column("mail", String(320))
        email_key: Mapped[str | None] = mapped_column("mail_key", String(320), unique=True)
        username_key: Mapped[str | None] = mapped_column("nick", String(64), unique=True)
        password_hash: Mapped[str | None] = mapped_column("pw", String(512))
        session_generation: Mapped[int] = mapped_column("generation", default=0)
        notes: Mapped[list[Any]] = relationship("Note")

    return Member


def _note(base: Any, user: type[Any] | None, set_up: SetUp) -> type[Any]:
    """Return a model of the app's own, whose rows belong to users."""
    place: dict[str, Any] = {"schema": set_up.schema}
    bind = set_up.bind_key
    refers = [] if user is None else [ForeignKey(inspect(user).primary_key[0])]

    class Note(base):  # type: ignore[misc]
        __tablename__ = "note"
        __table_args__ = place
        __bind_key__ = bind
        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str]
        owner_id: Mapped[Any] = mapped_column(_KEYS[set_up.key or int][0], *refers)

    return Note


def _add_views(app: Flask, kit: Kit, note: type[Any]) -> None:
    @app.get("/")
    @login_required
    def home() -> dict[str, Any]:
        """Show what is of the user: their columns, and rows that are read when asked for."""
        with kit.session() as session:
            written = list(session.scalars(select(note.text)))
        return {
            "name": current_user.display_name,
            "key": type(current_user.id).__name__,
            "language": current_user.language,
            "roles": [role.name for role in current_user.roles],
            "notes": [note.text for note in getattr(current_user, "notes", ())],
            "written": written,
        }

    @app.post("/notes")
    @login_required
    def write() -> dict[str, Any]:
        """Change something of the app's own, and then something of the user's."""
        with kit.session() as session:
            session.add(note(text=request.form["text"], owner_id=current_user.id))
            session.commit()
        current_user.language = "de"
        object_session(current_user).commit()  # type: ignore[union-attr]
        return {}


def _new_base() -> Any:
    class Base(DeclarativeBase):
        pass

    return Base


def _as_it_is(session: Callable[[], Any]) -> Callable[[], AbstractContextManager[Any]]:
    """Use a session that the app ends elsewhere."""

    @contextmanager
    def used() -> Iterator[Any]:
        yield session()

    return used


def _dispose(app: Flask, engines: Callable[[], Any]) -> None:
    with app.app_context():
        for each in engines().values():
            each.dispose()
