"""``flask porter users``: make, see, disable, enable and delete accounts."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

import click

from ..flows import roles as role_flows
from ..flows import users as flows
from ..flows.operating import MOST
from ..models.columns import one_line
from .asking import ask
from .import_users import import_file
from .tables import moment, table
from .telling import Commands

users = Commands("users", help="The accounts of the app.")
users.add_command(import_file)


@users.command("create")
@click.argument("email")
@click.option("--username", help="What else they are named by.")
@click.option("--role", "roles", multiple=True, help="A role to grant; may be repeated.")
@click.option("--verified", is_flag=True, help="Vouch for the address.")
@click.option("--no-mail", is_flag=True, help="Send no invitation to choose a password.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME=VALUE",
    help="What the app's own registration asks for; may be repeated.",
)
def create(
    email: str,
    username: str | None,
    roles: tuple[str, ...],
    verified: bool,
    no_mail: bool,
    fields: tuple[str, ...],
) -> None:
    """Make an account for EMAIL, and mail an invitation to choose a password.

    A password is never given here: its owner alone knows it.
    """
    known = ask(role_flows.show)["roles"]
    for role in roles:
        if role not in known:
            raise click.ClickException(
                f"unknown role {one_line(role)}: make it by 'flask porter roles set ROLE'"
            )
    if any("=" not in each for each in fields):
        raise click.BadParameter("Write it as NAME=VALUE.", param_hint="--field")
    given = {"email": email, "username": username, "verified": verified, "invite": not no_mail}
    own = dict(each.split("=", 1) for each in fields)
    made = ask(flows.create, **given, own=own)["user"]
    for role in roles:
        ask(role_flows.grant, user=f"id:{made['id']}", role=role)
    click.echo(f"Made user {made['id']}: {made['email']}.")


@users.command("list")
@click.option("--like", default="", help="A part of the address or username.")
@click.option("--after", help="The id of the last user of the page before.")
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, MOST),
    help="How many at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_all(like: str, after: str | None, limit: int, as_json: bool) -> None:
    """List accounts."""
    found = ask(flows.page, like=like, after=after, limit=limit)["users"]
    if as_json:
        click.echo(json.dumps(found, indent=2, default=str))
        return
    head = ("id", "email", "username", "verified (UTC)", "last log-in (UTC)", "state", "roles")
    click.echo(table(head, [_row(user) for user in found]))


@users.command("show")
@click.argument("user")
def show(user: str) -> None:
    """Show the account of USER: an address, a username or an id."""
    found = ask(flows.show, user=user)
    for name, value in found["user"].items():
        click.echo(f"{name}: {_shown(value)}")
    click.echo(f"devices: {len(found['devices'])}")


@users.command("disable")
@click.argument("user")
def disable(user: str) -> None:
    """Let nobody in as USER, from the next request on."""
    ask(flows.disable, user=user)
    click.echo("Disabled.")


@users.command("enable")
@click.argument("user")
def enable(user: str) -> None:
    """Let USER in again."""
    ask(flows.enable, user=user)
    click.echo("Enabled.")


@users.command("delete")
@click.argument("user")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(user: str, yes: bool) -> None:
    """Delete the account of USER."""
    found = ask(flows.show, user=user)["user"]
    if not yes:
        _ask_about(one_line(found["email"] or found["id"]))
    gone = ask(flows.delete, user=f"id:{found['id']}")["is_gone"]
    click.echo("Deleted." if gone else "Emptied: rows of the app still point to it.")


@users.command("send-reset")
@click.argument("user")
def send_reset(user: str) -> None:
    """Mail USER a link to choose a new password."""
    ask(flows.send_reset, user=user)
    click.echo("The mail is on its way.")


@users.command("set-role")
@click.argument("user")
@click.argument("role")
@click.option("--remove", is_flag=True, help="Take it away.")
def set_role(user: str, role: str, remove: bool) -> None:
    """Grant USER the role ROLE."""
    changed = ask(role_flows.revoke if remove else role_flows.grant, user=user, role=role)
    click.echo("Done." if changed["changed"] else "Nothing to do.")


def _ask_about(name: str) -> None:
    # Where nobody can answer, as under cron, the question would wait for ever.
    if not sys.stdin.isatty():
        raise click.ClickException("Nobody is there to be asked: --yes deletes without a question.")
    if not click.confirm(f"Delete {name} for good?"):
        raise click.ClickException("Nothing was deleted.")


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{moment(value)} UTC"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = ", ".join(value)
    return one_line(str(value or "-"))


def _row(user: dict[str, Any]) -> tuple[str, ...]:
    return (
        user["id"],
        user["email"] or "-",
        user["username"] or "-",
        moment(user["email_verified_at"]),
        moment(user["last_login_at"]),
        "disabled" if user["disabled_at"] else "active",
        " ".join(user["roles"]),
    )
