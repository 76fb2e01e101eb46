"""The requests that are measured: one row a page, one cell a side."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from flask.sessions import SecureCookieSessionInterface
from werkzeug.test import EnvironBuilder, run_wsgi_app

from . import sides

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flask import Flask

_SENT_BY_A_BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "same-origin",
}
# More than a key ring remembers, so that none of them is found there.
_DIFFERENT_COOKIES = 1500


@dataclass(frozen=True)
class Answer:
    """What a side has answered."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class HasWsgi(Protocol):
    """What a server calls."""

    @property
    def wsgi_app(self) -> Callable[..., Iterable[bytes]]:
        """The application."""


@dataclass
class Cell:
    """One page on one side: requests that are ready to be sent, in turn."""

    app: HasWsgi
    environs: Sequence[dict[str, Any]]
    _turn: itertools.cycle[dict[str, Any]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._turn = itertools.cycle(self.environs)

    def send(self) -> None:
        """Send one request and read its answer to the end."""
        body = self.app.wsgi_app(dict(next(self._turn)), _ignore)
        for _ in body:
            pass
        close = getattr(body, "close", None)
        if close is not None:
            close()

    def answer(self) -> Answer:
        """Send one request and return its answer."""
        request = dict(next(self._turn))
        body, status, headers = run_wsgi_app(self.app.wsgi_app, request, buffered=True)
        return Answer(status, tuple(headers), b"".join(body))


@dataclass(frozen=True)
class Row:
    """One page: its cells by side, and what is promised of our side.

    ``at_most`` is a share of the cell named by ``beside``.
    """

    name: str
    cells: dict[str, Cell]
    beside: str = sides.KEYED
    at_most: float | None = None


def rows() -> list[Row]:
    """Return every row that is measured."""
    return [
        Row("public page, no cookie", _everywhere("/public"), at_most=0.80),
        Row("public page, logged in", _with_login("/public")),
        Row("guarded page, basic", _with_login("/guarded"), at_most=1.10),
        Row("guarded page, strong", _with_login("/guarded", "strong"), at_most=1.10),
        Row("guarded page, cookie never seen", _with_login("/guarded", fresh_cookies=True)),
        Row("template without the user", _with_login("/plain_template")),
        Row("template with the user", _with_login("/naming_template")),
        Row("remember cookie", _with_remember(), sides.FLASK_LOGIN, 0.50),
        Row("request loader", _with_key(), sides.FLASK_LOGIN, 0.50),
        Row("static file", _everywhere("/static/style.css"), at_most=1.00),
        Row("static file, logged in", _with_login("/static/style.css"), at_most=1.00),
        Row("one of 1000 guarded routes", _with_login("/guarded/500", routes=1000)),
    ]


def environ(path: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a request as a browser on this machine sends it."""
    sent = _SENT_BY_A_BROWSER | (headers or {})
    builder = EnvironBuilder(
        path=path,
        base_url="http://localhost:5000/",
        environ_base=sides.CLIENT,
        headers=list(sent.items()),
    )
    try:
        return builder.get_environ()
    finally:
        builder.close()


def _everywhere(path: str) -> dict[str, Cell]:
    cells = {side: Cell(sides.make_app(side), [environ(path)]) for side in sides.SIDES}
    if path == "/public":
        cells[sides.READING] = Cell(sides.make_app(sides.READING), [environ("/reading")])
    else:
        del cells[sides.READING]
    return cells


def _with_login(
    path: str, protection: str = "basic", *, fresh_cookies: bool = False, routes: int = 0
) -> dict[str, Cell]:
    """Bare Flask is asked without a cookie, which is the quickest it can be asked."""

    def make(side: str) -> Flask:
        return sides.make_app(side, SESSION_PROTECTION=protection, GUARDED_ROUTES=routes)

    cells = {side: Cell(make(side), [environ(path)]) for side in (sides.BARE, sides.KEYED)}
    for side in sides.READING, sides.LAZY:
        app = make(side)
        asked = "/reading" if path.startswith("/guarded") else path
        cells[side] = Cell(app, _asked_with_session(asked, _foreign_session(app)))
    for side in sides.FLASK_LOGIN, sides.PORTER:
        app = make(side)
        cookie = sides.logged_in(app).get_cookie("session")
        assert cookie is not None
        values = _resigned(app, cookie.value) if fresh_cookies else [cookie.value]
        cells[side] = Cell(app, _asked_with_session(path, *values))
    return cells


def _with_remember() -> dict[str, Cell]:
    cells = _bare("/guarded")
    for side in sides.FLASK_LOGIN, sides.PORTER:
        app = sides.make_app(side)
        cookie = sides.logged_in(app, remember=True).get_cookie("remember_token")
        assert cookie is not None
        request = environ("/guarded", {"Cookie": f"remember_token={cookie.value}"})
        cells[side] = Cell(app, [request])
    return cells


def _with_key() -> dict[str, Cell]:
    cells = _bare("/guarded")
    for side in sides.FLASK_LOGIN, sides.PORTER:
        request = environ("/guarded", {"X-Api-Key": sides.API_KEY})
        cells[side] = Cell(sides.make_app(side), [request])
    return cells


def _bare(path: str) -> dict[str, Cell]:
    return {side: Cell(sides.make_app(side), [environ(path)]) for side in (sides.BARE, sides.KEYED)}


def _asked_with_session(path: str, *cookies: str) -> list[dict[str, Any]]:
    return [environ(path, {"Cookie": f"session={cookie}"}) for cookie in cookies]


def _foreign_session(app: Flask) -> str:
    """Return a session cookie like one of a log-in, for a side that knows no log-in."""
    data = {
        "_fresh": True,
        "_id": "".join(f"{n * 37 % 256:02x}" for n in range(64)),
        "_user_id": "1",
    }
    return _sign(app)(data)


def _resigned(app: Flask, cookie: str) -> list[str]:
    """Return as many cookies as ``app`` could not remember, with what ``cookie`` holds."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    data = serializer.loads(cookie)
    sign = _sign(app)
    return [sign({**data, "visit": number}) for number in range(_DIFFERENT_COOKIES)]


def _sign(app: Flask) -> Callable[[dict[str, Any]], str]:
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return lambda data: str(serializer.dumps(data))


def _ignore(*_: Any) -> Callable[[bytes], object]:
    return len
