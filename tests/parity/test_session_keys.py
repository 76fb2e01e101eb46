"""What stands in the session and on `g`, key by key."""

from collections.abc import Callable
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, g, session
from flask.testing import FlaskClient

from tests.parity.member_site import seconds_between

Read = Callable[..., dict[str, Any]]


def test_a_login_writes_three_keys(client: FlaskClient, manager: Any, session_of: Read) -> None:
    manager._session_identifier_generator = lambda: "this browser"
    client.get("/login?id=1")
    assert session_of(client) == {"_user_id": 1, "_fresh": True, "_id": "this browser"}


def test_a_remembered_login_with_a_duration_leaves_a_fourth(
    client: FlaskClient, manager: Any, session_of: Read
) -> None:
    """The order for the cookie is gone with the response; the seconds stay."""
    manager._session_identifier_generator = lambda: "this browser"
    client.get("/login?id=1&remember&seconds=90")
    stored = session_of(client)
    assert stored == {
        "_user_id": 1,
        "_fresh": True,
        "_id": "this browser",
        "_remember_seconds": 90.0,
    }
    assert type(stored["_remember_seconds"]) is float


@pytest.mark.parametrize("stored_id", [7, "7", "", 0, 7.5, UUID(int=7), (7, "shop"), "佐藤", "a|b"])
def test_the_loader_gets_the_id_as_it_was_stored(
    client: FlaskClient, library: ModuleType, manager: Any, members: dict[str, Any], stored_id: Any
) -> None:
    got = []

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(value: Any) -> Any:
        got.append(value)
        return members["1"]

    with client.session_transaction() as stored:
        stored["_user_id"] = stored_id
    assert client.get("/who").text == "Ada"
    assert got == [stored_id]
    assert type(got[0]) is type(stored_id)


def test_the_loader_is_not_asked_for_nobody(client: FlaskClient, manager: Any) -> None:
    asked = []
    manager.user_loader(lambda stored_id: asked.append(stored_id))
    with client.session_transaction() as stored:
        stored["_user_id"] = None
    assert client.get("/who").text == "nobody"
    assert asked == []


def test_an_id_the_loader_does_not_find_stays_in_the_session(
    client: FlaskClient, members: dict[str, Any], session_of: Read
) -> None:
    client.get("/login?id=1")
    ada = members.pop("1")
    assert client.get("/who").text == "nobody"
    assert session_of(client)["_user_id"] == 1
    members["1"] = ada
    assert client.get("/who").text == "Ada"


@pytest.mark.parametrize("value", [True, False])
def test_freshness_is_what_the_session_says(
    client: FlaskClient, library: ModuleType, value: bool
) -> None:
    with client.session_transaction() as stored:
        stored["_fresh"] = value
    assert client.get("/fresh").text == repr(value)


def test_an_empty_session_is_not_fresh(app: Flask, library: ModuleType) -> None:
    with app.test_request_context():
        assert library.login_fresh() is False


def test_freshness_is_told_without_loading_the_user(
    app: Flask, client: FlaskClient, library: ModuleType, listen: Callable[..., Any]
) -> None:
    client.get("/login?id=1")
    with listen(library.user_accessed) as heard:
        assert client.get("/fresh").text == "True"
    assert heard == []


def test_an_order_another_hand_wrote_is_carried_out_once(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    session_of: Read,
    remember_line: Callable[..., str | None],
) -> None:
    @app.get("/order/<order>")
    def give(order: str) -> str:
        session["_remember"] = order
        return ""

    client.get("/login?id=1")
    line = remember_line(client.get("/order/set"))
    assert line is not None
    assert line.startswith("remember_token=1|")
    assert "_remember" not in session_of(client)
    line = remember_line(client.get("/order/clear"))
    assert line is not None
    assert line.startswith("remember_token=;")
    assert remember_line(client.get("/order/nonsense")) is None
    assert "_remember" not in session_of(client)


def test_an_order_to_set_without_a_user_is_dropped_in_silence(
    client: FlaskClient, session_of: Read, remember_line: Callable[..., str | None]
) -> None:
    with client.session_transaction() as stored:
        stored["_remember"] = "set"
    assert remember_line(client.get("/fresh")) is None
    assert session_of(client) == {}


def test_the_seconds_last_for_every_later_cookie_of_the_same_login(
    app: Flask, client: FlaskClient
) -> None:
    app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = True
    client.get("/login?id=1&remember&seconds=600")
    first = client.get_cookie("remember_token")
    client.get("/confirm")
    client.get("/login?id=1")
    client.delete_cookie("remember_token")
    client.set_cookie("remember_token", first.value if first else "")
    client.get("/who")
    later = client.get_cookie("remember_token")
    assert seconds_between(first, later) == pytest.approx(0, abs=10)


def test_next_is_left_to_the_app(client: FlaskClient, session_of: Read) -> None:
    with client.session_transaction() as stored:
        stored["next"] = "/there"
    client.get("/login?id=1&remember")
    client.get("/confirm")
    client.get("/logout")
    assert session_of(client) == {"next": "/there"}


@pytest.mark.parametrize("key", ["user_id", "id", "fresh", "remember", "remember_seconds"])
def test_names_from_before_0_5_mean_nothing(
    client: FlaskClient, session_of: Read, remember_line: Callable[..., str | None], key: str
) -> None:
    value = {"remember": "set", "remember_seconds": 5.0, "fresh": True}.get(key, "1")
    with client.session_transaction() as stored:
        stored[key] = value
    response = client.get("/who")
    assert response.text == "nobody"
    assert remember_line(response) is None
    assert session_of(client)[key] == value


def test_the_user_is_kept_on_g(app: Flask, library: ModuleType, members: dict[str, Any]) -> None:
    with app.test_request_context():
        assert "_login_user" not in g
        library.login_user(members["1"])
        assert g._login_user is members["1"]
        library.logout_user()
        assert g._login_user.is_anonymous


def test_a_loaded_user_is_kept_on_g(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        session["_user_id"] = 1
        assert library.current_user.name == "Ada"
        assert g._login_user is members["1"]


def test_a_user_put_on_g_by_hand_is_the_current_one(
    app: Flask, library: ModuleType, members: dict[str, Any], listen: Callable[..., Any]
) -> None:
    """Dify and many test fixtures do so."""
    with app.test_request_context(), listen(library.user_accessed) as heard:
        g._login_user = members["2"]
        assert library.current_user.name == "Grace"
    assert heard == []


def test_a_user_put_on_g_by_hand_replaces_the_loaded_one(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        library.login_user(members["1"])
        g._login_user = members["2"]
        assert library.current_user.name == "Grace"


def test_taking_the_user_off_g_has_it_loaded_again(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        session["_user_id"] = 1
        assert library.current_user.name == "Ada"
        session["_user_id"] = 2
        assert library.current_user.name == "Ada"
        g.pop("_login_user")
        assert library.current_user.name == "Grace"


def test_outside_a_request_there_is_no_user(app: Flask, library: ModuleType) -> None:
    assert not library.current_user
    with app.app_context():
        assert not library.current_user
        assert library.current_user._get_current_object() is None
        with pytest.raises(AttributeError, match="NoneType"):
            library.current_user.name  # noqa: B018 - reading it is the test
