"""``flask porter audit``: what happened, and an end to what is too old."""

from __future__ import annotations

import json

import click

from ..flows import audit_log as flows
from ..flows.operating import MOST
from .asking import ask
from .tables import moment, table
from .telling import Commands

audit = Commands("audit", help="What happened in the accounts.")


@audit.command("list")
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, MOST), help="How many at most."
)
@click.option("--event", help="Of one kind alone, as authn_login_fail.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def show(limit: int, event: str | None, as_json: bool) -> None:
    """List the last events, the newest first."""
    found = ask(flows.show, limit=limit, event=event)["events"]
    if as_json:
        for one in found:
            click.echo(json.dumps(one, default=str))
        return
    head = ("at (UTC)", "level", "event", "user", "by", "address", "details")
    rows = [
        (
            moment(one["at"]),
            one["level"],
            one["event"],
            one["user_id"] or "-",
            one["actor"] or "-",
            one["address"] or "-",
            " ".join(f"{name}={value}" for name, value in one["details"].items()),
        )
        for one in found
    ]
    click.echo(table(head, rows))


@audit.command("purge")
def purge() -> None:
    """Remove what is over, and audit entries older than PORTER_AUDIT_RETENTION."""
    for name, count in ask(flows.purge).items():
        click.echo(f"{name}: {count}")
