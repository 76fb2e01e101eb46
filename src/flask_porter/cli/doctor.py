"""``flask porter doctor``: the settings held against the checklist, each finding with its fix."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
from flask import current_app
from flask.cli import with_appcontext

from ..settings.kinds import in_words
from .checklist import findings, how_many_checks
from .facts import gather
from .telling import error_lines

if TYPE_CHECKING:
    from ..flows.accounts import Accounts
    from ..settings import Settings
    from .checklist import Finding


class Pathway(NamedTuple):
    """One way to a session record (ASVS 6.1.3)."""

    name: str
    proof: str
    factors: int
    is_fresh: bool


#: Each ends at the one gate, ``flows/admit.py``.
PATHWAYS: Final = (
    Pathway("password, by page or API", "password", 1, is_fresh=True),
    Pathway("remembered device", "cookie of an earlier log-in", 0, is_fresh=False),
    Pathway("login_user() of the app", "whatever the app has asked for", 0, is_fresh=True),
)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_appcontext
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Hold the settings against the checklist. Fails when something is wrong."""
    accounts: Accounts = current_app.extensions["porter"].accounts
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with error_lines():
        found = findings(gather(app, accounts))
    click.echo(_as_json(found, accounts) if as_json else _as_text(found, accounts))
    if any(finding.level == "wrong" for finding in found):
        context.exit(1)


def limits(settings: Settings) -> dict[str, str]:
    """Return how attempts and mails are limited, in words (ASVS 6.1.1)."""
    if not settings.throttles:
        return {"attempts": "not counted"}
    first, longest = settings.attempts_first_wait, settings.attempts_longest_wait
    return {
        "of an account": (
            f"{settings.attempts_free} wrong passwords or codes, then a wait of {in_words(first)},"
            f" doubled each time up to {in_words(longest)}; forgotten after"
            f" {in_words(settings.attempts_memory)}; a known device has counts of its own"
        ),
        "in a row": (
            f"after {settings.attempts_until_disabled} a password works on known devices alone,"
            " until it is reset"
        ),
        "of a network address": f"{settings.address_attempts_free} an hour (IPv6: of one /64)",
        "of everybody": f"{settings.total_attempts_free} an hour",
        "mails an hour": (
            f"{settings.mails_per_account} an account, {settings.mails_per_address} an address,"
            f" {settings.rates_in_total} in total"
        ),
        "registrations an hour": (
            f"{settings.registrations_per_address} an address, {settings.rates_in_total} in total"
        ),
        "hashes at once": (
            f"{settings.hash_concurrency} a process, {settings.argon2_memory_kib} KiB each"
        ),
    }


def pathways(settings: Settings) -> list[Pathway]:
    """Return the ways in that these settings leave open."""
    return [way for way in PATHWAYS if settings.remember or way.name != "remembered device"]


def _as_text(found: list[Finding], accounts: Accounts) -> str:
    lines: list[str] = []
    for finding in found:
        lines += [f"{finding.level:<8}{finding.check}: {finding.what}", f"{'':<8}{finding.fix}"]
    touched = len({finding.check for finding in found})
    lines += [f"{how_many_checks()} checks, {touched} with findings.", "", "Limits"]
    told = limits(accounts.settings)
    width = max(map(len, told))
    lines += [f"  {what:<{width}}  {words}" for what, words in told.items()]
    lines += ["", "Ways in"]
    ways = pathways(accounts.settings)
    width = max(len(way.name) for way in ways)
    for way in ways:
        fresh = "fresh" if way.is_fresh else "not fresh"
        lines.append(f"  {way.name:<{width}}  factors: {way.factors}, {fresh}: {way.proof}")
    return "\n".join(lines)


def _as_json(found: list[Finding], accounts: Accounts) -> str:
    told: dict[str, Any] = {
        "findings": [asdict(finding) for finding in found],
        "limits": limits(accounts.settings),
        "pathways": [way._asdict() for way in pathways(accounts.settings)],
    }
    return json.dumps(told, indent=2)
