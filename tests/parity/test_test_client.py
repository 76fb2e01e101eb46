"""The test client that starts logged in."""

from collections.abc import Callable
from inspect import signature
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
def app(app: Flask, library: ModuleType) -> Flask:
    app.config["SESSION_PROTECTION"] = None
    app.test_client_class = library.FlaskLoginClient
    return app


def test_it_is_a_flask_client(library: ModuleType) -> None:
    assert issubclass(library.FlaskLoginClient, FlaskClient)


def test_without_arguments_nobody_is_logged_in(app: Flask) -> None:
    with app.test_client() as client:
        assert client.get("/who").text == "nobody"


def test_the_user_given_is_logged_in_and_fresh(app: Flask, members: dict[str, Any]) -> None:
    with app.test_client(user=members["1"]) as client:
        assert client.get("/who").text == "Ada"
        assert client.get("/fresh").text == "True"


def test_the_login_can_be_stale(app: Flask, members: dict[str, Any]) -> None:
    with app.test_client(user=members["1"], fresh_login=False) as client:
        assert client.get("/who").text == "Ada"
        assert client.get("/fresh").text == "False"


def test_it_writes_the_id_and_the_freshness_and_no_identifier(
    app: Flask, members: dict[str, Any], session_of: Callable[..., dict[str, Any]]
) -> None:
    assert session_of(app.test_client(user=members["1"])) == {"_user_id": 1, "_fresh": True}


@pytest.mark.parametrize(
    ("mode", "fresh_login", "who", "fresh"),
    [
        (None, True, "Ada", "True"),
        (None, False, "Ada", "False"),
        ("basic", True, "Ada", "False"),
        ("basic", False, "Ada", "False"),
        ("strong", True, "nobody", "False"),
        ("strong", False, "nobody", "False"),
    ],
)
def test_session_protection_applies_to_it(
    app: Flask,
    members: dict[str, Any],
    mode: str | None,
    fresh_login: bool,
    who: str,
    fresh: str,
) -> None:
    app.config["SESSION_PROTECTION"] = mode
    with app.test_client(user=members["1"], fresh_login=fresh_login) as client:
        assert client.get("/who").text == who
        assert client.get("/fresh").text == fresh


def test_a_falsy_user_is_nobody(app: Flask, session_of: Callable[..., dict[str, Any]]) -> None:
    class Empty:
        def __len__(self) -> int:
            return 0

        def get_id(self) -> str:
            return "1"

    assert session_of(app.test_client(user=Empty())) == {}
    assert session_of(app.test_client(user=None)) == {}


def test_all_other_arguments_are_flasks(app: Flask, library: ModuleType) -> None:
    assert app.test_client(use_cookies=False)._cookies is None
    client = library.FlaskLoginClient(app, app.response_class, True)
    assert client.get("/who").text == "nobody"


def test_user_and_fresh_login_are_given_by_keyword(library: ModuleType) -> None:
    parameters = signature(library.FlaskLoginClient).parameters.values()
    assert all(
        parameter.kind is not parameter.POSITIONAL_OR_KEYWORD
        for parameter in parameters
        if parameter.name in {"user", "fresh_login"}
    )
