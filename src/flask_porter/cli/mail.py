"""``flask porter mail``: what waits to be sent, and how to get it going."""

from __future__ import annotations

from typing import Any

import click

from ..errors import Refused
from ..flows import deliver_mail, waiting_mail
from ..models.columns import one_line
from ..outbound.messages import MailFailed
from .asking import accounts, ask, ask_with, prepared
from .telling import Commands

mail = Commands("mail", help="Mail that waits to be sent.")


@mail.command("list")
def show() -> None:
    """Show the mails that wait, and those that are stuck. Fails if one is stuck."""
    found = ask(waiting_mail.list_mail)
    for word in ("waiting", "stuck"):
        click.echo(f"{word}: {len(found[word])}")
        for row in found[word]:
            click.echo(f"  {_line(row)}")
    if any(row["error"] for row in found["stuck"]):
        click.echo("Mend what the error names, then: flask porter mail retry ID", err=True)
    if any(row["is_overdue"] for row in found["stuck"]):
        click.echo("Nothing delivers. Run each minute: flask porter mail deliver", err=True)
    if found["stuck"]:
        raise SystemExit(1)


@mail.command("deliver")
def deliver() -> None:
    """Deliver what is due, once; for cron, where a process has no threads."""
    sent = failed = 0
    while True:
        done = deliver_mail.deliver(prepared())
        sent, failed = sent + done.sent, failed + done.failed
        if done.sent + done.failed < deliver_mail.AT_ONCE:
            break
    click.echo(f"sent: {sent}, failed: {failed}")
    if failed:
        click.echo("Why: flask porter mail list", err=True)
        raise SystemExit(1)


@mail.command("retry")
@click.argument("id", type=click.IntRange(1, waiting_mail.LAST))
def retry(id: int) -> None:
    """Have the mail ID tried again from the start, with the next delivery."""
    try:
        ask_with(waiting_mail.retry_mail, waiting_mail.RetryMail(mail=id))
    except Refused:
        raise click.ClickException(
            f"There is no mail {id} that has not been sent. See: flask porter mail list"
        ) from None
    click.echo(f"Mail {id} goes out with the next delivery.")


@mail.command("test")
@click.argument("address")
def test(address: str) -> None:
    """Send a test to ADDRESS now, and say why it has not gone out."""
    try:
        deliver_mail.send_test(accounts(), address)
    except MailFailed as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The mail server has taken a mail to {address}.")


def _line(row: dict[str, Any]) -> str:
    due = "given up" if row["due"] is None else f"due {row['due'][:16]}"
    parts = [
        str(row["mail"]),
        row["kind"],
        row["to"] or "(nobody)",
        f"tried {row['attempts']}",
        due,
    ]
    return one_line("  ".join([*parts, row["error"]]).rstrip())
