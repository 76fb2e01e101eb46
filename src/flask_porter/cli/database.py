"""``flask porter database``: the tables of the account layer."""

from __future__ import annotations

import click
from flask import current_app

from ..models.upgrading import state, upgrade
from .asking import accounts
from .telling import Commands

database = Commands("database", help="The tables of the account layer.")


@database.command("upgrade")
def upgrade_tables() -> None:
    """Make our tables, or bring them to what this release needs."""
    kept = accounts()
    migrated_by_app = "migrate" in current_app.extensions
    upgrade(kept.database, kept.models, migrated_by_app=migrated_by_app)
    click.echo("The tables are as this release needs them.")


@database.command("state")
def show_state() -> None:
    """Say how far our tables are: current, behind, ahead or none. Fails unless current."""
    kept = accounts()
    found = state(kept.database, kept.models)
    click.echo(found)
    if found != "current":
        raise SystemExit(1)
