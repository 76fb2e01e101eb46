"""A wrong set-up is answered with what to write."""

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from flask import Flask, session

from tests.login.mended import OURS, outcomes, site


def no_loader() -> None:
    app = Flask("bad")
    app.secret_key = "any"
    OURS.LoginManager(app)
    with app.test_request_context():
        OURS.current_user.is_authenticated  # noqa: B018 - reading it loads the user


def no_manager() -> None:
    app = Flask("bad")
    app.secret_key = "any"
    with app.test_request_context():
        OURS.current_user.is_authenticated  # noqa: B018 - reading it loads the user


def no_manager_for_a_guard() -> None:
    with Flask("bad").test_request_context():
        OURS.login_required(lambda: "")()


def no_secret_key_to_log_in() -> None:
    house = site(OURS, SECRET_KEY=None)
    with house.app.test_request_context():
        OURS.login_user(house.members["1"])


def no_secret_key_to_sign() -> None:
    with Flask("bad").app_context():
        OURS.encode_cookie("1")


def no_secret_key_to_verify() -> None:
    with Flask("bad").app_context():
        OURS.decode_cookie("1|2")


def duration_of_text() -> None:
    house = site(OURS)
    with house.app.test_request_context():
        OURS.login_user(house.members["1"], True, "30 days")


def duration_of_a_number() -> None:
    house = site(OURS)
    with house.app.test_request_context():
        OURS.login_user(house.members["1"], remember=True, duration=3600)


def configured_duration_of_text() -> None:
    house = site(OURS, REMEMBER_COOKIE_DURATION="30 days", TESTING=True)
    house.client().get("/login?id=1&remember")


def configured_duration_of_a_fraction() -> None:
    house = site(OURS, REMEMBER_COOKIE_DURATION=0.5, TESTING=True)
    house.client().get("/login?id=1&remember")


def configured_duration_beyond_all_calendars() -> None:
    house = site(OURS, REMEMBER_COOKIE_DURATION=timedelta.max, TESTING=True)
    house.client().get("/login?id=1&remember")


def an_id_no_session_should_hold() -> None:
    house = site(OURS)
    house.members["1"].id = {"id": 1}
    with house.app.test_request_context():
        OURS.login_user(house.members["1"])


@pytest.mark.parametrize(
    ("set_up", "what_to_write"),
    [
        (no_loader, "@login_manager.user_loader"),
        (no_manager, "LoginManager(app)"),
        (no_manager_for_a_guard, "LoginManager(app)"),
        (no_secret_key_to_log_in, "secret key"),
        (no_secret_key_to_sign, "SECRET_KEY"),
        (no_secret_key_to_verify, "SECRET_KEY"),
        (duration_of_text, "timedelta(days=30)"),
        (duration_of_a_number, "timedelta(days=30)"),
        (configured_duration_of_text, "REMEMBER_COOKIE_DURATION = timedelta(days=30)"),
        (configured_duration_of_a_fraction, "REMEMBER_COOKIE_DURATION = timedelta(days=30)"),
        (configured_duration_beyond_all_calendars, "REMEMBER_COOKIE_DURATION"),
        (an_id_no_session_should_hold, "get_id()"),
    ],
)
def test_the_message_says_what_to_write(set_up: Callable[[], None], what_to_write: str) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the text is what matters
        set_up()
    assert what_to_write in str(caught.value)
    assert type(caught.value) is not Exception


@outcomes(ours="raised", fault_of_the_original="raised by an Exception")
def test_a_missing_loader_is_heard_of_by_whoever_asks_for_the_truth(
    library: ModuleType, outcome: str
) -> None:
    """Werkzeug's proxies take a RuntimeError for "unbound", and then are simply false."""
    app = Flask("bad")
    app.secret_key = "any"
    library.LoginManager(app)
    with app.test_request_context():
        session["_user_id"] = 1
        with pytest.raises(Exception, match="Missing user_loader") as caught:
            bool(library.current_user)
    assert outcome == ("raised by an Exception" if caught.type is Exception else "raised")


@outcomes(ours=False, fault_of_the_original=True)
def test_a_refused_duration_leaves_nobody_logged_in(library: ModuleType, outcome: bool) -> None:
    house = site(library)

    @house.app.get("/badly")
    def badly() -> str:
        return repr(library.login_user(house.members["1"], remember=True, duration="30 days"))

    client = house.client()
    assert client.get("/badly").status_code == 500
    stored: dict[str, Any] = {}
    with client.session_transaction() as found:
        stored.update(found)
    assert ("_user_id" in stored) is outcome
