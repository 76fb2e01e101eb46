"""Runs a flow for a command, and prints its refusal as an error line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
from flask import current_app

from ..errors import Refusal
from ..flows.caller import Caller
from ..flows.run import run
from .telling import in_words

if TYPE_CHECKING:
    from ..flows.accounts import Accounts
    from ..flows.inputs import Input
    from ..flows.run import Flow

#: Seconds that a command waits for its mail: longer than any server may take for one.
SENT_WITHIN: Final = 150.0


def accounts() -> Accounts:
    """Return the accounts of the current app."""
    found: Accounts = current_app.extensions["porter"].accounts
    return found


def prepared() -> Accounts:
    """Return the same, with the tables made or upgraded where the app does so at its start."""
    current_app.extensions["porter"].prepare()
    return accounts()


def ask(flow: Flow[Any, Any], **given: Any) -> dict[str, Any]:
    """Run ``flow`` as the operator, and return the values of its outcome.

    Raises:
        ClickException: the refusal, in words.
    """
    try:
        return ask_with(flow, flow.read(prepared(), given, strict=False))
    except Refusal as refusal:
        raise click.ClickException(in_words(refusal, given)) from None


def ask_with(flow: Flow[Any, Any], form: Input) -> dict[str, Any]:
    """Do the same with an input that has been read, and see to the mail that it asks for.

    Raises:
        Refusal: the expected no of the flow.
    """
    outcome = run(prepared(), Caller("cli"), flow, form)
    # While threads can still be started: an asynchronous teardown of the app needs one.
    current_app.extensions["porter"].mail_thread.stop(within=SENT_WITHIN)
    values: dict[str, Any] = getattr(outcome, "values", {})
    return values
