"""``flask porter calibrate``: how much a password hash may cost on this machine."""

from __future__ import annotations

import os

import click

from ..authenticators.passwords import calibrate as measure


@click.command("calibrate")
@click.option(
    "--seconds",
    # OWASP Password Storage Cheat Sheet: a hash takes less than a second; a tenth bears a crowd.
    default=0.1,
    show_default=True,
    type=click.FloatRange(0, 1, min_open=True),
    help="What a hash may take.",
)
def calibrate(seconds: float) -> None:
    """Measure Argon2id here, and print the settings to write."""
    found = measure(seconds)
    click.echo(f"PORTER_ARGON2_MEMORY_KIB = {found.memory_kib}")
    click.echo(f"PORTER_ARGON2_TIME_COST = {found.time_cost}")
    click.echo(f"PORTER_ARGON2_PARALLELISM = {found.parallelism}")
    at_once = os.cpu_count() or 1
    mebibytes = found.memory_kib * at_once // 1024
    click.echo(
        f"A hash takes {found.seconds * 1000:.0f} ms here. {at_once} at once in each process take"
        f" {mebibytes} MiB; PORTER_HASH_CONCURRENCY sets how many.",
        err=True,
    )
    if found.seconds > 2 * seconds:
        click.echo("This machine is slow: these are the least that OWASP asks for.", err=True)
