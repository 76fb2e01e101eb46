"""``flask porter sessions``: who is logged in where, and an end to it."""

from __future__ import annotations

import click

from ..flows import users as flows
from .asking import ask
from .tables import moment, table
from .telling import Commands

sessions = Commands("sessions", help="Who is logged in where.")


@sessions.command("list")
@click.argument("user")
def show(user: str) -> None:
    """List the devices of USER, each with the handle that ends it."""
    found = ask(flows.show, user=user)["devices"]
    head = ("device", "address", "logged in (UTC)", "last seen (UTC)", "remembered", "handle")
    rows = [
        (
            device.name or "-",
            device.address or "-",
            moment(device.first_seen),
            moment(device.last_seen),
            "yes" if device.remembered else "no",
            device.handle,
        )
        for device in found
    ]
    click.echo(table(head, rows))


@sessions.command("end")
@click.argument("user")
@click.option("--device", metavar="HANDLE", help="End this one alone; `sessions list` names it.")
def end(user: str, device: str | None) -> None:
    """Log USER out everywhere, at the very next request."""
    count = ask(flows.end_sessions, user=user, device=device)["count"]
    click.echo(f"Ended {count} session{'' if count == 1 else 's'}.")
