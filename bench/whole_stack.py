"""Requests a second through gunicorn on the loopback, where wrk is there to ask for them."""

from __future__ import annotations

import importlib.util
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from . import sides
from .measure import Timing, take_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ROOT = Path(__file__).parent.parent
_SIDES = (sides.KEYED, sides.FLASK_LOGIN, sides.PORTER)


def what_is_missing() -> str | None:
    """Name what must be installed before the whole stack can be measured."""
    if shutil.which("wrk") is None:
        return "wrk"
    if importlib.util.find_spec("gunicorn") is None:
        return "gunicorn"
    return None


def time_whole_stack(rounds: int, seconds: int) -> dict[str, Timing]:
    """Time a guarded page in wall seconds a request; each side gets one worker to itself."""
    with ExitStack() as stack:
        actions = {}
        for number, side in enumerate(_SIDES):
            address = stack.enter_context(_gunicorn(number))
            actions[side] = _asking(address, _session_of(side), seconds)
        return take_turns(actions, sides.KEYED, rounds)


def wsgi_app(number: int) -> object:
    """Return the site that gunicorn serves."""
    return sides.make_app(_SIDES[number])


@contextmanager
def _gunicorn(number: int) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", f"bench.whole_stack:wsgi_app({number})"]
    # Threads, because the plain worker closes each connection, which hides what the app costs.
    command += ["--worker-class", "gthread", "--workers", "1", "--threads", "2"]
    command += ["--bind", address, "--log-level", "error"]
    server = subprocess.Popen(command, cwd=_ROOT)
    try:
        _wait_for(address)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    for _ in range(100):
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"gunicorn does not listen on {address}.")


def _session_of(side: str) -> str | None:
    """Return the header that a logged-in browser sends; wrk sends no user agent."""
    if side == sides.KEYED:
        return None
    client = sides.make_app(side).test_client()
    agent = {"REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": sides.CLIENT["HTTP_USER_AGENT"]}
    client.get("/login", environ_base=agent).close()
    cookie = client.get_cookie("session")
    assert cookie is not None
    return f"Cookie: session={cookie.value}"


def _asking(address: str, cookie: str | None, seconds: int) -> Callable[[], float]:
    command = ["wrk", "-t1", "-c2", f"-d{seconds}s"]
    command += ["-H", f"User-Agent: {sides.CLIENT['HTTP_USER_AGENT']}"]
    if cookie is not None:
        command += ["-H", cookie]
    command.append(f"http://{address}/guarded")

    def run() -> float:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
        if found is None or "Non-2xx" in done.stdout:
            raise RuntimeError(f"wrk was not answered as it should be:\n{done.stdout}")
        return 1 / float(found[1])

    return run
