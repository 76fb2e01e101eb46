"""What may stand behind a session answers for it; the floor alone asks nothing of it but that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import click
import pytest
import time_machine
from click.testing import CliRunner
from flask import Flask, session
from flask.cli import ScriptInfo
from flask.sessions import SecureCookieSessionInterface

from flask_porter import (
    FlaskLoginClient,
    LoginManager,
    UserMixin,
    confirm_login,
    current_user,
    fresh_login_required,
    login_fresh,
    login_remembered,
    login_user,
    logout_user,
    user_logged_in,
)
from flask_porter.login.commands import COMMANDS, porter
from flask_porter.login.cookie_session import CookieSessionInterface
from flask_porter.login.errors import SetUpError
from flask_porter.login.records import REMEMBERED_UNTIL, TOKEN, Begun
from flask_porter.login.signals import login_refused
from flask_porter.login.testing import LoginClient
from flask_porter.login.timeouts import proven_within


class Ada(UserMixin):
    id = "ada"


class OneRecord:
    """Has the record of one log-in in memory; nobody else's is ever asked for."""

    def __init__(self) -> None:
        self.admits = True
        self.begun: Begun | None = None
        self.age: timedelta | None = None
        self.proofs = 0

    def open(
        self, user: Any, *, remember: bool, duration: timedelta | None, fresh: bool
    ) -> Begun | None:
        if not self.admits:
            return None
        until = int((datetime.now(UTC) + timedelta(days=9)).timestamp()) if remember else None
        self.begun = Begun("first token", until)
        self.age = timedelta(0) if fresh else None
        return self.begun

    def end(self) -> None:
        self.begun = self.age = None

    def prove(self) -> Begun | None:
        self.proofs += 1
        if self.begun is not None:
            self.begun = Begun("second token")
            self.age = timedelta(0)
        return self.begun

    def age_of_proof(self) -> timedelta | None:
        return self.age

    def is_fresh(self) -> bool:
        return self.age is not None

    def is_remembered(self) -> bool:
        return self.begun is not None and self.begun.remembered_until is not None


@pytest.fixture
def record() -> OneRecord:
    return OneRecord()


@pytest.fixture
def app(record: OneRecord) -> Flask:
    app = Flask("records")
    app.secret_key = "the key of today"
    manager = LoginManager(app)
    manager.user_loader({"ada": Ada()}.get)
    manager.session_records = record
    return app


def held() -> tuple[Any, Any]:
    return session.get(TOKEN), session.get(REMEMBERED_UNTIL)


def test_a_log_in_is_held_by_its_record_and_ends_with_it(app: Flask, record: OneRecord) -> None:
    with app.test_request_context():
        assert login_user(Ada())
        assert held() == ("first token", None)
        assert (login_fresh(), login_remembered()) == (True, False)
        logout_user()
        assert record.begun is None
        assert held() == (None, None)
        assert (login_fresh(), login_remembered()) == (False, False)


def test_whom_the_records_do_not_admit_is_not_logged_in(app: Flask, record: OneRecord) -> None:
    record.admits = False
    reasons = []

    def handler(app: Flask, user: Any, reason: str) -> None:
        reasons.append(reason)

    with app.test_request_context(), login_refused.connected_to(handler):
        assert not login_user(Ada())
        assert not current_user.is_authenticated
        assert dict(session) == {}
    assert reasons == ["not_admitted"]


def test_the_client_of_a_suite_says_why_whoever_is_active_was_refused(
    app: Flask, record: OneRecord
) -> None:
    record.admits = False
    with pytest.raises(ValueError, match="the address is not verified or one of your checks"):
        LoginClient(app, user=Ada())


def test_a_remembered_record_is_held_until_it_ends(app: Flask, record: OneRecord) -> None:
    with app.test_request_context():
        login_user(Ada(), remember=True)
        assert record.begun is not None
        assert held() == ("first token", record.begun.remembered_until)
        assert login_remembered()


def test_a_proof_is_put_into_the_record(app: Flask, record: OneRecord) -> None:
    with app.test_request_context():
        login_user(Ada(), remember=True, fresh=False)
        assert not proven_within(timedelta(minutes=1))
        confirm_login()
        assert held() == ("second token", None)
        assert proven_within(timedelta(minutes=1))
        record.age = timedelta(minutes=2)
        assert not proven_within(timedelta(minutes=1))


def test_without_a_record_there_is_nothing_to_prove(app: Flask, record: OneRecord) -> None:
    with app.test_request_context():
        confirm_login()
        assert record.proofs == 1
        assert held() == (None, None)


def test_a_hook_that_breaks_lets_nobody_in(app: Flask) -> None:
    def handler(app: Flask, user: Any) -> None:
        raise ZeroDivisionError

    with app.test_request_context():
        with user_logged_in.connected_to(handler), pytest.raises(ZeroDivisionError):
            login_user(Ada())
        assert "_user_id" not in session


