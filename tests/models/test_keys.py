"""The key of a user is of the app's own type, in every table and on every way in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import BLANK_SCHEMA, Engine, MetaData, create_engine, inspect
from sqlalchemy.orm import Session

from flask_porter.models.base import Models, build_models
from flask_porter.models.database import connect
from flask_porter.models.roles import Roles
from flask_porter.models.tokens import Tokens
from flask_porter.models.upgrading import upgrade
from flask_porter.models.users import Users
from tests.models.people import KEYS, NOW, new_base, token_values, user_with_key

JUNK = [
    *("", " ", "0x1", "01", "+1", "1.0", "1 ", "１", "1_0", "None", "\x00", "1\x00", "\ud800"),
    *("9" * 30, "-" + "9" * 30, "9223372036854775808", "x" * 10_000, "' OR 1=1 --", "٣"),
    *("{12345678-1234-1234-1234-123456789012}", "urn:uuid:12345678-1234-1234-1234-123456789012"),
    "ABCDEF78-1234-1234-1234-123456789012",
]


@pytest.fixture(params=KEYS)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def kept(engine: Engine, kind: str) -> Iterator[tuple[Session, Models]]:
    """Yield a session and the models of an app whose users have a key of this kind."""
    base = new_base()
    user = user_with_key(base, KEYS[kind][0])
    user.__table__.create(engine)
    database = connect(engine, user=user)
    models = build_models(database.base, user)
    upgrade(database, models)
    with database.open_session() as session:
        yield session, models


def test_a_key_of_any_kind_is_kept_and_read_back(kept: tuple[Session, Models], kind: str) -> None:
    session, models = kept
    users, tokens, roles = Users(session, models), Tokens(session, models), Roles(session, models)
    first, second = KEYS[kind][1]
    for key in (first, second):
        users.add(id=key, email_key=f"{key}@x.org")
    roles.ensure("admin")
    assert roles.grant(first, "admin")
    row = tokens.add(**token_values(first))
    session.commit()
    session.expire_all()
    found = tokens.find("reset_password", b"d" * 32, NOW)
    assert found is row
    assert found.user_id == first
    assert type(found.user_id) is type(first)
    ada = users.get(found.user_id)
    assert users.parse_id(ada.get_id()) == first
    assert users.get(users.parse_id(ada.get_id())) is ada
    assert roles.holders("admin") == [first]
    assert [user.id for user in users.page(min(first, second), 9)] == [max(first, second)]
    users.delete(ada)
    session.commit()
    assert users.get(first) is None
    assert [user.id for user in users.page(None, 9)] == [second]


def test_junk_is_no_key_and_raises_nothing(kept: tuple[Session, Models], kind: str) -> None:
    session, models = kept
    users = Users(session, models)
    for text in JUNK:
        key = users.parse_id(text)
        assert users.get(key) is None
        assert key is None or kind == "str"
    others: list[object] = [1, 1.0, True, None, b"1", [], {"id": 1}, ("1",)]
    for value in others:
        assert users.parse_id(value) is None


def test_a_number_beyond_its_column_is_no_key(engine: Engine) -> None:
    users, session = _with_integer_keys(engine)
    with session:
        inside, outside = str(2**31 - 1), str(2**63 if engine.name == "sqlite" else 2**31)
        assert users.parse_id(inside) == 2**31 - 1
        assert users.parse_id("-1") == -1
        assert users.get(users.parse_id(inside)) is None
        assert users.parse_id(outside) is None


def _with_integer_keys(engine: Engine) -> tuple[Users, Session]:
    database = connect(engine)
    models = build_models(database.base)
    upgrade(database, models)
    session = database.open_session()
    return Users(session, models), session


@pytest.mark.postgres
def test_our_tables_stand_in_the_schema_of_the_users(emptied_database: str) -> None:
    engine = create_engine(emptied_database)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA people")
    base = new_base()
    user = user_with_key(base, KEYS["uuid"][0], schema="people")
    base.metadata.create_all(engine)
    database = connect(engine, user=user)
    models = build_models(database.base, user)
    upgrade(database, models)
    names = set(inspect(engine).get_table_names(schema="people"))
    assert names == {*(table.name for table in models.tables), "member", "porter_alembic_version"}
    assert inspect(engine).get_table_names() == []
    with database.open_session() as session:
        ada = Users(session, models).add(id=KEYS["uuid"][1][0])
        Tokens(session, models).add(**token_values(ada.id))
        Users(session, models).delete(ada)
        session.commit()
    engine.dispose()


def test_no_schema_is_not_the_default_schema() -> None:
    base = new_base()
    base.metadata = MetaData(schema="people")
    user = user_with_key(base, KEYS["int"][0], schema=BLANK_SCHEMA)  # type: ignore[arg-type]
    assert {table.schema for table in build_models(base, user).tables} == {None}


def test_our_own_user_stands_in_the_default_schema() -> None:
    base = new_base()
    base.metadata = MetaData(schema="people")
    assert {table.schema for table in build_models(base).tables} == {"people"}
