"""Runs every parity test twice: on Flask-Porter and on the real Flask-Login 0.6.3."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from blinker import Signal
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_porter.login import timeouts
from tests.parity.member_site import Member, everyone, make_app

IMPLEMENTATIONS = ["flask_porter", "flask_login"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "ours_only(reason): Flask-Login 0.6.3 differs here, for the reason given"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "library" not in metafunc.fixturenames:
        return
    mark = metafunc.definition.get_closest_marker("ours_only")
    if mark is None:
        metafunc.parametrize("library", IMPLEMENTATIONS, indirect=True)
    else:
        (_reason,) = mark.args
        metafunc.parametrize("library", ["flask_porter"], indirect=True)


@pytest.fixture(autouse=True)
def _no_guard_asks_for_an_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flask-Login has no such guard; one that another test has imported counts for the process."""
    monkeypatch.setattr(timeouts, "_asked", set())


@pytest.fixture
def library(request: pytest.FixtureRequest) -> ModuleType:
    return import_module(request.param)


@pytest.fixture
def submodule(library: ModuleType) -> Callable[[str], ModuleType]:
    """A submodule under the name that Flask-Login gives it: `submodule("utils")`."""

    def named(name: str) -> ModuleType:
        if library.__name__ == "flask_login":
            return import_module(f"flask_login.{name}")
        facades: dict[str, ModuleType] = import_module("flask_porter.login.compat").facades()
        return facades[f"flask_login.{name}"]

    return named


@pytest.fixture
def members() -> dict[str, Member]:
    return everyone()


@pytest.fixture
def manager(library: ModuleType, members: dict[str, Member]) -> Any:
    manager = library.LoginManager()
    manager.user_loader(lambda stored_id: members.get(str(stored_id)))
    return manager


@pytest.fixture
def app(library: ModuleType, manager: Any, members: dict[str, Member]) -> Flask:
    return make_app(library, manager, members)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def session_of() -> Callable[[FlaskClient], dict[str, Any]]:
    def read(client: FlaskClient) -> dict[str, Any]:
        with client.session_transaction() as stored:
            return dict(stored)

    return read


@pytest.fixture
def remember_line() -> Callable[[TestResponse], str | None]:
    """The response's Set-Cookie line for the remember cookie, or None."""

    def read(response: TestResponse) -> str | None:
        lines = response.headers.getlist("Set-Cookie")
        found = [line for line in lines if line.startswith("remember_token=")]
        assert len(found) <= 1
        return found[0] if found else None

    return read


Heard = list[tuple[tuple[Any, ...], dict[str, Any]]]


@pytest.fixture
def listen() -> Callable[[Signal], AbstractContextManager[Heard]]:
    """Positional and keyword arguments of every sending, for equality with what is promised."""

    @contextmanager
    def listening(signal: Signal) -> Iterator[Heard]:
        heard: Heard = []

        def note(*args: Any, **kwargs: Any) -> None:
            heard.append((args, kwargs))

        with signal.connected_to(note):
            yield heard

    return listening
