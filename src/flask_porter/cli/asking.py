"""Runs a flow for a command, and prints its refusal as an error line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from flask import current_app

from ..errors import InvalidInput, Refusal
from ..flows.caller import Caller
from ..flows.run import run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ..flows.accounts import Accounts
    from ..flows.run import Flow


def accounts() -> Accounts:
    """Return the accounts of the current app."""
    found: Accounts = current_app.extensions["porter"].accounts
    return found


def ask(flow: Flow[Any, Any], **given: Any) -> dict[str, Any]:
    """Run ``flow`` as the operator, and return the values of its outcome.

    Raises:
        ClickException: the refusal, in words.
    """
    kept = accounts()
    current_app.extensions["porter"].prepare()
    try:
        form = flow.read(kept, given, strict=False)
        outcome = run(kept, Caller("cli"), flow, form)
    except Refusal as refusal:
        raise click.ClickException(in_words(refusal)) from None
    values: dict[str, Any] = getattr(outcome, "values", {})
    return values


def in_words(refusal: Refusal) -> str:
    """Return a refusal as one line, with its stable reason in it."""
    if isinstance(refusal, InvalidInput):
        parts = [f"{name}: {', '.join(reasons)}" for name, reasons in refusal.fields.items()]
        return "; ".join(parts).replace("_", " ")
    return refusal.reason.replace("_", " ")


def moment(at: datetime | None) -> str:
    """Return a time in UTC for a table, or a dash."""
    return "-" if at is None else at.strftime("%Y-%m-%d %H:%M")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows under a head, in columns; control characters are shown, not obeyed."""
    shown = [tuple(_printable(cell) for cell in row) for row in (head, *rows)]
    widths = [max(len(cell) for cell in column) for column in zip(*shown, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in shown
    )


def _printable(cell: str) -> str:
    return "".join(x if x.isprintable() else f"\\x{ord(x):02x}" for x in cell)
