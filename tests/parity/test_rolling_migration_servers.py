"""An old and a new node as two processes on loopback, met by one cookie jar turn by turn."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.cookiejar import CookieJar
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import pytest

ROOT = Path(__file__).parents[2]
LIBRARIES = ("flask_login", "flask_porter")


@contextmanager
def served(library: str, protection: str) -> Iterator[str]:
    """Run a node in a process of its own; the socket listens before it starts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "tests.parity.rolling_server", library, protection]
        process = subprocess.Popen(
            [*command, str(listener.fileno())], pass_fds=[listener.fileno()], cwd=ROOT
        )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/shop"
        finally:
            process.terminate()
            process.wait(timeout=10)


class Visitor:
    """A browser that sends each request to the next node in turn."""

    def __init__(self, nodes: list[str]) -> None:
        self._turn = cycle(nodes)
        self.jar = CookieJar()
        # No proxy from the environment: both nodes are on this machine.
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.jar))

    def get(self, page: str, method: str = "GET") -> dict[str, Any]:
        request = Request(f"{next(self._turn)}/{page}", method=method)
        try:
            with self._opener.open(request, timeout=20) as response:
                return {"status": 200, **json.load(response)}
        except HTTPError as error:
            with error:
                return {"status": error.code}

    def restart(self) -> None:
        self.jar.clear_session_cookies()

    def holds(self, name: str) -> bool:
        return any(cookie.name == name for cookie in self.jar)


@pytest.fixture(scope="module", params=["basic", "strong"])
def nodes(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    with ExitStack() as stack:
        yield [stack.enter_context(served(library, request.param)) for library in LIBRARIES]


@pytest.mark.parametrize("first", LIBRARIES)
def test_turn_by_turn_a_login_lasts_and_stays_fresh(nodes: list[str], first: str) -> None:
    visitor = Visitor(nodes if first == LIBRARIES[0] else nodes[::-1])
    assert visitor.get("login", "POST")["user"] == 1
    for _ in range(3):
        assert visitor.get("members")["user"] == 1
        assert visitor.get("vault")["status"] == 200
        assert visitor.get("plain")["status"] == 200
    assert visitor.get("logout", "POST")["logged_in"] is False
    for _ in range(2):
        assert visitor.get("members")["status"] == 401


def test_a_remembered_visitor_returns_stale_to_a_new_node_and_is_known_on_both(
    nodes: list[str],
) -> None:
    visitor = Visitor(nodes)
    visitor.get("login?remember", "POST")
    visitor.restart()
    seen = visitor.get("read")
    assert (seen["user"], seen["fresh"], seen["remembered"]) == (1, False, True)
    for _ in range(2):
        assert visitor.get("members")["status"] == 200
        assert visitor.get("vault")["status"] == 401
    assert visitor.get("confirm", "POST")["fresh"] is True
    for _ in range(2):
        assert visitor.get("vault")["status"] == 200


@pytest.mark.parametrize("first", LIBRARIES)
def test_a_logout_on_either_ends_what_the_other_has_remembered(
    nodes: list[str], first: str
) -> None:
    visitor = Visitor(nodes if first == LIBRARIES[0] else nodes[::-1])
    visitor.get("login?remember", "POST")
    assert visitor.holds("remember_token")
    visitor.get("logout", "POST")
    assert not visitor.holds("remember_token")
    visitor.restart()
    for _ in range(2):
        assert visitor.get("members")["status"] == 401
