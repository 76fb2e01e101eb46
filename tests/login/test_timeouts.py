"""How long a log-in lasts, to the second, on a frozen clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from flask_porter import session_ended
from flask_porter.login import timeouts
from tests.login.vault import copy_of, open_vault, session_of

START = datetime.now(UTC).replace(microsecond=0)
MINUTES_30 = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def nobody_asks_for_ages() -> Iterator[None]:
    before = set(timeouts._asked)
    timeouts._asked.clear()
    yield
    timeouts._asked.clear()
    timeouts._asked.update(before)


def at(client: FlaskClient, seconds: float, path: str = "/who") -> str:
    with time_machine.travel(START + timedelta(seconds=seconds), tick=False):
        return client.get(path).text


def limited(limit: str, *, hardened: bool = False) -> FlaskClient:
    vault = open_vault(hardened=hardened)
    setattr(vault.manager, limit, MINUTES_30)
    return vault.client()


@pytest.mark.parametrize(("seconds", "who"), [(1799, "1"), (1800, "nobody"), (1801, "nobody")])
@pytest.mark.parametrize("hardened", [False, True])
@pytest.mark.parametrize("limit", ["idle_timeout", "absolute_timeout"])
def test_a_log_in_ends_at_the_limit_to_the_second(
    limit: str, hardened: bool, seconds: int, who: str
) -> None:
    client = limited(limit, hardened=hardened)
    at(client, 0, "/login/1")
    assert at(client, seconds) == who


def test_each_request_puts_the_idle_limit_off() -> None:
    client = open_vault(idle_timeout=MINUTES_30).client()
    at(client, 0, "/login/1")
    for minutes in (29, 58, 87):
        assert at(client, minutes * 60) == "1"
    assert at(client, 87 * 60 + 1800) == "nobody"


def test_no_activity_puts_the_absolute_limit_off() -> None:
    client = open_vault(absolute_timeout=MINUTES_30, idle_timeout=timedelta(minutes=2)).client()
    at(client, 0, "/login/1")
    for minutes in range(30):
        assert at(client, minutes * 60) == "1"
    assert at(client, 1800) == "nobody"


def test_a_copy_from_before_the_last_use_has_its_own_idle_limit_and_the_same_absolute_one() -> None:
    client = open_vault(idle_timeout=MINUTES_30, absolute_timeout=timedelta(hours=1)).client()
    at(client, 0, "/login/1")
    copy = copy_of(client, "session")
    assert at(client, 1700) == "1"
    assert at(copy, 1801) == "nobody"
    assert at(client, 3399) == "1"
    assert at(client, 3600) == "nobody"


@pytest.mark.parametrize("limit", ["idle_timeout", "absolute_timeout"])
def test_why_it_ended_is_told_once(limit: str) -> None:
    client = limited(limit)
    at(client, 0, "/login/1")
    heard: list[tuple[object, object]] = []

    def note(_app: object, user_id: object, reason: object) -> None:
        heard.append((user_id, reason))

    with session_ended.connected_to(note):
        at(client, 1800)
        at(client, 1801)
    assert heard == [("1", limit)]


@pytest.mark.parametrize("junk", [None, "1", [], {}, True, 1e308])
@pytest.mark.parametrize("key", [timeouts.BEGUN, timeouts.SEEN])
def test_a_log_in_without_a_clock_starts_one(key: str, junk: object) -> None:
    client = open_vault(idle_timeout=MINUTES_30, absolute_timeout=MINUTES_30).client()
    at(client, 0, "/login/1")
    with (
        time_machine.travel(START, tick=False),
        client.session_transaction() as stored,
    ):
        stored[key] = junk
    assert at(client, 60) == "1"
    assert at(client, 60 + 1800) == "nobody"


def test_the_clock_is_not_written_more_than_once_a_second() -> None:
    client = open_vault(idle_timeout=MINUTES_30).client()
    at(client, 0, "/login/1")
    with time_machine.travel(START, tick=False):
        assert "Set-Cookie" not in client.get("/who").headers


def test_a_log_in_without_limits_has_no_clock() -> None:
    client = open_vault().client()
    at(client, 0, "/login/1")
    assert not {timeouts.BEGUN, timeouts.SEEN, timeouts.PROVEN} & set(session_of(client))


def test_clocks_of_an_older_log_in_go_when_the_limits_are_gone() -> None:
    vault = open_vault(idle_timeout=MINUTES_30, absolute_timeout=MINUTES_30)
    client = vault.client()
    at(client, 0, "/login/1")
    assert {timeouts.BEGUN, timeouts.SEEN} <= set(session_of(client))
    vault.manager.idle_timeout = vault.manager.absolute_timeout = None
    at(client, 0, "/login/1")
    assert not {timeouts.BEGUN, timeouts.SEEN} & set(session_of(client))


def test_a_remember_cookie_outlives_the_limit_but_is_not_fresh() -> None:
    client = open_vault(idle_timeout=MINUTES_30).client()
    at(client, 0, "/login/1?remember")
    assert at(client, 0, "/fresh") == "fresh"
    assert at(client, 1800) == "1"
    with time_machine.travel(START + MINUTES_30, tick=False):
        assert client.get("/fresh").status_code == 401


def age(client: FlaskClient, seconds: float, within: timedelta = MINUTES_30) -> bool:
    """Tell whether the proof in the client's session is young enough at a time."""
    app = client.application
    cookie = client.get_cookie("session")
    assert cookie is not None
    headers = {"Cookie": f"session={cookie.value}"}
    with (
        time_machine.travel(START + timedelta(seconds=seconds), tick=False),
        app.test_request_context(headers=headers),
    ):
        return timeouts.proven_within(within)


@pytest.mark.parametrize(("seconds", "fresh"), [(1799, True), (1800, False), (1801, False)])
def test_a_proof_ages_to_the_second(seconds: int, fresh: bool) -> None:
    timeouts.ask_for_age()
    client = open_vault().client()
    at(client, 0, "/login/1")
    assert age(client, seconds) is fresh


def test_a_proof_starts_anew_with_each_confirmation() -> None:
    timeouts.ask_for_age()
    client = open_vault().client()
    at(client, 0, "/login/1")
    at(client, 1000, "/confirm")
    assert age(client, 2799)
    assert not age(client, 2800)


def test_a_session_without_a_proof_time_is_not_fresh_enough() -> None:
    client = open_vault().client()
    at(client, 0, "/login/1")
    assert not age(client, 0)
    timeouts.ask_for_age()
    at(client, 0, "/login/1")
    with time_machine.travel(START, tick=False), client.session_transaction() as stored:
        stored["_fresh"] = False
    assert not age(client, 0)


def test_hardened_the_proof_time_is_always_noted() -> None:
    client = open_vault(hardened=True).client()
    at(client, 0, "/login/1")
    assert age(client, 0)
