"""What stands in a signed session is not always what was put there: never a server error."""

from types import ModuleType
from typing import Any

import pytest

from tests.login.mended import OURS, Site, outcomes, restart, session_of, shared, shown, site
from tests.parity.member_site import Member


def with_table(house: Site) -> None:
    """Look users up the way most apps do: by the id as it is."""
    table: dict[Any, Member] = {1: house.members["1"]}
    house.manager.user_loader(lambda stored_id: table.get(stored_id))


def plant(house: Site, **values: Any) -> Any:
    client = house.client()
    with client.session_transaction() as stored:
        stored.update(values)
    return client


@outcomes(ours="nobody", fault_of_the_original=500)
@pytest.mark.parametrize("stored_id", [[], [1], {}, {"id": 1}, [[1]], {"a": [1, {}]}])
def test_a_list_or_dict_is_no_id(
    library: ModuleType, outcome: str | int, stored_id: object
) -> None:
    house = site(library)
    with_table(house)
    assert shown(plant(house, _user_id=stored_id)) == outcome


@outcomes(ours="nobody", fault_of_the_original="Ada")
def test_true_is_not_the_first_user(library: ModuleType, outcome: str) -> None:
    house = site(library)
    with_table(house)
    assert shown(plant(house, _user_id=True)) == outcome


@outcomes(ours=[], fault_of_the_original=[False])
def test_false_is_not_looked_up(library: ModuleType, outcome: list[object]) -> None:
    house = site(library)
    asked: list[object] = []
    house.manager.user_loader(asked.append)
    assert shown(plant(house, _user_id=False)) == "nobody"
    assert asked == outcome


@outcomes(ours="Grace", fault_of_the_original=500)
def test_the_request_loader_still_has_its_turn(library: ModuleType, outcome: str | int) -> None:
    house = site(library)
    with_table(house)
    house.manager.request_loader(lambda request: house.members["2"])
    assert shown(plant(house, _user_id=[1])) == outcome


@shared()
def test_a_tuple_an_app_uses_for_an_id_still_finds_its_user(library: ModuleType) -> None:
    house = site(library)
    house.manager.user_loader({("shop", 7): house.members["1"]}.get)
    assert shown(plant(house, _user_id=("shop", 7))) == "Ada"


JUNK = [[], {}, [1], {"a": 1}, 7, 0, "junk", "", None, True, 1e308, ("a",), "é" * 500]


@pytest.mark.parametrize("key", ["_fresh", "_id", "_remember", "_remember_seconds", "next"])
@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("mode", [None, "basic", "strong"])
def test_junk_under_any_login_key_breaks_nothing(key: str, junk: object, mode: str | None) -> None:
    house = site(OURS, SESSION_PROTECTION=mode, REMEMBER_COOKIE_REFRESH_EACH_REQUEST=True)
    house.manager.login_view = "login"
    for path in ("/who", "/fresh", "/remembered", "/secret", "/stale", "/confirm", "/logout"):
        client = house.client()
        client.get("/login?id=1&remember")
        with client.session_transaction() as stored:
            stored[key] = junk
        assert client.get(path).status_code in {200, 302, 401}


@outcomes(ours="Ada", fault_of_the_original=500)
@pytest.mark.parametrize("seconds", ["junk", [], {}, None, 1e308])
def test_junk_for_the_duration_falls_back_to_the_config(
    library: ModuleType, outcome: str | int, seconds: object
) -> None:
    house = site(library, REMEMBER_COOKIE_REFRESH_EACH_REQUEST=True)
    client = house.client()
    client.get("/login?id=1&remember")
    with client.session_transaction() as stored:
        stored["_remember_seconds"] = seconds
    assert shown(client) == outcome


@pytest.mark.parametrize("junk", [[], {}, [1], True])
def test_a_remember_cookie_is_used_where_the_session_holds_junk(junk: object) -> None:
    house = site(OURS)
    client = house.client()
    client.get("/login?id=1&remember")
    restart(client)
    with client.session_transaction() as stored:
        stored["_user_id"] = junk
    assert shown(client) == "Ada"
    assert session_of(client)["_user_id"] == "1"
