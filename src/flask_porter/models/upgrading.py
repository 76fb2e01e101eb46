"""Brings our tables to what this release needs, and tells how far they are."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import QueuePool, inspect

from ..errors import SetUpError
from .append_only import is_there
from .away import unavailable_if_away
from .base import table_of
from .savepoints import take_write_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from .base import Models
    from .database import Database

#: What the tables are: as this release needs them, older, of a newer release, or not there.
State = Literal["current", "behind", "ahead", "none"]

_VERSION_TABLE: Final = "porter_alembic_version"
_SCRIPTS: Final = Path(__file__).parent / "migrations"


def state(database: Database, models: Models) -> State:
    """Tell how far our tables are.

    Tables are current when they have every column of ours, whoever made them: the app itself, by
    ``create_all()`` or by migrations of its own, or our steps.
    """
    with _connected(database) as connection:
        return _state(connection, models)


def upgrade(
    database: Database,
    models: Models,
    *,
    migrated_by_app: bool = False,
    to: str = "head",
) -> None:
    """Bring our tables to what this release needs; those that are there keep what is in them.

    Only one process does it at a time, and all of it or nothing.

    Args:
        database: where.
        models: the mapped classes, which say what key, table and schema a user has.
        migrated_by_app: whether the app's own migrations make every table, as with Flask-Migrate.
        to: the step to go to.

    Raises:
        SetUpError: the app makes the tables itself, the table of its users is not there yet, the
            tables are of a newer release, or some of them are gone.
    """
    if migrated_by_app:
        raise SetUpError(
            "This app migrates all tables itself, with ours among them: run 'flask db migrate' and"
            " 'flask db upgrade'."
        )
    with _connected(database) as connection, connection.begin():
        _wait_for_others(connection)
        found = _state(connection, models)
        version = _version(connection, models)
        _refuse_what_is_not_ours_to_mend(found, version)
        _check_users(connection, models)
        configuration = _configuration(connection, models)
        if found == "current":
            if version is None:
                command.stamp(configuration, "head")
            return
        if found == "none" and version is not None:
            # It is in no metadata, so drop_all() leaves it.
            command.stamp(configuration, "base")
        command.upgrade(configuration, to)


def refuses_changes(database: Database, models: Models) -> bool:
    """Tell whether the database refuses to change the audit log; migrations of an app may not."""
    with _connected(database) as connection:
        return is_there(connection, table_of(models.audit))


def revisions() -> list[str]:
    """Return every step, the first one first."""
    scripts = ScriptDirectory(str(_SCRIPTS))
    return [script.revision for script in scripts.walk_revisions()][::-1]


@contextmanager
def _connected(database: Database) -> Iterator[Connection]:
    with unavailable_if_away(), database.engine().connect() as connection:
        if isinstance(connection.engine.pool, QueuePool):
            # Nothing is left in the pool for a server to fork with.
            connection.detach()
        yield connection


def _wait_for_others(connection: Connection) -> None:
    # The driver of SQLite would commit each step by itself.
    take_write_lock(connection)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock(hashtext('{_VERSION_TABLE}'))")


def _state(connection: Connection, models: Models) -> State:
    version = _version(connection, models)
    if version is None:
        return _state_of_tables(connection, models)
    known = revisions()
    if version not in known:
        return "ahead"
    # A restored backup may lack tables, and a step has no look at what is there.
    return _state_of_tables(connection, models) if version == known[-1] else "behind"


def _state_of_tables(connection: Connection, models: Models) -> State:
    inspector = inspect(connection)
    present = set(inspector.get_table_names(schema=models.schema))
    tables = [table for table in models.tables if table.name in present]
    if not tables:
        return "none"
    lacks = len(tables) < len(models.tables) or any(
        {column.name for column in table.columns}
        - {column["name"] for column in inspector.get_columns(table.name, schema=table.schema)}
        for table in tables
    )
    return "behind" if lacks else "current"


def _refuse_what_is_not_ours_to_mend(found: State, version: str | None) -> None:
    if found == "ahead":
        raise SetUpError(
            "The tables of Flask-Porter are of a newer release than the package: install that"
            " release, or put an older database in place."
        )
    if found == "behind" and version == revisions()[-1]:
        raise SetUpError(
            "Some tables or columns of Flask-Porter are gone, though 'flask porter database"
            " upgrade' has made them: restore them from a backup."
        )
    if found == "behind" and version is None:
        raise SetUpError(
            "Some tables of Flask-Porter are there, but not as this release needs them, and"
            " 'flask porter database upgrade' has not made them: bring them up to date by the"
            " migrations that made them, or drop those that create_all() made."
        )


def _version(connection: Connection, models: Models) -> str | None:
    options = {"version_table": _VERSION_TABLE, "version_table_schema": models.schema}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _check_users(connection: Connection, models: Models) -> None:
    table = models.user_key.table
    if models.owns_user or inspect(connection).has_table(table.name, schema=table.schema):
        return
    raise SetUpError(
        f"The table {table.fullname!r} of your users is not there yet, and ours refer to it: make"
        " it first, by your migrations or by create_all()."
    )


def _configuration(connection: Connection, models: Models) -> Config:
    configuration = Config(attributes={"connection": connection, "models": models})
    configuration.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return configuration
