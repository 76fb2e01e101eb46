"""Freshness with an age, and what the plain guards leave behind."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from flask_porter import fresh_login_required, login_required
from flask_porter.login import timeouts
from flask_porter.login.marks import guards_of
from tests.login.guarded_site import Site, open_site

TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _as_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "_asked", set())


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def pass_by(self, **time_: float) -> None:
        self.now += timedelta(**time_).total_seconds()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "time", lambda: clock.now)
    return clock


def bank() -> Site:
    site = open_site()
    site.manager.refresh_view = "login"

    @site.app.get("/pay")
    @fresh_login_required(within=TEN_MINUTES)
    def pay() -> str:
        return "paid"

    @site.app.get("/look")
    @fresh_login_required
    def look() -> str:
        return "looked"

    return site


def test_a_proof_is_fresh_until_just_before_its_age(clock: Clock) -> None:
    client = bank().client("ada")
    clock.pass_by(minutes=10, seconds=-1)
    assert client.get("/pay").text == "paid"


@pytest.mark.parametrize("age", [timedelta(minutes=10), timedelta(minutes=11)], ids=str)
def test_a_proof_is_stale_from_exactly_its_age_on(clock: Clock, age: timedelta) -> None:
    client = bank().client("ada")
    clock.now += age.total_seconds()
    assert client.get("/pay").location == "/login?next=%2Fpay"
    # The bare guard knows no age: what refused above was the age alone.
    assert client.get("/look").text == "looked"


def test_a_new_proof_is_fresh_again(clock: Clock) -> None:
    client = bank().client("ada")
    clock.pass_by(hours=1)
    assert client.post("/confirm").text == "confirmed"
    assert client.get("/pay").text == "paid"


def test_a_log_in_that_carries_no_time_is_stale(clock: Clock) -> None:
    client = bank().client("ada")
    with client.session_transaction() as session:
        del session["_auth_time"]
    assert client.get("/pay").status_code == 302
    assert client.get("/look").text == "looked"


def test_a_log_in_carries_its_time_only_where_a_guard_asks_for_it(clock: Clock) -> None:
    client = open_site().client("ada")
    with client.session_transaction() as session:
        assert "_auth_time" not in session
    client = bank().client("ada")
    with client.session_transaction() as session:
        assert session["_auth_time"] == clock.now


def test_a_session_that_went_stale_is_stale_at_any_age(clock: Clock) -> None:
    client = bank().client("ada")
    with client.session_transaction() as session:
        session["_fresh"] = False
    assert client.get("/pay").status_code == 302


def test_a_visitor_is_sent_to_log_in_whatever_the_age() -> None:
    site = bank()
    site.manager.refresh_view = None
    assert site.client().get("/pay").location == "/login?next=%2Fpay"


def test_guards_that_are_off_ask_for_no_age(clock: Clock) -> None:
    site = bank()
    client = site.client("ada")
    clock.pass_by(hours=1)
    site.app.config["LOGIN_DISABLED"] = True
    assert client.get("/pay").text == "paid"


def test_an_age_and_a_view_may_be_given_at_once() -> None:
    site = open_site()
    view: Any = fresh_login_required
    site.app.add_url_rule("/both", view_func=view(lambda: "in", within=TEN_MINUTES))
    assert site.client().get("/both").status_code == 302
    assert site.client("ada").get("/both").text == "in"


def test_an_async_view_is_guarded_by_age(clock: Clock) -> None:
    site = open_site()

    @site.app.get("/later")
    @fresh_login_required(within=TEN_MINUTES)
    async def later() -> str:
        await asyncio.sleep(0)
        return "in time"

    client = site.client("ada")
    assert client.get("/later").text == "in time"
    clock.pass_by(hours=1)
    assert client.get("/later").status_code == 401


@pytest.mark.parametrize("within", [timedelta(0), timedelta(seconds=-1)], ids=str)
def test_an_age_that_nobody_can_meet_is_refused_at_start(within: timedelta) -> None:
    with pytest.raises(ValueError, match="must be longer"):
        fresh_login_required(within=within)


def test_a_guard_without_view_and_age_says_what_to_write() -> None:
    guard: Any = fresh_login_required
    with pytest.raises(TypeError, match="within=timedelta"):
        guard()
    with pytest.raises(TypeError, match="within=timedelta"):
        guard(TEN_MINUTES)


def test_guards_leave_their_names_the_outermost_first() -> None:
    def view() -> str:
        return ""

    assert guards_of(view) == ()
    guarded = login_required(fresh_login_required(within=TEN_MINUTES)(fresh_login_required(view)))
    assert guards_of(guarded) == (
        "login_required",
        "fresh_login_required(within=0:10:00)",
        "fresh_login_required",
    )
    assert guards_of(view) == ()
