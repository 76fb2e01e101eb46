"""A trigger by which the database itself refuses to change an entry of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event, text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, Table

_NAME: Final = "porter_audit_append_only"
_REFUSAL: Final = "porter_audit is append-only"


def refuse_changes(table: Table) -> None:
    """Have the trigger made with the table (OWASP ASVS 5.0, 16.4.2), also by ``create_all()``."""
    event.listen(table, "after_create", _after_create)
    event.listen(table, "after_drop", _after_drop)


def statements(dialect: Dialect, table: str, schema: str | None) -> list[str]:
    """Return the SQL that makes the trigger; nothing for a database that we do not know."""
    quote = dialect.identifier_preparer.quote
    prefix = "" if schema is None else f"{quote(schema)}."
    if dialect.name == "sqlite":
        return [
            (
                f"CREATE TRIGGER {prefix}{_NAME} BEFORE UPDATE ON {quote(table)}"
                f" BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
        ]
    if dialect.name == "postgresql":
        return [
            (
                f"CREATE OR REPLACE FUNCTION {prefix}{_NAME}() RETURNS trigger LANGUAGE plpgsql"
                f" AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
            ),
            (
                f"CREATE TRIGGER {_NAME} BEFORE UPDATE ON {prefix}{quote(table)}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {prefix}{_NAME}()"
            ),
        ]
    return []


def is_there(connection: Connection, table: Table) -> bool:
    """Tell whether the trigger is there; True for a database that we do not know."""
    quote = connection.dialect.identifier_preparer.quote
    if connection.dialect.name == "sqlite":
        prefix = "" if table.schema is None else f"{quote(table.schema)}."
        asked = f"SELECT 1 FROM {prefix}sqlite_master WHERE type = 'trigger' AND name = :name"  # noqa: S608
        return connection.scalar(text(asked), {"name": _NAME}) is not None
    if connection.dialect.name == "postgresql":
        of = connection.dialect.identifier_preparer.format_table(table)
        asked = "SELECT 1 FROM pg_trigger WHERE tgname = :name AND tgrelid = to_regclass(:of)"
        return connection.scalar(text(asked), {"name": _NAME, "of": of}) is not None
    return True


def _after_create(table: Table, connection: Connection, **_: Any) -> None:
    for statement in statements(connection.dialect, table.name, table.schema):
        connection.exec_driver_sql(statement)


def _after_drop(table: Table, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "postgresql":
        quote = connection.dialect.identifier_preparer.quote
        prefix = "" if table.schema is None else f"{quote(table.schema)}."
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {prefix}{_NAME}()")
