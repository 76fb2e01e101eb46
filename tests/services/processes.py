"""Starts a server, waits until it answers, and ends it, whatever happened in between."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

STARTS_WITHIN = 30.0
"""Seconds: a loaded machine with two cores starts PostgreSQL in less than five."""


class DidNotStartError(RuntimeError):
    """A server ended, or stayed silent, before it was ready; carries what it wrote."""


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def short_folder(prefix: str) -> Iterator[Path]:
    """Yield a temporary folder whose path leaves room for a Unix socket (107 bytes)."""
    folder = Path(tempfile.mkdtemp(prefix=f"porter-{prefix}-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    command: list[str], *, answers: Callable[[], bool], log: Path, user: str | None = None
) -> Iterator[None]:
    """Run `command` while the block runs. Raises: DidNotStartError with its output."""
    identity: dict[str, Any] = {"user": user, "extra_groups": []} if user else {}
    with log.open("w+b") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            start_new_session=True,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            **identity,
        )
        try:
            _wait_for(process, answers, command[0], output)
            yield
        finally:
            _end(process)


def _wait_for(
    process: subprocess.Popen[bytes], answers: Callable[[], bool], name: str, output: IO[bytes]
) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            output.seek(0)
            written = output.read().decode(errors="replace")
            raise DidNotStartError(f"{name} did not start:\n{written}")
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
