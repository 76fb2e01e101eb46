"""Every test of what is kept runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session

from flask_porter.models.base import Models, build_models
from flask_porter.models.database import Database, connect
from flask_porter.models.upgrading import upgrade

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
_numbers = itertools.count(1)


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database, as SQLAlchemy spells it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'porter.sqlite3'}"
    address: str = request.getfixturevalue("emptied_database")
    return address


@pytest.fixture(scope="session")
def kept_database(postgres_server: str) -> str:
    """Return the address of a database that tests empty and use one after the other."""
    return _new_database(postgres_server)


@pytest.fixture
def emptied_database(kept_database: str) -> str:
    """Return the same, empty: that is ten times as fast as a new one."""
    engine = create_engine(kept_database)
    with engine.begin() as connection:
        for schema in ("public", "people"):
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return kept_database


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = _hasty(create_engine(url))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module", params=DATABASES)
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Yield a database of this module with our tables, for an app that brings no user."""
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('models') / 'porter.sqlite3'}")
    else:
        engine = create_engine(_new_database(request.getfixturevalue("postgres_server")))
    database = connect(_hasty(engine))
    upgrade(database, build_models(database.base))
    yield database
    engine.dispose()


@pytest.fixture
def models(database: Database) -> Models:
    return build_models(database.base)


@pytest.fixture
def session(database: Database, models: Models) -> Iterator[Session]:
    """Yield a session on empty tables."""
    with database.engine().begin() as connection:
        for table in reversed(models.tables):
            connection.execute(table.delete())
    with database.open_session() as session:
        yield session


def _hasty(engine: Engine) -> Engine:
    """Let SQLite wait for no disk: nothing here has to survive a power cut."""
    if engine.name == "sqlite":
        event.listen(
            engine, "connect", lambda driver, _: driver.execute("PRAGMA synchronous = OFF")
        )
    return engine


def _spelled(address: str) -> str:
    return address.replace("postgresql://", "postgresql+psycopg://", 1)


def _new_database(server: str) -> str:
    # Dropped with the server, which is of this run.
    name = f"porter_models_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return make_url(_spelled(server)).set(database=name).render_as_string(hide_password=False)
