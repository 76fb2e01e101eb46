"""The example `roles` for its tests, and somebody who sends what its script sends."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "roles"))

import roles as roles
from roles.commands import demo_password
from roles.database import db as db

ADA = "ada@example.com"
GRACE = "grace@example.com"
ALAN = "alan@example.com"

DOORS = {
    "/newsroom": {ADA, GRACE, ALAN},
    "/staff": {GRACE, ALAN},
    "/editors": {GRACE, ALAN},
    "/people": {ALAN},
}
SENSITIVE = [
    ("PUT", "/account/password"),
    ("DELETE", "/account/other-log-ins"),
    ("POST", "/account/api-key"),
]
JQUERY = {"Accept": "*/*", "X-Requested-With": "XMLHttpRequest"}


@contextmanager
def night_desk(folder: Path, database_url: str | None = None, **config: object) -> Iterator[Flask]:
    """Yield the application as it starts, its database made by `init-db`; SQLite by default."""
    url = database_url or f"sqlite:///{folder / 'roles.sqlite'}"
    with pytest.MonkeyPatch.context() as patch:
        quick = partial(generate_password_hash, method="scrypt:1024:8:1")
        patch.setattr(roles.models, "generate_password_hash", quick)
        patch.setenv("ROLES_INSTANCE", str(folder / "instance"))
        patch.setenv("DATABASE_URL", url)
        app = roles.create_app(config)
        try:
            assert app.test_cli_runner().invoke(args=["init-db"]).exit_code == 0
            yield app
        finally:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def password_of(app: Flask, email: str) -> str:
    with app.app_context():
        return demo_password(email)


class Reader:
    """A browser without a screen, and the script of its pages."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def read(self, path: str) -> str:
        """Return the page, after any redirects."""
        return self.client.get(path, follow_redirects=True).text

    def status(self, path: str) -> int:
        return self.client.get(path).status_code

    def token(self) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/").text)
        assert found
        return found[1]

    def send(self, method: str, path: str, json: Any = None) -> TestResponse:
        """Send JSON with the token of a page, as `roles.js` does."""
        headers = {"X-CSRFToken": self.token(), "X-Requested-With": "XMLHttpRequest"}
        return self.client.open(path, method=method, json=json or {}, headers=headers)

    def log_in(
        self, email: str = ADA, password: str | None = None, **fields: object
    ) -> TestResponse:
        typed = password_of(self.app, email) if password is None else password
        return self.send("POST", "/session", {"email": email, "password": typed, **fields})

    def prove(self, email: str = ADA, **fields: object) -> TestResponse:
        """Type the password again."""
        typed = {"password": password_of(self.app, email), **fields}
        return self.send("POST", "/session/proof", typed)


def is_logged_in(reader: Reader) -> bool:
    return reader.status("/newsroom") == 200


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with night_desk(tmp_path) as app:
        yield app


@pytest.fixture
def reader(app: Flask) -> Reader:
    return Reader(app)
