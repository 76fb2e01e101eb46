"""Starts the quickstart as `make run` does, on a copy of its folder."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_porter
from tests.services.processes import free_port, running

ROOT = Path(__file__).parents[2]
PACKAGE = Path(flask_porter.__file__).parents[1]


@contextmanager
def make_quickstart(folder: Path) -> Iterator[str]:
    """Run it in debug mode; yield its address."""
    port = free_port()
    ours = ROOT / "examples" / "quickstart"
    copy = shutil.copytree(ours, folder / "quickstart", ignore=shutil.ignore_patterns("instance"))
    command = [
        "env",
        f"--chdir={copy}",
        f"PYTHONPATH={PACKAGE}",
        "PYTHONUNBUFFERED=1",
        "FLASK_DEBUG=1",
        f"FLASK_RUN_PORT={port}",
        *(sys.executable, "-m", "flask", "--app", "app", "run", "--no-reload"),
    ]

    def answers() -> bool:
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", port)) == 0

    with running(command, answers=answers, log=folder / "quickstart.log"):
        yield f"http://localhost:{port}"
