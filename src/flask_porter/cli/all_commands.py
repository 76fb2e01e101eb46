"""Every command that the account layer adds to ``flask porter``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .calibrate import calibrate
from .doctor import doctor
from .mail import mail

if TYPE_CHECKING:
    import click


def commands() -> dict[str, click.Command]:
    """Return the commands by their names."""
    return {"calibrate": calibrate, "doctor": doctor, "mail": mail}
