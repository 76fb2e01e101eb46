"""Logging in: what `login_user` promises."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient


def test_an_active_user_is_logged_in(client: FlaskClient) -> None:
    assert client.get("/login?id=1").text == "True"
    assert client.get("/who").text == "Ada"


def test_the_user_object_itself_is_current_at_once(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        library.login_user(members["1"])
        assert library.current_user._get_current_object() is members["1"]


def test_a_login_is_exactly_fresh(app: Flask, library: ModuleType, members: dict[str, Any]) -> None:
    with app.test_request_context():
        library.login_user(members["1"])
        assert library.login_fresh() is True


def test_a_login_asked_to_be_stale_is_exactly_not_fresh(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        library.login_user(members["1"], fresh=False)
        assert library.login_fresh() is False


def test_one_signal_tells_who_logged_in(
    app: Flask, library: ModuleType, members: dict[str, Any], listen: Callable[..., Any]
) -> None:
    with app.test_request_context(), listen(library.user_logged_in) as heard:
        library.login_user(members["1"])
    assert heard == [((app,), {"user": members["1"]})]


def test_the_user_is_current_when_the_signal_is_sent(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    seen = []

    def look(sender: Flask, user: Any) -> None:
        seen.append(library.current_user.name)

    with app.test_request_context(), library.user_logged_in.connected_to(look):
        library.login_user(members["1"])
    assert seen == ["Ada"]


def test_an_inactive_user_is_refused_and_nothing_changes(
    app: Flask, library: ModuleType, members: dict[str, Any], listen: Callable[..., Any]
) -> None:
    with app.test_request_context():
        session["basket"] = "pear"
        with listen(library.user_logged_in) as heard:
            assert library.login_user(members["3"]) is False
        assert library.current_user.is_anonymous
        assert session.get("_user_id") is None
        assert "_id" not in session
        assert session["basket"] == "pear"
    assert heard == []


def test_an_inactive_user_can_be_forced_in(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        assert library.login_user(members["3"], force=True) is True
        assert library.current_user.name == "Mallory"
        assert not library.current_user.is_authenticated


def test_every_argument_may_be_positional(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        assert library.login_user(members["3"], True, timedelta(hours=2), True, False) is True
        assert session["_remember"] == "set"
        assert session["_remember_seconds"] == 7200.0
        assert session["_fresh"] is False


def test_remember_positional_and_force_by_keyword(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        assert library.login_user(members["3"], True, force=True) is True
        assert session["_remember"] == "set"


def test_the_id_is_stored_as_the_user_returned_it(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        library.login_user(members["1"])
        assert session["_user_id"] == 1
        assert type(session["_user_id"]) is int


def test_the_id_comes_from_the_managers_id_attribute(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    class Account:
        is_active = True

        def get_public_id(self) -> str:
            return "public-7"

    manager.id_attribute = "get_public_id"
    with app.test_request_context():
        assert library.login_user(Account()) is True
        assert session["_user_id"] == "public-7"


def test_the_client_identifier_is_stored(
    app: Flask, library: ModuleType, manager: Any, members: dict[str, Any]
) -> None:
    manager._session_identifier_generator = lambda: "this browser"
    with app.test_request_context():
        library.login_user(members["1"])
        assert session["_id"] == "this browser"


def test_a_login_without_remember_asks_for_no_cookie(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        library.login_user(members["1"], duration=timedelta(hours=1))
        assert "_remember" not in session
        assert "_remember_seconds" not in session


def test_other_session_keys_survive_a_login(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        session.update(basket="pear", next="/there")
        library.login_user(members["1"])
        assert session["basket"] == "pear"
        assert session["next"] == "/there"


WRONG_DURATION = "duration must be a datetime.timedelta, instead got: 123"


def test_a_wrong_duration_says_so(app: Flask, library: ModuleType, members: dict[str, Any]) -> None:
    with app.test_request_context(), pytest.raises(Exception, match=WRONG_DURATION):
        library.login_user(members["1"], remember=True, duration="123")


@pytest.mark.ours_only("0.6.3 complains when the session is already written, and logs in")
def test_a_wrong_duration_logs_nobody_in(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    with app.test_request_context():
        with pytest.raises(TypeError, match=WRONG_DURATION):
            library.login_user(members["1"], remember=True, duration="123")
        assert not session


def test_what_counts_days_seconds_and_microseconds_is_a_duration(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    """As dateutil's relativedelta does, which has no total_seconds."""
    span = SimpleNamespace(days=1, seconds=2, microseconds=500_000)
    with app.test_request_context():
        library.login_user(members["1"], remember=True, duration=span)
        assert session["_remember_seconds"] == 86402.5


def test_a_wrong_duration_in_a_request_is_a_server_error(
    app: Flask, library: ModuleType, members: dict[str, Any]
) -> None:
    @app.get("/badly")
    def badly() -> str:
        return repr(library.login_user(members["1"], remember=True, duration="123"))

    app.testing = False
    assert app.test_client().get("/badly").status_code == 500


def test_the_request_loader_answers_when_the_session_names_nobody(
    client: FlaskClient, manager: Any, members: dict[str, Any]
) -> None:
    manager.request_loader(lambda request: members.get(request.args.get("key", "")))
    assert client.get("/who?key=2").text == "Grace"
    assert client.get("/who?key=9").text == "nobody"
    client.get("/login?id=1")
    assert client.get("/who?key=2").text == "Ada"


def test_a_login_inside_a_request_loader_counts(
    client: FlaskClient, library: ModuleType, manager: Any, members: dict[str, Any]
) -> None:
    """Redash and Hiddify do so."""

    def load(request: Any) -> Any:
        member = members.get(request.args.get("key", ""))
        if member is not None:
            library.login_user(member)
        return member

    manager.request_loader(load)
    assert client.get("/who?key=2").text == "Grace"
    assert client.get("/who").text == "Grace"
