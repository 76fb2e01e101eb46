"""The remember cookie brings its owner back, lasts, and ends when the log-in ends."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import session
from flask.testing import FlaskClient

from tests.login.mended import Site, outcomes, restart, session_of, shared, shown, site
from tests.parity.member_site import seconds_between

COOKIE = "remember_token"


def remembered_as(client: FlaskClient) -> str | None:
    """Return the id in the client's remember cookie."""
    cookie = client.get_cookie(COOKIE)
    return None if cookie is None else cookie.value.rpartition("|")[0]


@outcomes(ours=["Ada"] * 3, fault_of_the_original=["Ada", "nobody", "nobody"])
def test_a_restored_user_survives_the_next_request_in_strong_protection(
    library: ModuleType, outcome: list[str]
) -> None:
    client = site(library, SESSION_PROTECTION="strong").client()
    client.get("/login?id=1&remember")
    restart(client)
    assert [shown(client) for _ in range(3)] == outcome


@outcomes(ours="1", fault_of_the_original=None)
def test_a_restored_user_stays_remembered_in_strong_protection(
    library: ModuleType, outcome: str | None
) -> None:
    client = site(library, SESSION_PROTECTION="strong").client()
    client.get("/login?id=1&remember")
    restart(client)
    client.get("/who")
    client.get("/who")
    assert remembered_as(client) == outcome


@outcomes(ours=0, fault_of_the_original=2)
def test_a_restored_session_is_no_stranger_in_basic_protection(
    library: ModuleType, outcome: int
) -> None:
    protected: list[Any] = []

    def note(sender: object) -> None:
        protected.append(sender)

    client = site(library).client()
    client.get("/login?id=1&remember")
    restart(client)
    client.get("/who")
    with library.session_protected.connected_to(note):
        client.get("/who")
        client.get("/who")
    assert len(protected) == outcome


@outcomes(
    ours={"_user_id": "1", "_fresh": False, "_id": "this browser"},
    fault_of_the_original={"_user_id": "1", "_fresh": False},
)
def test_a_restored_session_is_bound_to_its_browser(
    library: ModuleType, outcome: dict[str, Any]
) -> None:
    house = site(library)
    house.manager._session_identifier_generator = lambda: "this browser"
    client = house.client()
    client.get("/login?id=1&remember")
    restart(client)
    client.get("/who")
    assert session_of(client) == outcome


@outcomes(ours={}, fault_of_the_original={"_user_id": "9", "_fresh": False})
def test_a_cookie_of_somebody_gone_leaves_no_session(
    library: ModuleType, outcome: dict[str, Any]
) -> None:
    client = site(library).client()
    client.set_cookie(COOKIE, library.encode_cookie("9", key="deterministic"))
    assert shown(client) == "nobody"
    assert session_of(client) == outcome


@outcomes(ours="Grace", fault_of_the_original="nobody")
@pytest.mark.parametrize("cookie", ["junk", "1|00", "", "gone"])
def test_a_cookie_that_finds_nobody_does_not_silence_the_request_loader(
    library: ModuleType, outcome: str, cookie: str
) -> None:
    house = site(library)
    house.manager.request_loader(lambda request: house.members["2"])
    client = house.client()
    signed = library.encode_cookie("9", key="deterministic")
    client.set_cookie(COOKIE, signed if cookie == "gone" else cookie)
    assert shown(client) == outcome


@outcomes(ours="Grace", fault_of_the_original="nobody")
def test_a_cookie_nobody_can_look_up_does_not_silence_the_request_loader(
    library: ModuleType, outcome: str
) -> None:
    house = site(library)
    house.manager._user_callback = None
    house.manager.request_loader(lambda request: house.members["2"])
    client = house.client()
    client.set_cookie(COOKIE, library.encode_cookie("1", key="deterministic"))
    assert shown(client) == outcome


def end_by(library: ModuleType, house: Site, path: str, *steps: Callable[[], object]) -> None:
    @house.app.get(path)
    def end() -> str:
        for step in steps:
            step()
        return ""


def clear_session() -> None:
    session.clear()


@outcomes(ours="nobody", fault_of_the_original="Ada")
def test_clearing_the_session_after_a_logout_still_logs_out(
    library: ModuleType, outcome: str
) -> None:
    house = site(library)
    end_by(library, house, "/leave", library.logout_user, clear_session)
    client = house.client()
    client.get("/login?id=1&remember")
    client.get("/leave")
    assert shown(client) == outcome


@outcomes(ours=False, fault_of_the_original=True)
def test_a_logged_out_cookie_no_longer_counts_in_the_same_request(
    library: ModuleType, outcome: bool
) -> None:
    house = site(library)
    seen = []
    end_by(
        library,
        house,
        "/leave",
        library.logout_user,
        clear_session,
        lambda: seen.append(library.login_remembered()),
    )
    client = house.client()
    client.get("/login?id=1&remember")
    client.get("/leave")
    assert seen == [outcome]


@shared()
def test_clearing_the_session_before_a_logout_logs_out(library: ModuleType) -> None:
    house = site(library)
    end_by(library, house, "/leave", clear_session, library.logout_user)
    client = house.client()
    client.get("/login?id=1&remember")
    client.get("/leave")
    assert shown(client) == "nobody"