def test_a_client_that_can_open_no_record_says_so(app: Flask) -> None:
    app.test_client_class = FlaskLoginClient
    assert app.test_client() is not None
    with pytest.raises(SetUpError, match="LoginClient"):
        app.test_client(user=Ada())


def test_a_remembered_session_outlives_the_browser_as_long_as_its_record(app: Flask) -> None:
    assert isinstance(app.session_interface, CookieSessionInterface)
    app.session_interface.longest_record = int(timedelta(days=30).total_seconds())
    app.add_url_rule("/<int:days>", "begin", begin)
    for days, remembered in ((0, False), (1, True)):
        (cookie,) = app.test_client().get(f"/{days}").headers.getlist("Set-Cookie")
        assert ("Expires=" in cookie) == remembered
    expires = parsedate_to_datetime(cookie.partition("Expires=")[2].partition(";")[0])
    left = expires - datetime.now(UTC)
    assert timedelta(days=8, hours=23) < left <= timedelta(days=9)


def test_a_session_older_than_its_lifetime_counts_if_it_names_a_record(app: Flask) -> None:
    interface = app.session_interface
    assert isinstance(interface, CookieSessionInterface)
    interface.longest_record = int(timedelta(days=90).total_seconds())
    app.add_url_rule("/<int:days>", "begin", begin)
    app.add_url_rule("/keep", "keep", lambda: session.setdefault("kept", "a word"))
    app.add_url_rule("/kept", "kept", lambda: session.get("kept", "nothing"))
    app.add_url_rule("/who", "who", lambda: f"{TOKEN in session}")
    assert app.permanent_session_lifetime == timedelta(days=31)
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        remembered, plain = app.test_client(), app.test_client()
        remembered.get("/1")
        plain.get("/keep")
        clock.shift(timedelta(days=32))
        assert remembered.get("/who").text == "True"
        assert plain.get("/kept").text == "nothing"


class OtherSessions(SecureCookieSessionInterface):
    """As one that keeps them on the server."""


def test_another_interface_keeps_a_remembered_session_beyond_the_browser(app: Flask) -> None:
    app.session_interface = OtherSessions()
    app.add_url_rule("/<int:days>", "begin", begin)
    for days, remembered in ((0, False), (1, True)):
        (cookie,) = app.test_client().get(f"/{days}").headers.getlist("Set-Cookie")
        assert ("Expires=" in cookie) == remembered


def begin(days: int) -> str:
    login_user(Ada(), remember=days > 0)
    return ""


def run(app: Flask | None, *words: str) -> tuple[str, int]:
    def load() -> Flask:
        if app is None:
            raise click.ClickException("there is none")
        return app

    result = CliRunner().invoke(porter, list(words), obj=ScriptInfo(create_app=lambda: load()))
    return result.output, result.exit_code


def test_the_app_adds_commands_of_its_own(app: Flask) -> None:
    added = click.Command("tidy", callback=lambda: click.echo("tidied"))
    ours_again = click.Command("routes", callback=lambda: click.echo("not ours"))
    app.extensions[COMMANDS] = {"tidy": added, "routes": ours_again}
    assert run(app, "tidy") == ("tidied\n", 0)
    assert "tidy" in run(app, "--help")[0]
    assert "not ours" not in run(app, "routes")[0]


@pytest.mark.parametrize(("words", "code"), [(["tidy"], 1), (["--help"], 0)])
def test_an_app_that_is_set_up_wrongly_is_told_what_to_do(words: list[str], code: int) -> None:
    def fail() -> Flask:
        raise SetUpError("write a key")

    result = CliRunner().invoke(porter, words, obj=ScriptInfo(create_app=fail))
    assert result.exit_code == code
    assert "write a key" in result.output
    assert "Traceback" not in result.output


def test_an_app_that_cannot_be_loaded_is_told(app: Flask) -> None:
    output, _ = run(None, "--help")
    assert "The app cannot be loaded: there is none" in output
    assert "routes" in output


def sent() -> str:
    return "sent"


def test_a_post_that_came_too_early_is_kept_and_its_page_is_where_to_come_back_to(
    app: Flask, record: OneRecord
) -> None:
    manager: LoginManager[Any] = app.login_manager  # type: ignore[attr-defined]
    manager.hardened = True
    manager.refresh_view = "prove"
    manager.keep_request = lambda: "/kept/1"
    app.add_url_rule("/prove", "prove", lambda: "who are you?")
    app.add_url_rule("/<int:days>", "begin", begin)
    app.add_url_rule("/send", "send", fresh_login_required(sent), methods=["POST"])
    client = app.test_client()
    client.get("/0")
    record.age = None
    assert client.post("/send").location == "/prove?next=%2Fkept%2F1"
