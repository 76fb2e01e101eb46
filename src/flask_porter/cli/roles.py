"""``flask porter roles``: what each role permits."""

from __future__ import annotations

import click

from ..flows import roles as flows
from .asking import ask
from .tables import table
from .telling import Commands

roles = Commands("roles", help="Roles, and what they permit.")


@roles.command("list")
def show() -> None:
    """List the roles."""
    found = ask(flows.show)["roles"]
    rows = [(name, " ".join(permissions)) for name, permissions in found.items()]
    click.echo(table(("role", "permissions"), rows))


@roles.command("set")
@click.argument("role")
@click.argument("permissions", nargs=-1)
def set_permissions(role: str, permissions: tuple[str, ...]) -> None:
    """Make ROLE, or set what it permits: all of PERMISSIONS, and nothing else."""
    ask(flows.set_permissions, role=role, permissions=permissions)
    click.echo("Done.")
