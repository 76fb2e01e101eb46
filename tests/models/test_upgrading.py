from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from flask_porter.errors import SetUpError
from flask_porter.models.audit import Audit
from flask_porter.models.base import Models, build_models
from flask_porter.models.database import Database, connect
from flask_porter.models.outbox import Outbox
from flask_porter.models.tokens import Tokens
from flask_porter.models.upgrading import refuses_changes, revisions, state, upgrade
from flask_porter.models.users import Users
from tests.models.happenings import Happened
from tests.models.people import KEYS, NOW, new_base, user_with_key

VERSIONS = "porter_alembic_version"
ROWS = json.loads((Path(__file__).parent / "rows_of_0001.json").read_text())


@pytest.fixture
def database(engine: Engine) -> Database:
    return connect(engine)


@pytest.fixture
def models(database: Database) -> Models:
    """Return the models of an app that brings no user; no table is made yet."""
    return build_models(database.base)


def test_the_tables_are_made_and_made_once(database: Database, models: Models) -> None:
    assert state(database, models) == "none"
    upgrade(database, models)
    assert state(database, models) == "current"
    upgrade(database, models)
    with database.open_session() as session:
        Users(session, models).add(email_key="ada@x.org")
        session.commit()
    upgrade(database, models)
    with database.open_session() as session:
        assert Users(session, models).count() == 1


@pytest.mark.parametrize("kind", KEYS)
def test_the_steps_lead_to_what_the_models_say(engine: Engine, kind: str) -> None:
    base = new_base()
    user = user_with_key(base, KEYS[kind][0])
    user.__table__.create(engine)
    models = build_models(base, user)
    upgrade(connect(engine, user=user), models)
    assert differences(engine, models) == []


def test_the_steps_lead_to_our_own_user(engine: Engine, database: Database, models: Models) -> None:
    upgrade(database, models)
    assert differences(engine, models) == []


def differences(engine: Engine, models: Models) -> list[Any]:
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": _is_no_version_table}
        context = MigrationContext.configure(connection, opts=options)
        return [*compare_metadata(context, models.metadata)]


def _is_no_version_table(_: Any, name: str, *__: Any) -> bool:
    return name != VERSIONS


def test_a_column_that_no_step_makes_is_found(
    engine: Engine, database: Database, models: Models
) -> None:
    upgrade(database, models)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE porter_tokens DROP COLUMN email"))
    assert [change[0] for change in differences(engine, models)] == ["add_column"]


@pytest.mark.parametrize("revision", revisions())
def test_what_an_older_release_kept_is_there_after_an_upgrade(
    engine: Engine, database: Database, models: Models, revision: str
) -> None:
    upgrade(database, models, to=revision)
    with engine.begin() as connection:
        for table, rows in ROWS.items():
            for row in rows:
                _insert(connection, table, row)
    upgrade(database, models)
    assert state(database, models) == "current"
    with database.open_session() as session:
        ada = Users(session, models).find_by_email("ada@example.com")
        assert ada.password_hash == "$argon2id$kept"
        assert ada.created_at.isoformat() == "2026-11-21T12:00:00.123456+00:00"
        assert ada.has_role("admin")
        assert ada.has_permission("users.read")
        token = Tokens(session, models).find("reset_password", b"d" * 32, NOW)
        assert token is not None
        assert (token.user_id, token.data) == (ada.id, {"to": "é"})
        assert [mail.context for mail in Outbox(session, models).waiting(NOW)] == [{"name": "é"}]
        assert [row.event for row in Audit(session, models).of_user(ada.id, 9)] == ["user_created"]
        record = session.scalars(select(models.session)).one()
        assert (record.user_id, record.amr, record.remembered) == (ada.id, "pwd", True)
        assert session.scalars(select(models.throttle)).one().count == 3
        assert session.scalars(select(models.kept_request)).one().body == b"sealed"


def _insert(connection: Any, table: str, row: dict[str, Any]) -> None:
    """Insert plain values, as the drivers take them; what the models are has no say."""
    values = {
        name: bytes(value[2:], "ascii") if str(value).startswith("b:") else value
        for name, value in row.items()
    }
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def test_upgrade_refuses_where_the_app_migrates_all_tables(
    engine: Engine, database: Database, models: Models
) -> None:
    with pytest.raises(SetUpError, match="flask db upgrade"):
        upgrade(database, models, migrated_by_app=True)
    assert inspect(engine).get_table_names() == []


