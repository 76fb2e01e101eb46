"""What Alembic runs: the steps that are due, on the connection that it was given."""

from __future__ import annotations

from alembic import context

VERSION_TABLE = "porter_alembic_version"

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    version_table_schema=context.config.attributes["models"].schema,
)

with context.begin_transaction():
    context.run_migrations()