@shared()
def test_a_logout_and_a_remembered_login_in_one_request_remember_the_new_user(
    library: ModuleType,
) -> None:
    house = site(library)
    end_by(
        library,
        house,
        "/switch",
        library.logout_user,
        lambda: library.login_user(house.members["2"], remember=True),
    )
    client = house.client()
    client.get("/login?id=1&remember")
    client.get("/switch")
    assert remembered_as(client) == "2"
    restart(client)
    assert shown(client) == "Grace"


@shared()
def test_a_logout_and_a_plain_login_in_one_request_remember_nobody(library: ModuleType) -> None:
    house = site(library)
    end_by(
        library,
        house,
        "/switch",
        library.logout_user,
        lambda: library.login_user(house.members["2"]),
    )
    client = house.client()
    client.get("/login?id=1&remember")
    client.get("/switch")
    assert remembered_as(client) is None
    assert shown(client) == "Grace"


@outcomes(ours="nobody", fault_of_the_original="Ada")
def test_logging_in_over_somebody_elses_cookie_removes_it(
    library: ModuleType, outcome: str
) -> None:
    client = site(library).client()
    client.get("/login?id=1&remember")
    restart(client)
    client.get("/login?id=2")
    restart(client)
    assert shown(client) == outcome


@shared()
def test_logging_in_again_keeps_the_own_cookie(library: ModuleType) -> None:
    """OctoPrint logs the remembered user in again on each passive log-in."""
    client = site(library).client()
    client.get("/login?id=1&remember")
    restart(client)
    client.get("/login?id=1")
    assert remembered_as(client) == "1"
    restart(client)
    assert shown(client) == "Ada"


@shared()
def test_a_refused_login_keeps_the_cookie(library: ModuleType) -> None:
    client = site(library).client()
    client.get("/login?id=1&remember")
    restart(client)
    assert shown(client, "/login?id=3") == "False"
    assert remembered_as(client) == "1"


@shared()
def test_being_remembered_over_somebody_elses_cookie_replaces_it(library: ModuleType) -> None:
    client = site(library).client()
    client.get("/login?id=1&remember")
    client.get("/login?id=2&remember")
    assert remembered_as(client) == "2"


def lifetime_apart(client: FlaskClient, path: str, *, then: str) -> float:
    """Return by how many seconds the second path's cookie outlives the first one's."""
    client.get(path)
    first = client.get_cookie(COOKIE)
    client.get(then)
    second = client.get_cookie(COOKIE)
    return seconds_between(first, second)


@outcomes(ours=3000, fault_of_the_original=0)
@pytest.mark.parametrize("next_user", [1, 2])
def test_the_duration_of_one_login_does_not_count_for_the_next(
    library: ModuleType, outcome: int, next_user: int
) -> None:
    client = site(library, REMEMBER_COOKIE_DURATION=3600).client()
    client.get("/login?id=1&remember&seconds=600")
    first = client.get_cookie(COOKIE)
    client.get(f"/login?id={next_user}&remember")
    second = client.get_cookie(COOKIE)
    assert seconds_between(first, second) == pytest.approx(outcome, abs=10)


@shared()
@pytest.mark.parametrize("stored_id", [1, "1"])
def test_the_duration_still_counts_when_the_same_user_logs_in_again_unremembered(
    library: ModuleType, stored_id: object
) -> None:
    """After a restore the session has the id as text, whatever the user's method returns."""
    client = site(
        library, REMEMBER_COOKIE_DURATION=3600, REMEMBER_COOKIE_REFRESH_EACH_REQUEST=True
    ).client()
    client.get("/login?id=1&remember&seconds=600")
    first = client.get_cookie(COOKIE)
    with client.session_transaction() as stored:
        stored["_user_id"] = stored_id
    client.get("/login?id=1")
    client.get("/who")
    later = client.get_cookie(COOKIE)
    assert seconds_between(first, later) == pytest.approx(0, abs=10)


@outcomes(ours=3000, fault_of_the_original=0)
def test_the_duration_of_one_user_does_not_count_for_anothers_cookie(
    library: ModuleType, outcome: int
) -> None:
    client = site(library, REMEMBER_COOKIE_DURATION=3600).client()
    client.get("/login?id=1&remember&seconds=600")
    first = client.get_cookie(COOKIE)
    client.get("/login?id=2")
    with client.session_transaction() as stored:
        stored["_remember"] = "set"
    client.get("/who")
    later = client.get_cookie(COOKIE)
    assert seconds_between(first, later) == pytest.approx(outcome, abs=10)


@outcomes(ours=None, fault_of_the_original="2")
def test_refreshing_each_request_remembers_nobody_else(
    library: ModuleType, outcome: str | None
) -> None:
    client = site(library, REMEMBER_COOKIE_REFRESH_EACH_REQUEST=True).client()
    client.get("/login?id=2")
    client.get("/who")
    assert remembered_as(client) == outcome


@outcomes(ours=None, fault_of_the_original="2")
def test_refreshing_each_request_wants_the_cookie_of_this_very_user(
    library: ModuleType, outcome: str | None
) -> None:
    client = site(library, REMEMBER_COOKIE_REFRESH_EACH_REQUEST=True).client()
    client.get("/login?id=2")
    client.set_cookie(COOKIE, library.encode_cookie("1", key="deterministic"))
    line = client.get("/who").headers.get("Set-Cookie", "")
    issued = line.partition("=")[2].partition("|")[0] if line.startswith(COOKIE) else None
    assert issued == outcome
