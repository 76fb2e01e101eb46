"""Starts the lesson application as `make lesson` does, and reads what it prints."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import flask_porter
from tests.services.processes import free_port, running

ROOT = Path(__file__).parents[2]
PACKAGE = Path(flask_porter.__file__).parents[1]
"""The folder on Python's path that another process needs to find the same package."""


@dataclass(frozen=True)
class Site:
    """The running application: its address, and the password it printed for each demo user."""

    url: str
    passwords: dict[str, str]


@contextmanager
def make_lesson(folder: Path) -> Iterator[Site]:
    """Run the recipe of `make lesson`, with its instance folder in `folder`."""
    port = free_port()
    log = folder / "make-lesson.log"
    command = [
        "env",
        f"LESSON_INSTANCE={folder / 'instance'}",
        f"PYTHONPATH={PACKAGE}",
        "PYTHONUNBUFFERED=1",
        # The environment is the one that runs this test: not to be built again.
        *("make", "--directory", str(ROOT), "--old-file", ".venv/.examples"),
        *("lesson", f"PORT={port}", f"PYTHON={sys.executable}"),
    ]

    def answers() -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", port)) == 0

    with running(command, answers=answers, log=log):
        printed = log.read_text()
        (url,) = re.findall(r"Log in at (\S+)/auth/login", printed)
        yield Site(url, dict(re.findall(r"(\S+@example\.com) +(\S+)", printed)))
