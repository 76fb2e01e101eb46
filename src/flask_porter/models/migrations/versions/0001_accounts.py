"""The tables of the first release.

What stands here is the past: it is never changed, and takes nothing from the models but the key,
the table and the schema of a user, which are the app's.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context, op

from flask_porter.models.append_only import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    schema = context.config.attributes["models"].schema
    if context.config.attributes["models"].owns_user:
        _make("porter_users", *_users(), sqlite_autoincrement=True)
    _make("porter_roles", _counted(), sa.Column("name", sa.String(64), nullable=False, unique=True))
    _make(
        "porter_role_permissions",
        _role_id("porter_role_permissions"),
        sa.Column("permission", sa.String(128), primary_key=True),
    )
    _make(
        "porter_user_roles",
        _user_id("porter_user_roles", primary_key=True),
        _role_id("porter_user_roles"),
        indexed=["role_id"],
    )
    _make("porter_sessions", *_sessions(), indexed=["user_id", "expires_at"])
    _make("porter_tokens", *_tokens(), indexed=["user_id", "browser_digest", "expires_at"])
    _make("porter_outbox", *_outbox(), indexed=["user_id", "due_at"])
    _make("porter_audit", *_audit(), indexed=["at", "user_id"])
    _make("porter_throttles", *_throttles(), indexed=["forgotten_at"])
    _make("porter_kept_requests", *_kept_requests(), indexed=["user_id", "expires_at"])
    for statement in statements(op.get_bind().dialect, "porter_audit", schema):
        op.get_bind().exec_driver_sql(statement)


def _users() -> list[sa.Column[Any]]:
    return [
        _counted(),
        sa.Column("email", sa.String(320)),
        sa.Column("email_key", sa.String(320), unique=True),
        sa.Column("username", sa.String(64)),
        sa.Column("username_key", sa.String(64), unique=True),
        sa.Column("password_hash", sa.String(512)),
        sa.Column("email_verified_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_login_at", MOMENT),
        sa.Column("disabled_at", MOMENT),
        sa.Column("password_disabled_at", MOMENT),
        sa.Column("session_generation", sa.Integer, nullable=False, server_default="0"),
        sa.Column("language", sa.String(16)),
    ]


def _sessions() -> list[sa.Column[Any]]:
    return [
        _user_id("porter_sessions"),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("secret_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("auth_time", MOMENT, nullable=False),
        sa.Column("amr", sa.String(200), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("idle_timeout", sa.Integer),
        sa.Column("remembered", sa.Boolean, nullable=False),
        sa.Column("transport", sa.String(16), nullable=False),
        sa.Column("pathway", sa.String(32), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("user_agent", sa.String(400), nullable=False),
    ]


def _tokens() -> list[sa.Column[Any]]:
    return [
        _counted(),
        sa.Column("digest", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("purpose", sa.String(32), nullable=False),
        _user_id("porter_tokens", nullable=True),
        sa.Column("email", sa.String(320)),
        sa.Column("generation", sa.Integer),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(32)),
        sa.Column("code_digest", sa.LargeBinary(32)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("code_expires_at", MOMENT),
        sa.Column("consumed_at", MOMENT),
    ]


def _outbox() -> list[sa.Column[Any]]:
    return [
        _counted(),
        sa.Column("kind", sa.String(64), nullable=False),
        _user_id("porter_outbox", nullable=True, ondelete="SET NULL"),
        sa.Column("to_address", sa.String(320)),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(32)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("failed_at", MOMENT),
        sa.Column("error", sa.String(400)),
    ]


def _audit() -> list[sa.Column[Any]]:
    number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return [
        sa.Column("id", number, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("user_id", sa.String(255)),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("user_agent", sa.String(400), nullable=False),
        sa.Column("surface", sa.String(16), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    ]


def _throttles() -> list[sa.Column[Any]]:
    return [
        sa.Column("key", sa.String(400), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("free_at", MOMENT, nullable=False),
        sa.Column("forgotten_at", MOMENT, nullable=False),
    ]


def _kept_requests() -> list[sa.Column[Any]]:
    return [
        _user_id("porter_kept_requests"),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("path", sa.String(2048), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
    ]


def _make(
    table: str, *columns: sa.Column[Any], indexed: list[str] | None = None, **options: Any
) -> None:
    schema = context.config.attributes["models"].schema
    op.create_table(table, *columns, schema=schema, **options)
    for name in indexed or []:
        op.create_index(f"ix_{table}_{name}", table, [name], schema=schema)


def _counted() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _user_id(
    table: str, *, ondelete: str = "CASCADE", primary_key: bool = False, nullable: bool = False
) -> sa.Column[Any]:
    key = context.config.attributes["models"].user_key
    # By its full name, so that this key goes to the table as it is in the database.
    target = f"{key.table.fullname}.{key.name}"
    reference = sa.ForeignKey(target, ondelete=ondelete, name=f"fk_{table}_user_id")
    return sa.Column(
        *("user_id", key.type, reference),
        primary_key=primary_key,
        nullable=nullable,
        autoincrement=False,
    )


def _role_id(table: str) -> sa.Column[Any]:
    schema = context.config.attributes["models"].schema
    target = "porter_roles.id" if schema is None else f"{schema}.porter_roles.id"
    reference = sa.ForeignKey(target, ondelete="CASCADE", name=f"fk_{table}_role_id")
    return sa.Column("role_id", sa.Integer, reference, primary_key=True, autoincrement=False)
