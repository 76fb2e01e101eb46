"""Gives the tests of the examples the lesson application, on SQLite or on PostgreSQL."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.security import generate_password_hash

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "examples" / "lesson"))

from lesson import create_app, models  # noqa: E402
from lesson.database import db  # noqa: E402

from tests.examples.visitor import Visitor  # noqa: E402


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'lesson.sqlite'}"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash new passwords at a fraction of the cost: these tests make hundreds."""
    quick = partial(generate_password_hash, method="scrypt:1024:8:1")
    monkeypatch.setattr(models, "generate_password_hash", quick)


@contextmanager
def closing_database(app: Flask) -> Iterator[None]:
    """Close the application's connections at the end."""
    try:
        yield
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Iterator[Flask]:
    """Yield the application as it starts, its database made by `init-db`."""
    monkeypatch.setenv("LESSON_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("DATABASE_URL", database_url)
    app = create_app()
    with closing_database(app):
        assert app.test_cli_runner().invoke(args=["init-db"]).exit_code == 0
        yield app


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)
