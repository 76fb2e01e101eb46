"""Finds a Redis server, or starts one that keeps nothing."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.services.processes import free_port, running, short_folder

ADDRESS_KEY = "PORTER_TEST_REDIS_URL"


def find() -> str | None:
    """Return the path of a Redis (or Valkey) server binary, or None."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def is_here() -> bool:
    """Tell whether a server answers or can be started."""
    return bool(os.environ.get(ADDRESS_KEY)) or find() is not None


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a Redis server that tests may empty."""
    given = os.environ.get(ADDRESS_KEY)
    if given:
        yield given
        return
    binary = find()
    if binary is None:
        raise LookupError("no redis-server on PATH")
    port = free_port()
    with short_folder("redis") as folder:
        command = [binary, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
        keeps_nothing = ["--save", "", "--appendonly", "no"]
        log = folder / "log"
        with running(command + keeps_nothing, answers=lambda: _pongs(port), log=log):
            yield f"redis://127.0.0.1:{port}/0"


def _pongs(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
