"""Every command that the account layer adds to ``flask porter``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .audit import audit
from .calibrate import calibrate
from .database import database
from .doctor import doctor
from .mail import mail
from .roles import roles
from .sessions import sessions
from .users import users

if TYPE_CHECKING:
    import click


def commands() -> dict[str, click.Command]:
    """Return the commands by their names."""
    every: tuple[click.Command, ...] = (
        audit, calibrate, database, doctor, mail, roles, sessions, users,
    )  # fmt: skip
    return {str(command.name): command for command in every}
