"""Remember me: the cookie's life through requests."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from tests.parity.member_site import seconds_between


def lifetime(client: FlaskClient, name: str = "remember_token", **place: str) -> timedelta:
    cookie = client.get_cookie(name, **place)
    assert cookie is not None
    assert cookie.expires is not None
    return cookie.expires - datetime.now(UTC)


def about(seconds: float) -> Any:
    return pytest.approx(seconds, abs=10)


def test_a_plain_login_is_fresh_and_not_remembered(client: FlaskClient) -> None:
    client.get("/login?id=1")
    assert client.get("/fresh").text == "True"
    assert client.get("/remembered").text == "False"
    assert client.get_cookie("remember_token") is None


def test_a_remembered_user_comes_back_stale(client: FlaskClient) -> None:
    client.get("/login?id=1&remember")
    client.delete_cookie("session")
    assert client.get("/who").text == "Ada"
    assert client.get("/fresh").text == "False"
    assert client.get("/remembered").text == "True"


def test_a_restored_login_is_stored_with_the_id_as_text(
    client: FlaskClient, session_of: Callable[..., dict[str, Any]]
) -> None:
    client.get("/login?id=1&remember")
    assert session_of(client)["_user_id"] == 1
    client.delete_cookie("session")
    client.get("/who")
    restored = session_of(client)
    assert restored["_user_id"] == "1"
    assert restored["_fresh"] is False


def test_one_signal_tells_who_was_restored(
    app: Flask,
    client: FlaskClient,
    library: ModuleType,
    members: dict[str, Any],
    listen: Callable[..., Any],
) -> None:
    client.get("/login?id=1&remember")
    client.delete_cookie("session")
    with listen(library.user_loaded_from_cookie) as heard:
        client.get("/who")
        client.get("/who")
    assert heard == [((app,), {"user": members["1"]})]


def test_a_user_asked_for_in_the_restore_handler_is_the_restored_one(
    client: FlaskClient, library: ModuleType
) -> None:
    """The session already names the user when the signal is sent."""
    seen = []

    def look(sender: Flask, user: Any) -> None:
        seen.append((library.current_user.name, session["_user_id"], session["_fresh"]))

    client.get("/login?id=1&remember")
    client.delete_cookie("session")
    with library.user_loaded_from_cookie.connected_to(look):
        client.get("/who")
    assert seen == [("Ada", "1", False)]


def test_the_default_lifetime_is_a_year(client: FlaskClient) -> None:
    client.get("/login?id=1&remember")
    assert lifetime(client).total_seconds() == about(365 * 24 * 3600)


def test_name_lifetime_domain_and_path_come_from_the_config(
    app: Flask, client: FlaskClient
) -> None:
    app.config.update(
        REMEMBER_COOKIE_NAME="myname",
        REMEMBER_COOKIE_DURATION=timedelta(days=2),
        REMEMBER_COOKIE_PATH="/mypath",
        REMEMBER_COOKIE_DOMAIN=".localhost.local",
    )
    client.get("/login?id=1&remember")
    left = lifetime(client, "myname", domain="localhost.local", path="/mypath")
    assert left.total_seconds() == about(2 * 24 * 3600)


def test_the_logins_duration_beats_the_config(app: Flask, client: FlaskClient) -> None:
    app.config["REMEMBER_COOKIE_DURATION"] = timedelta(days=2)
    client.get("/login?id=1&remember&seconds=25200")
    assert lifetime(client).total_seconds() == about(7 * 3600)


def test_the_config_may_count_in_whole_seconds(app: Flask, client: FlaskClient) -> None:
    app.config["REMEMBER_COOKIE_DURATION"] = 172_800
    client.get("/login?id=1&remember")
    assert lifetime(client).total_seconds() == about(172_800)


@pytest.mark.parametrize("duration", ["123", 1.5])
def test_any_other_duration_is_a_server_error(
    app: Flask, client: FlaskClient, duration: object
) -> None:
    app.config["REMEMBER_COOKIE_DURATION"] = duration
    app.testing = False
    assert client.get("/login?id=1&remember").status_code == 500


@pytest.mark.parametrize("duration", ["123", 1.5])
def test_a_wrong_duration_is_named_before_the_response_is_touched(
    app: Flask, library: ModuleType, manager: Any, duration: object
) -> None:
    app.config["REMEMBER_COOKIE_DURATION"] = duration
    text = f"REMEMBER_COOKIE_DURATION must be a datetime.timedelta, instead got: {duration}"
    with app.test_request_context():
        session["_user_id"] = 2
        with pytest.raises(Exception, match=text):
            manager._set_cookie(None)


def test_without_refreshing_the_cookie_is_set_once(
    app: Flask, client: FlaskClient, remember_line: Callable[..., str | None]
) -> None:
    app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = False
    assert remember_line(client.get("/login?id=1&remember")) is not None
    assert remember_line(client.get("/who")) is None
    client.delete_cookie("session")
    assert remember_line(client.get("/who")) is None


def test_with_refreshing_each_request_moves_the_expiry(
    app: Flask, client: FlaskClient, library: ModuleType
) -> None:
    app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = True
    client.get("/login?id=1&remember&seconds=600")
    first = client.get_cookie("remember_token")
    app.config["REMEMBER_COOKIE_DURATION"] = timedelta(days=1)
    with client.session_transaction() as stored:
        stored["_remember_seconds"] = 1200.0
    client.get("/who")
    second = client.get_cookie("remember_token")
    assert first is not None
    assert second is not None
    assert first.value == second.value
    assert seconds_between(first, second) == about(600)


@pytest.mark.ours_only("0.6.3 turns every session into a remembered one")
def test_refreshing_remembers_nobody_who_did_not_ask(
    app: Flask, client: FlaskClient, remember_line: Callable[..., str | None]
) -> None:
    app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = True
    assert remember_line(client.get("/login?id=1")) is None
    assert remember_line(client.get("/who")) is None


@pytest.mark.parametrize("junk", ["foo", "", "|", "1|", "|1", "1|00", f"1|{'0' * 128}", "1|2|3"])
def test_a_cookie_with_a_bad_signature_names_nobody(client: FlaskClient, junk: str) -> None:
    client.get("/login?id=1&remember")
    with client.session_transaction() as stored:
        stored["_user_id"] = None
    client.set_cookie("remember_token", junk)
    assert client.get("/who").text == "nobody"
    assert client.get("/remembered").text == "False"


def test_remembered_means_a_valid_cookie_came_in(app: Flask, library: ModuleType) -> None:
    with app.app_context():
        good = library.encode_cookie("nobody-we-know")
    environ = {"HTTP_COOKIE": f"remember_token={good}"}
    with app.test_request_context(environ_overrides=environ):
        assert library.login_remembered() is True
        session["_remember"] = "clear"
        assert library.login_remembered() is False
    with app.test_request_context():
        assert library.login_remembered() is False


def test_a_user_nobody_finds_any_more_is_anonymous(
    client: FlaskClient, members: dict[str, Any]
) -> None:
    client.get("/login?id=1&remember")
    client.delete_cookie("session")
    members.clear()
    assert client.get("/who").text == "nobody"


@pytest.mark.parametrize("id", ["1", "佐藤"])
def test_id_and_name_survive_the_round_trip(
    app: Flask, client: FlaskClient, library: ModuleType, members: dict[str, Any], id: str
) -> None:
    @app.get("/id")
    def own_id() -> str:
        return str(library.current_user.get_id())

    client.get(f"/login?id={id}&remember")
    client.delete_cookie("session")
    assert client.get("/who").text == members[id].name
    assert client.get("/id").text == id


def test_a_login_gives_the_cookie_back_to_the_next_user(client: FlaskClient) -> None:
    client.get("/login?id=1&remember")
    client.get("/login?id=2&remember")
    client.delete_cookie("session")
    assert client.get("/who").text == "Grace"
