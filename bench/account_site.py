"""What the benches of accounts ask of a site, whatever it is built on."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import Engine, event
from werkzeug.test import Client

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

    from .pages import HasWsgi

EMAIL = "ada@example.org"
PASSWORD = "three brown owls sleeping"
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'\b(name|value)="([^"]*)"')


class AccountSite:
    """A site where ``/members`` greets whoever is logged in."""

    login_page: ClassVar[str]
    logout_page: ClassVar[str]
    #: The field of the log-in form for the e-mail address.
    identifier: ClassVar[str] = "email"
    session_cookie: ClassVar[str] = "session"
    app: HasWsgi

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.set_up()

    def set_up(self) -> None:
        """Make the app, with a user, and a page for those logged in."""
        raise NotImplementedError

    def client(self, address: str = "127.0.0.1") -> Client:
        """Return a browser at this network address."""

        def as_by_a_server(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            # Blanks around what a header says are none of it (RFC 9110 section 5.5).
            def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                return start_response(status, [(key, text.strip()) for key, text in headers], *more)

            return self.app.wsgi_app({**environ, "REMOTE_ADDR": address}, start)

        return Client(as_by_a_server)

    def log_in(
        self, client: Client, identifier: str = EMAIL, password: str = PASSWORD
    ) -> TestResponse:
        """Fill in the log-in form as a browser does."""
        sent = {self.identifier: identifier, "password": password}
        return self.submit(client, self.login_page, sent)

    def submit(self, client: Client, path: str, typed: dict[str, str]) -> TestResponse:
        """Open a page, fill in its form, and send it with its hidden fields."""
        page = client.get(path)
        sent = _hidden_fields(page.text) | typed
        return client.post(path, data=sent, headers={"Sec-Fetch-Site": "same-origin"})

    def was_throttled(self, answer: TestResponse) -> bool:
        """Tell whether a guess was not even looked at."""
        return answer.status_code == 429

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Yield the SQL that is spoken meanwhile."""
        spoken: list[str] = []

        def hear(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            spoken.append(statement)

        event.listen(Engine, "before_cursor_execute", hear)
        try:
            yield spoken
        finally:
            event.remove(Engine, "before_cursor_execute", hear)


def _hidden_fields(page: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in _HIDDEN.findall(page):
        attributes = dict(_ATTRIBUTE.findall(tag))
        if "name" in attributes:
            found[attributes["name"]] = attributes.get("value", "")
    return found
