"""Session protection: basic marks stale, strong ends the log-in."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

OTHER = {"User-Agent": "another browser"}
Read = Callable[..., dict[str, Any]]

both_modes = pytest.mark.parametrize("mode", ["basic", "strong"])


@both_modes
def test_the_same_browser_passes_again_and_again(
    app: Flask, client: FlaskClient, mode: str
) -> None:
    app.config["SESSION_PROTECTION"] = mode
    client.get("/login?id=1")
    for _ in range(3):
        assert client.get("/who").text == "Ada"
        assert client.get("/fresh").text == "True"


def test_basic_is_the_default(client: FlaskClient, manager: Any) -> None:
    assert manager.session_protection == "basic"
    client.get("/login?id=1")
    assert client.get("/who", headers=OTHER).text == "Ada"
    assert client.get("/fresh").text == "False"


def test_basic_makes_another_browser_stale_from_then_on(
    app: Flask, client: FlaskClient, session_of: Read
) -> None:
    app.config["SESSION_PROTECTION"] = "basic"
    client.get("/login?id=1")
    before = session_of(client)
    assert client.get("/who", headers=OTHER).text == "Ada"
    assert client.get("/who").text == "Ada"
    assert client.get("/fresh").text == "False"
    assert session_of(client) == before | {"_fresh": False}


def test_basic_sends_one_signal_a_load_and_goes_on_sending(
    app: Flask, client: FlaskClient, library: ModuleType, listen: Callable[..., Any]
) -> None:
    client.get("/login?id=1")
    with listen(library.session_protected) as heard:
        client.get("/who", headers=OTHER)
        assert heard == [((app,), {})]
        client.get("/who", headers=OTHER)
        assert heard == [((app,), {})] * 2
        client.get("/who")
        assert len(heard) == 2


def test_a_session_already_stale_is_not_sent_again(app: Flask, client: FlaskClient) -> None:
    client.get("/login?id=1")
    assert "Set-Cookie" in client.get("/who", headers=OTHER).headers
    assert "Set-Cookie" not in client.get("/who", headers=OTHER).headers


def test_a_missing_identifier_is_a_mismatch(
    client: FlaskClient, library: ModuleType, session_of: Read, listen: Callable[..., Any]
) -> None:
    with client.session_transaction() as stored:
        stored.update(_user_id=1, _fresh=True)
    with listen(library.session_protected) as heard:
        assert client.get("/who").text == "Ada"
    assert len(heard) == 1
    assert session_of(client) == {"_user_id": 1, "_fresh": False}


def test_any_session_without_identifier_is_marked(client: FlaskClient, session_of: Read) -> None:
    with client.session_transaction() as stored:
        stored["basket"] = "pear"
    client.get("/who")
    assert session_of(client) == {"basket": "pear", "_fresh": False}


@both_modes
def test_an_empty_session_beside_a_remember_cookie_passes(
    app: Flask, client: FlaskClient, library: ModuleType, mode: str, listen: Callable[..., Any]
) -> None:
    app.config["SESSION_PROTECTION"] = mode
    client.get("/login?id=1&remember")
    client.delete_cookie("session")
    with listen(library.session_protected) as heard:
        assert client.get("/who").text == "Ada"
    assert heard == []


def test_strong_ends_the_login_of_another_browser(
    app: Flask, client: FlaskClient, library: ModuleType, listen: Callable[..., Any]
) -> None:
    app.config["SESSION_PROTECTION"] = "strong"
    client.get("/login?id=1")
    with listen(library.session_protected) as heard:
        assert client.get("/who", headers=OTHER).text == "nobody"
    assert heard == [((app,), {})]
    assert client.get("/who").text == "nobody"


def test_strong_takes_all_login_keys_and_leaves_the_apps(
    app: Flask, client: FlaskClient, session_of: Read
) -> None:
    app.config["SESSION_PROTECTION"] = "strong"
    client.get("/login?id=1&remember&seconds=600")
    with client.session_transaction() as stored:
        stored.update(foo="bar", next="/there")
    client.get("/who", headers=OTHER)
    assert session_of(client) == {"foo": "bar"}


def test_strong_asks_neither_the_cookie_nor_the_request_loader(
    app: Flask, client: FlaskClient, manager: Any, members: dict[str, Any]
) -> None:
    app.config["SESSION_PROTECTION"] = "strong"
    asked = []
    manager.request_loader(lambda request: asked.append(request))
    client.get("/login?id=1&remember")
    assert client.get_cookie("remember_token") is not None
    assert client.get("/who", headers=OTHER).text == "nobody"
    assert asked == []


def test_strong_clears_the_remember_cookie(app: Flask, client: FlaskClient) -> None:
    app.config["SESSION_PROTECTION"] = "strong"
    client.get("/login?id=1&remember")
    client.get("/who", headers=OTHER)
    assert client.get_cookie("remember_token") is None


def test_the_signal_finds_the_session_already_stripped(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    app.config["SESSION_PROTECTION"] = "strong"
    seen = []

    def look(sender: Flask) -> None:
        seen.append(dict(session))

    client.get("/login?id=1")
    with library.session_protected.connected_to(look):
        client.get("/who", headers=OTHER)
    assert seen == [{"_remember": "clear"}]


def test_strong_on_a_permanent_session_works_like_basic(
    app: Flask, client: FlaskClient, library: ModuleType, listen: Callable[..., Any]
) -> None:
    app.config["SESSION_PROTECTION"] = "strong"
    client.get("/permanent")
    client.get("/login?id=1")
    with listen(library.session_protected) as heard:
        assert client.get("/who", headers=OTHER).text == "Ada"
    assert heard == [((app,), {})]
    assert client.get("/fresh").text == "False"


@pytest.mark.parametrize("mode", [None, "", "none", "BASIC", False])
def test_any_other_mode_turns_protection_off(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    mode: object,
    listen: Callable[..., Any],
) -> None:
    app.config["SESSION_PROTECTION"] = mode
    client.get("/login?id=1")
    with listen(library.session_protected) as heard:
        assert client.get("/who", headers=OTHER).text == "Ada"
    assert heard == []
    assert client.get("/fresh").text == "True"


def test_the_config_key_beats_the_manager_even_as_none(
    app: Flask, client: FlaskClient, manager: Any
) -> None:
    manager.session_protection = "strong"
    app.config["SESSION_PROTECTION"] = None
    client.get("/login?id=1")
    assert client.get("/who", headers=OTHER).text == "Ada"


def test_without_the_config_key_the_manager_decides(client: FlaskClient, manager: Any) -> None:
    manager.session_protection = "strong"
    client.get("/login?id=1")
    assert client.get("/who", headers=OTHER).text == "nobody"


@pytest.mark.parametrize("mode", [None, "basic", "strong"])
def test_nothing_happens_to_an_anonymous_visitor(
    app: Flask, library: ModuleType, mode: str | None, listen: Callable[..., Any]
) -> None:
    app.config["SESSION_PROTECTION"] = mode
    with app.test_client() as client, listen(library.session_protected) as heard:
        assert client.get("/who").text == "nobody"
        assert not session
    assert heard == []
