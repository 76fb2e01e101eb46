"""``flask porter users import``: the users of another program, all or none."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import click
from flask.cli import with_appcontext

from ..errors import Refused
from ..flows import import_users as flows
from ..flows.own_fields import own_fields
from .asking import ask_with, prepared
from .user_file import BadFileError, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .user_file import UserFile


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--invite", is_flag=True, help="Mail those without a password an invitation.")
@click.option("--dry-run", is_flag=True, help="Look at every line, and write nothing.")
@with_appcontext
def import_file(file: BinaryIO, invite: bool, dry_run: bool) -> None:
    """Import users from a CSV FILE, all or none.

    Its first line names the columns: email, and any of username, password_hash, verified, roles
    (separated by spaces), and what the registration of the app asks for.
    """
    try:
        found = read(file.read(), own_fields(prepared()))
    except BadFileError as error:
        raise click.ClickException(str(error)) from None
    problems, count = dict(found.problems), 0
    with _progress(len(found.users) * (1 if dry_run or problems else 2)) as step:
        try:
            count = _import(found, invite=invite, dry_run=dry_run or bool(problems), step=step)
        except Refused as refused:
            problems |= refused.details.get("problems", {})
        except flows.ImportInterruptedError as error:
            raise click.ClickException(str(error)) from None
    if problems:
        _tell(problems)
        raise click.ClickException(
            f"Nothing was imported. Lines that cannot be taken: {len(problems)}."
        )
    users = "1 user" if count == 1 else f"{count} users"
    click.echo(f"{users} can be imported." if dry_run else f"Imported {users}.")


def _import(found: UserFile, *, invite: bool, dry_run: bool, step: Callable[[], None]) -> int:
    form = flows.Import(users=found.users, invite=invite, dry_run=dry_run, step=step)
    count: int = ask_with(flows.import_users, form)["count"]
    return count


@contextmanager
def _progress(length: int) -> Iterator[Callable[[], None]]:
    """Show a bar to somebody who looks, and nothing to a log."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=length, label="Importing", file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def _tell(problems: dict[int, str]) -> None:
    for number in sorted(problems):
        click.echo(f"Line {number}: {problems[number].replace('_', ' ')}", err=True)