def test_tables_of_a_newer_release_are_left_alone(
    engine: Engine, database: Database, models: Models
) -> None:
    upgrade(database, models)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSIONS} SET version_num = '9999'"))
    assert state(database, models) == "ahead"
    with pytest.raises(SetUpError, match="newer release"):
        upgrade(database, models)


def test_tables_that_the_app_made_are_taken_over(
    engine: Engine, database: Database, models: Models
) -> None:
    models.metadata.create_all(engine)
    assert state(database, models) == "current"
    upgrade(database, models)
    assert VERSIONS in inspect(engine).get_table_names()
    assert state(database, models) == "current"
    assert differences(engine, models) == []


def test_tables_that_lack_something_are_not_taken_over(
    engine: Engine, database: Database, models: Models
) -> None:
    models.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE porter_outbox"))
    assert state(database, models) == "behind"
    with pytest.raises(SetUpError, match=r"create_all\(\)"):
        upgrade(database, models)
    models.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE porter_tokens DROP COLUMN email"))
    assert state(database, models) == "behind"


def test_tables_that_are_gone_are_missed_though_the_version_says_they_are_there(
    engine: Engine, database: Database, models: Models
) -> None:
    """As after a backup that was restored in part: the commands must not send in circles."""
    upgrade(database, models)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE porter_outbox"))
    assert state(database, models) == "behind"
    with pytest.raises(SetUpError, match="are gone"):
        upgrade(database, models)
    models.metadata.create_all(engine)
    assert state(database, models) == "current"


def test_tables_that_were_all_dropped_are_made_anew(
    engine: Engine, database: Database, models: Models
) -> None:
    """As by `db.drop_all()`, which leaves the version."""
    upgrade(database, models)
    models.metadata.drop_all(engine)
    assert state(database, models) == "none"
    upgrade(database, models)
    assert state(database, models) == "current"
    assert differences(engine, models) == []


def test_the_table_of_the_users_comes_first(engine: Engine) -> None:
    base = new_base()
    user = user_with_key(base, KEYS["uuid"][0])
    database, models = connect(engine, user=user), build_models(base, user)
    with pytest.raises(SetUpError, match=r"'member' of your users"):
        upgrade(database, models)
    assert inspect(engine).get_table_names() == []


def test_a_step_that_fails_leaves_nothing_half_done(
    engine: Engine, database: Database, models: Models
) -> None:
    with engine.begin() as connection:
        # An index by a name that the step is going to want.
        connection.execute(text("CREATE TABLE mine (at INTEGER)"))
        connection.execute(text("CREATE INDEX ix_porter_audit_at ON mine (at)"))
    with pytest.raises(DBAPIError):
        upgrade(database, models)
    assert inspect(engine).get_table_names() == ["mine"]
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE mine"))
    upgrade(database, models)
    assert state(database, models) == "current"


@pytest.mark.parametrize("make", ["upgrade", "create_all"])
def test_both_ways_make_an_audit_log_that_refuses_changes(
    engine: Engine, database: Database, models: Models, make: str
) -> None:
    if make == "upgrade":
        upgrade(database, models)
    else:
        models.metadata.create_all(engine)
    assert refuses_changes(database, models)
    with database.open_session() as session:
        Audit(session, models).add(Happened("user_created"))
        session.commit()
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(update(models.audit).values(event="nothing"))
    models.metadata.drop_all(engine)
    models.metadata.create_all(engine)


def test_several_processes_may_start_at_once(url: str) -> None:
    command = [sys.executable, "-m", "tests.models.upgrade_now", url]
    starting = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(4)]
    errors = [process.communicate(timeout=60)[1].decode() for process in starting]
    assert [process.returncode for process in starting] == [0] * 4, errors


def test_nothing_is_left_in_the_pool_to_fork_with(
    engine: Engine, database: Database, models: Models
) -> None:
    opened: list[object] = []
    closed: list[object] = []
    event.listen(engine, "connect", lambda connection, _: opened.append(connection))
    event.listen(engine, "close_detached", closed.append)
    upgrade(database, models)
    state(database, models)
    assert len(opened) == 2
    assert closed == opened
