"""Every set-up of SQLAlchemy that an app may have, each on SQLite and on PostgreSQL."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_lite import SQLAlchemy as SQLAlchemyLite
from sqlalchemy import Column, Engine, ForeignKey, Table, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker

from flask_porter.errors import SetUpError
from flask_porter.models.base import Models, build_models, table_of
from flask_porter.models.database import Database, connect, in_file
from flask_porter.models.upgrading import state, upgrade
from flask_porter.models.users import AccountMixin, Users

SetUp = Callable[[Flask, str], Any]


def with_engine(app: Flask, url: str) -> Any:
    return create_engine(url)


def with_sessionmaker(app: Flask, url: str) -> Any:
    return sessionmaker(create_engine(url))


def with_scoped_session(app: Flask, url: str) -> Any:
    return scoped_session(sessionmaker(create_engine(url)))


def with_home_made_factory(app: Flask, url: str) -> Any:
    make = sessionmaker(create_engine(url))
    factory: Any = lambda: make()  # noqa: E731
    return scoped_session(factory)


def with_flask_sqlalchemy(app: Flask, url: str) -> Any:
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    return SQLAlchemy(app)


def with_base_of_its_own(app: Flask, url: str) -> Any:
    class Base(DeclarativeBase):
        pass

    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db = SQLAlchemy(model_class=Base)
    db.init_app(app)
    return db


def with_flask_sqlalchemy_lite(app: Flask, url: str) -> Any:
    app.config["SQLALCHEMY_ENGINES"] = {"default": url}
    return SQLAlchemyLite(app)


SET_UPS = [
    *(with_engine, with_sessionmaker, with_scoped_session, with_home_made_factory),
    *(with_flask_sqlalchemy, with_base_of_its_own, with_flask_sqlalchemy_lite),
]


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask(__name__)
    yield app
    for db in (app.extensions.get("sqlalchemy"),):
        if db is not None:
            with app.app_context():
                for engine in db.engines.values():
                    engine.dispose()


def own_user(db: Any) -> type[Any]:
    class Base(DeclarativeBase):
        pass

    base: Any = getattr(db, "Model", Base)

    class Member(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "member"
        id: Mapped[int] = mapped_column(primary_key=True)

    return Member


@pytest.mark.parametrize("brings_user", [False, True], ids=["ours", "own"])
@pytest.mark.parametrize("set_up", SET_UPS)
def test_each_set_up_keeps_users(app: Flask, url: str, set_up: SetUp, brings_user: bool) -> None:
    db = set_up(app, url)
    user = own_user(db) if brings_user else None
    database = connect(db, user=user)
    models = build_models(database.base, user)
    with app.app_context():
        if user is not None:
            user.__table__.create(database.engine())
        assert state(database, models) == "none"
        upgrade(database, models)
        assert state(database, models) == "current"
        _lives(database, models)
    database.remove()
    if isinstance(db, Engine | sessionmaker | scoped_session):
        database.engine().dispose()


def _lives(database: Database, models: Models) -> None:
    with database.open_session() as session:
        ada = Users(session, models).add(email_key="ada@x.org", username="ada")
        assert Users(session, models).parse_id(ada.get_id()) == ada.id
        session.commit()
    # Read after the commit, and after the session is closed.
    assert (ada.username, ada.session_generation) == ("ada", 0)
    own = database.app_session()
    assert database.app_session() is own
    assert database.open_session() is not own
    found = Users(own, models).find_by_email("ada@x.org")
    assert found.id == ada.id
    own.rollback()


def test_our_sessions_leave_those_of_the_app_alone(app: Flask, url: str) -> None:
    db = with_flask_sqlalchemy(app, url)
    database = connect(db)
    models = build_models(database.base)
    with app.app_context():
        upgrade(database, models)
        db.session.add(models.user(email_key="pending@x.org"))  # type: ignore[call-arg]
        with database.open_session() as session:
            Users(session, models).add(email_key="ada@x.org")
            session.rollback()
        assert [user.email_key for user in db.session.new] == ["pending@x.org"]
        assert db.session().expire_on_commit


def test_a_bind_key_leads_to_its_database(app: Flask, url: str, tmp_path: Path) -> None:
    app.config["SQLALCHEMY_BINDS"] = {"people": url}
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    db = SQLAlchemy(app)

    class Member(AccountMixin, db.Model):  # type: ignore[misc, name-defined]
        __bind_key__ = "people"
        id: Mapped[int] = mapped_column(primary_key=True)

    database = connect(db, user=Member)
    models = build_models(database.base, Member)
    assert {table.metadata.info["bind_key"] for table in models.tables} == {"people"}
    with app.app_context():
        db.create_all("people")
        upgrade(database, models)
        assert database.engine() is db.engines["people"]
        _lives(database, models)
        assert inspect(db.engine).get_table_names() == []


def test_one_extension_object_serves_two_apps(url: str, tmp_path: Path) -> None:
    db = SQLAlchemy()
    database = connect(db)
    models = build_models(database.base)
    for address in (url, f"sqlite:///{tmp_path / 'second.sqlite3'}"):
        app = Flask(__name__)
        app.config["SQLALCHEMY_DATABASE_URI"] = address
        db.init_app(app)
        assert build_models(connect(db).base) is models
        with app.app_context():
            upgrade(database, models)
            _lives(database, models)
            with database.open_session() as session:
                assert Users(session, models).count() == 1
            db.engine.dispose()


def test_an_app_without_a_database_gets_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "instance" / "porter.sqlite3"
    database = in_file(path)
    models = build_models(database.base)
    upgrade(database, models)
    _lives(database, models)
    database.remove()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with database.engine().connect() as connection:
        for pragma, value in (
            ("journal_mode", "wal"),
            ("foreign_keys", 1),
            ("busy_timeout", 15000),
        ):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    database.engine().dispose()


def test_apps_without_a_base_share_one(tmp_path: Path) -> None:
    """What is mapped is never freed, and a suite may make an app for each test."""
    one, other = (in_file(tmp_path / name) for name in "ab")
    assert build_models(one.base) is build_models(other.base)


def test_an_app_may_have_tables_of_its_own_beside_ours(tmp_path: Path) -> None:
    """A factory that a suite calls twice makes them twice."""
    for name in "ab":
        models = build_models(in_file(tmp_path / name).base)
        assert "notes" not in models.metadata.tables
        Table("notes", models.metadata, Column("of", ForeignKey(table_of(models.user).c.id)))
        assert "porter_users" in models.metadata.tables


def test_a_database_in_memory_will_do_for_one_thread(app: Flask) -> None:
    database = connect(with_flask_sqlalchemy(app, "sqlite://"))
    models = build_models(database.base)
    with app.app_context():
        upgrade(database, models)
        _lives(database, models)
        assert state(database, models) == "current"


def test_removing_ends_the_session_of_this_thread(tmp_path: Path) -> None:
    database = in_file(tmp_path / "porter.sqlite3")
    own = database.app_session()
    database.remove()
    assert database.app_session() is not own
    database.remove()


@pytest.mark.parametrize("db", ["sqlite://", 5, object(), Flask, async_sessionmaker()])
def test_an_unknown_object_is_refused_with_what_to_pass(db: object) -> None:
    with pytest.raises(SetUpError, match=r"Flask-SQLAlchemy.*Engine"):
        connect(db)


def test_no_error_in_our_statements_prints_what_they_held(tmp_path: Path) -> None:
    """Neither a digest nor an address (OWASP Logging Cheat Sheet, "Data to exclude")."""
    engine = create_engine(f"sqlite:///{tmp_path}/shop.sqlite3")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE jars (label TEXT CHECK (label = 'jam'))"))
    database = connect(engine)
    with pytest.raises(IntegrityError) as caught, database.session() as session:
        session.execute(text("INSERT INTO jars VALUES (:label)"), {"label": "a secret"})
    assert "INSERT INTO jars" in str(caught.value)
    assert "a secret" not in str(caught.value)
    engine.dispose()
