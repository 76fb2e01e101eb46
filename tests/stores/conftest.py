"""The stores of the database run on SQLite and on PostgreSQL, each test on empty tables."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session

from flask_porter.models.base import Models, build_models
from flask_porter.models.database import Database, connect

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(scope="module", params=DATABASES)
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a database of this module, as SQLAlchemy spells it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('stores') / 'porter.sqlite3'}"
    server: str = request.getfixturevalue("postgres_server")
    name = request.module.__name__.rpartition(".")[2]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    spelled = server.replace("postgresql://", "postgresql+psycopg://", 1)
    return make_url(spelled).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def engine(address: str) -> Iterator[Engine]:
    engine = create_engine(address)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def database(engine: Engine) -> Database:
    database = connect(engine)
    build_models(database.base).metadata.create_all(engine)
    return database


@pytest.fixture
def models(database: Database) -> Models:
    models = build_models(database.base)
    with database.engine().begin() as connection:
        for table in reversed(models.tables):
            connection.execute(table.delete())
    return models


@pytest.fixture
def session(database: Database, models: Models) -> Iterator[Session]:
    with database.open_session() as session:
        yield session
