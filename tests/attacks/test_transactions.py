"""Attacks FI: the app's own transaction is its own, ours is whole or nothing, a hook may break."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from blinker import NamedSignal
from sqlalchemy import select

from flask_porter import (
    confirm_login,
    current_user,
    login_fresh,
    login_user,
    logout_user,
    user_logged_in,
    user_logged_out,
)
from flask_porter.errors import SetUpError
from flask_porter.flows.events import signal_for
from flask_porter.flows.roles import set_permissions
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD
from tests.attacks.transactions import Shop, opened

#: What an app calls of ours in the middle of its own work.
STEPS: dict[str, Callable[[Shop], Any]] = {
    "current_user": lambda shop: current_user.id,
    "login_fresh": lambda shop: login_fresh(),
    "login_user": lambda shop: login_user(shop.me()),
    "confirm_login": lambda shop: confirm_login(),
    "logout_user": lambda shop: logout_user(),
    "run": lambda shop: shop.site.porter.run(set_permissions, role="cook"),
}
WRITES = ("login_user", "confirm_login", "logout_user", "run")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url").replace("://", "+psycopg://", 1)
    with opened(tmp_path, url) as shop:
        yield shop


@pytest.mark.parametrize("step", STEPS)
def test_what_the_app_has_begun_is_neither_lost_nor_written(shop: Shop, step: str) -> None:
    """Also not flushed: the note cannot be written yet."""
    session = shop.db.session

    def work() -> None:
        ada, note = shop.me(), shop.note()
        session.add(note)
        ada.nickname = "Countess"
        shop.site.clock.advance(minutes=5)
        STEPS[step](shop)
        assert set(session.new) == {note}
        assert set(session.dirty) == {ada}
        assert ada.nickname == "Countess"
        assert shop.kept() == ([], None)
        note.text = "two eggs"
        session.commit()

    shop.during(shop.client(), work)
    assert shop.kept() == (["two eggs"], "Countess")


@pytest.mark.parametrize("step", STEPS)
def test_what_the_app_has_written_and_not_committed_stays_its_own(shop: Shop, step: str) -> None:
    """One connection writes to SQLite at a time, so there a flow cannot; it says what to do."""
    session = shop.db.session
    is_stuck = shop.is_sqlite and step in WRITES

    def work() -> None:
        session.add(shop.note(text="two eggs"))
        session.flush()
        shop.site.clock.advance(minutes=5)
        began = time.monotonic()
        if is_stuck:
            with pytest.raises(SetUpError, match="commit or roll back"):
                STEPS[step](shop)
        else:
            STEPS[step](shop)
        assert time.monotonic() - began < 5
        assert shop.kept() == ([], None)
        assert list(session.scalars(select(shop.note.text))) == ["two eggs"]
        session.commit()

    client = shop.client()
    shop.during(client, work)
    assert shop.kept() == (["two eggs"], None)
    assert shop.is_logged_in(client) is (is_stuck or step != "logout_user")


def test_a_row_that_the_app_has_locked_ends_in_a_sentence_and_not_in_waiting(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL waits for ever for who waits for us, and sees no deadlock in it."""
    monkeypatch.setattr("flask_porter.models.own_session._POSTGRES_WAITS", "200ms")

    def work() -> None:
        shop.me().nickname = "Countess"
        shop.db.session.flush()
        assert current_user.nickname == "Countess"
        shop.site.clock.advance(minutes=1)
        with pytest.raises(SetUpError, match="commit or roll back"):
            login_user(shop.me())
        shop.db.session.commit()
        assert login_user(shop.me())

    shop.during(shop.client(), work)
    assert shop.kept() == ([], "Countess")


def test_a_request_that_could_not_note_the_device_leaves_it_to_the_next(shop: Shop) -> None:
    """Else an hour of such requests would end the log-in of somebody who is there."""
    client = shop.client()
    shop.site.clock.advance(minutes=40)

    def work() -> None:
        shop.db.session.add(shop.note(text="two eggs"))
        shop.db.session.flush()
        assert current_user.is_authenticated
        shop.db.session.commit()

    shop.during(client, work)
    assert shop.is_logged_in(client)
    shop.site.clock.advance(minutes=40)
    assert shop.is_logged_in(client)


@pytest.mark.parametrize("at", ["statement", "commit"])
def test_fi05_a_reset_whose_end_fails_uses_up_nothing(shop: Shop, at: str) -> None:
    """The database fails as the new password is written, or as all of it is committed."""
    client = shop.browser()
    client.post("/account/reset-password", data={"identifier": ADA})
    client.post("/account/reset-password", data={"code": shop.code("reset_password")})
    chosen = {"new_password": NEW_PASSWORD}
    with shop.failing_database("password_hash=", at=at), pytest.raises(OSError, match="disk"):
        client.post("/account/reset-password/new", data=chosen)
    assert shop.admits(PASSWORD)
    assert not shop.admits(NEW_PASSWORD)
    assert "authn_password_change" not in shop.events()
    assert client.post("/account/reset-password/new", data=chosen).status_code == 200
    assert shop.admits(NEW_PASSWORD)


def test_a_refusal_keeps_what_it_has_written(shop: Shop) -> None:
    before = shop.events()
    assert not shop.admits("a wrong password")
    assert shop.events() == [*before, "authn_login_fail"]


def _explodes(*_: object, **__: object) -> None:
    raise ZeroDivisionError


SIGNALS = {
    "the_flow": (signal_for("session_created"), signal_for("session_ended")),
    "the_login_floor": (user_logged_in, user_logged_out),
}


@pytest.mark.parametrize("signals", SIGNALS.values(), ids=SIGNALS)
def test_fi16_a_hook_that_breaks_a_login_lets_nobody_in(
    shop: Shop, signals: tuple[NamedSignal, NamedSignal], caplog: pytest.LogCaptureFixture
) -> None:
    shop.site.app.config["PROPAGATE_EXCEPTIONS"] = False
    client = shop.browser()
    with signals[0].connected_to(_explodes):
        answer = client.post("/account/login", data={"identifier": ADA, "password": PASSWORD})
    assert answer.status_code == 500
    assert not shop.is_logged_in(client)
    assert "ZeroDivisionError" in caplog.text
    assert shop.admits(PASSWORD)


@pytest.mark.parametrize("signals", SIGNALS.values(), ids=SIGNALS)
def test_fi16_a_hook_that_breaks_a_logout_keeps_nobody_in(
    shop: Shop, signals: tuple[NamedSignal, NamedSignal], caplog: pytest.LogCaptureFixture
) -> None:
    shop.site.app.config["PROPAGATE_EXCEPTIONS"] = False
    client = shop.client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    cookie = client.get_cookie("session")
    assert shop.is_logged_in(client)
    with signals[1].connected_to(_explodes):
        assert client.post("/account/logout").status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert not shop.is_logged_in(client)
    assert cookie is not None
    client.set_cookie("session", cookie.value)
    assert not shop.is_logged_in(client)


def test_fi16_a_check_that_breaks_lets_nobody_in(shop: Shop) -> None:
    shop.site.app.config["PROPAGATE_EXCEPTIONS"] = False
    with shop.check(_explodes):
        assert not shop.admits(PASSWORD)
    assert shop.admits(PASSWORD)


def test_a_hook_that_breaks_costs_the_user_no_attempt(shop: Shop) -> None:
    """What was counted for a right password is given back all the same."""
    shop.site.app.config["PROPAGATE_EXCEPTIONS"] = False
    with signal_for("session_created").connected_to(_explodes):
        for _ in range(8):
            shop.admits(PASSWORD)
    assert shop.admits(PASSWORD)
