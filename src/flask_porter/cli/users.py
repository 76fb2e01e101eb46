"""``flask porter users``: make, see, disable, enable, delete and import accounts."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click
from flask.cli import AppGroup

from ..errors import InvalidInput, Refused
from ..flows import import_users as import_flows
from ..flows import roles as role_flows
from ..flows import users as flows
from ..flows.caller import Caller
from ..flows.parsing import parse
from ..flows.run import run
from .asking import accounts, ask, in_words, moment, table

if TYPE_CHECKING:
    from ..flows.import_users import ImportedUser

users = AppGroup("users", help="The accounts of the app.")

_COLUMNS = frozenset({"email", "username", "password_hash", "verified", "roles"})
_YES = frozenset({"1", "true", "yes"})


@users.command("create")
@click.argument("email")
@click.option("--username", help="What else they are named by.")
@click.option("--role", "roles", multiple=True, help="A role to grant; may be repeated.")
@click.option("--verified", is_flag=True, help="Vouch for the address.")
@click.option("--no-mail", is_flag=True, help="Send no invitation to choose a password.")
def create(
    email: str, username: str | None, roles: tuple[str, ...], verified: bool, no_mail: bool
) -> None:
    """Make an account for EMAIL, and mail an invitation to choose a password.

    A password is never given here: its owner alone knows it.
    """
    known = ask(role_flows.show)["roles"]
    for role in roles:
        if role not in known:
            raise click.ClickException(f"unknown role {role}: flask porter roles set {role}")
    made = ask(flows.create, email=email, username=username, verified=verified, invite=not no_mail)[
        "user"
    ]
    for role in roles:
        ask(role_flows.grant, user=made["id"], role=role)
    click.echo(f"Made user {made['id']}: {made['email']}.")


@users.command("list")
@click.option("--like", default="", help="A part of the address or username.")
@click.option("--after", help="The id of the last user of the page before.")
@click.option("--limit", default=100, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_all(like: str, after: str | None, limit: int, as_json: bool) -> None:
    """List accounts."""
    found = ask(flows.page, like=like, after=after, limit=limit)["users"]
    if as_json:
        click.echo(json.dumps(found, indent=2, default=str))
        return
    head = ("id", "email", "username", "verified", "last log-in", "state", "roles")
    click.echo(table(head, [_row(user) for user in found]))


@users.command("show")
@click.argument("user")
def show(user: str) -> None:
    """Show the account of USER: an address, a username or an id."""
    found = ask(flows.show, user=user)
    for name, value in found["user"].items():
        click.echo(f"{name}: {', '.join(value) if isinstance(value, list) else value}")
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
        click.confirm(f"Delete {found['email'] or found['id']} for good?", abort=True)
    gone = ask(flows.delete, user=found["id"])["is_gone"]
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


@users.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.option("--invite", is_flag=True, help="Mail those without a password an invitation.")
def import_file(file: TextIO, invite: bool) -> None:
    """Import users from a CSV FILE, all or none.

    Its first line names the columns: email, and any of username, password_hash, verified, roles
    (separated by spaces).
    """
    found = _read(file)
    with click.progressbar(length=2 * len(found), label="Importing") as bar:
        form = import_flows.Import(users=found, invite=invite, step=lambda: bar.update(1))
        try:
            done = run(accounts(), Caller("cli"), import_flows.import_users, form)
        except Refused as refused:
            _tell_problems(refused)
        except import_flows.ImportInterruptedError as error:
            raise click.ClickException(str(error)) from None
    click.echo(f"Imported {done.values['count']} users.")


def _read(file: TextIO) -> dict[int, ImportedUser]:
    lines = csv.DictReader(file, strict=True)
    try:
        columns = set(lines.fieldnames or ())
        if "email" not in columns or columns - _COLUMNS:
            raise click.ClickException(
                f"The first line must name 'email' and any of {', '.join(sorted(_COLUMNS))}."
            )
        return {lines.line_num: _imported(lines.line_num, line) for line in lines}  # noqa: B035
    except csv.Error as error:
        raise click.ClickException(f"Line {lines.line_num}: {error}.") from None
    except UnicodeDecodeError:
        raise click.ClickException("The file is not UTF-8.") from None


def _imported(number: int, line: dict[str | Any, str | Any]) -> ImportedUser:
    if None in line or None in line.values():
        raise click.ClickException(f"Line {number}: it has another number of columns.")
    given: dict[str, Any] = {name: value for name, value in line.items() if value}
    given["verified"] = str(line.get("verified", "")).lower() in _YES
    given["roles"] = tuple(str(line.get("roles", "")).split())
    try:
        return parse(import_flows.ImportedUser, given, strict=False)
    except InvalidInput as refusal:
        raise click.ClickException(f"Line {number}: {in_words(refusal)}.") from None


def _tell_problems(refused: Refused) -> NoReturn:
    problems: dict[int, str] = refused.details.get("problems", {})
    click.echo()
    for number, reason in problems.items():
        click.echo(f"Line {number}: {reason.replace('_', ' ')}", err=True)
    raise click.ClickException(f"Nothing was imported: {len(problems)} lines cannot be taken.")


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
