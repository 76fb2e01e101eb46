"""Asking who the user is, while that is being found out, is answered with a clear error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from flask import g

from tests.login.mended import OURS, Site, outcomes, restart, shared, shown, site
from tests.parity.member_site import Member

FORBIDDEN = [
    "user_loader",
    "request_loader",
    "header_loader",
    "user_accessed",
    "session_protected",
    "user_loaded_from_request",
]
ALLOWED = [
    ("user_loaded_from_cookie", "/who"),
    ("user_logged_in", "/login?id=1"),
    ("user_logged_out", "/logout"),
    ("user_login_confirmed", "/confirm"),
    ("user_unauthorized", "/secret"),
    ("user_needs_refresh", "/stale"),
]


@contextmanager
def asking_in(
    place: str, house: Site, library: ModuleType, ask: Callable[[], Any]
) -> Iterator[None]:
    """Have `ask` called in a loader or in a handler of a signal."""
    if place.endswith("loader"):

        def load(what: object) -> Member:
            ask()
            return house.members["1"]

        if place == "request_loader":
            house.manager.user_loader(lambda stored_id: None)
        if place == "header_loader":
            with pytest.warns(DeprecationWarning, match="header_loader"):
                house.manager.header_loader(load)
        else:
            getattr(house.manager, place)(load)
        yield
    else:

        def handle(sender: object, **kwargs: Any) -> None:
            ask()

        with getattr(library, place).connected_to(handle):
            yield


def visit(house: Site, place: str) -> Any:
    """Make a request that reaches the place."""
    client = house.client()
    if place in {"user_loader", "session_protected"}:
        with client.session_transaction() as stored:
            stored["_user_id"] = 1
    if place == "user_loaded_from_request":
        house.manager.request_loader(lambda request: house.members["1"])
    return client.get("/who", headers={"Authorization": "any"})


@outcomes(ours=RuntimeError, fault_of_the_original=RecursionError)
@pytest.mark.parametrize("place", FORBIDDEN)
def test_current_user_cannot_be_read_where_it_is_decided(
    library: ModuleType, outcome: type[Exception], place: str
) -> None:
    house = site(library, TESTING=True)
    with (
        asking_in(place, house, library, lambda: library.current_user.name),
        pytest.raises(RuntimeError) as caught,
    ):
        visit(house, place)
    assert caught.type is outcome


@pytest.mark.parametrize("place", FORBIDDEN)
def test_the_error_says_what_was_read_and_where(place: str) -> None:
    house = site(OURS, TESTING=True)
    with (
        asking_in(place, house, OURS, lambda: OURS.current_user.name),
        pytest.raises(RuntimeError, match=r"current_user.*loader"),
    ):
        visit(house, place)


@outcomes(ours=RuntimeError, fault_of_the_original=RecursionError)
@pytest.mark.parametrize("place", ["user_loader", "request_loader"])
def test_nobody_can_log_out_there_either(
    library: ModuleType, outcome: type[Exception], place: str
) -> None:
    house = site(library, TESTING=True)
    with (
        asking_in(place, house, library, library.logout_user),
        pytest.raises(RuntimeError) as caught,
    ):
        visit(house, place)
    assert caught.type is outcome


@outcomes(ours=["refused", "Ada"], fault_of_the_original=["recursion", "Ada"])
def test_a_loader_that_asked_once_in_vain_can_find_its_user_later(
    library: ModuleType, outcome: list[str]
) -> None:
    house = site(library)
    answers = []

    def load(stored_id: object) -> Member:
        try:
            answers.append(str(library.current_user.name))
        except RecursionError:
            answers.append("recursion")
        except RuntimeError:
            answers.append("refused")
        return house.members["1"]

    @house.app.get("/name")
    def name() -> str:
        return str(library.current_user.name)

    house.manager.user_loader(load)
    client = house.client()
    client.get("/login?id=1")
    text = shown(client, "/name")
    assert [answers[0], text] == outcome


def fail_once(house: Site) -> None:
    tries: list[object] = []

    def load(stored_id: object) -> Member:
        tries.append(stored_id)
        if len(tries) == 1:
            raise LookupError("the database is away")
        return house.members["1"]

    house.manager.user_loader(load)


@shared()
def test_the_request_after_a_failed_load_is_served(library: ModuleType) -> None:
    house = site(library)
    fail_once(house)
    client = house.client()
    client.get("/login?id=1")
    with house.app.app_context():
        assert shown(client) == 500
        assert shown(client) == "Ada"


@shared()
def test_a_load_that_failed_can_be_tried_again_in_the_same_request(library: ModuleType) -> None:
    house = site(library)

    @house.app.get("/twice")
    def twice() -> str:
        with pytest.raises(LookupError):
            library.current_user.name  # noqa: B018 - reading it loads the user
        return str(library.current_user.name)

    fail_once(house)
    client = house.client()
    client.get("/login?id=1")
    assert shown(client, "/twice") == "Ada"


@shared()
@pytest.mark.parametrize(("signal", "path"), ALLOWED)
def test_handlers_that_could_read_the_user_still_can(
    library: ModuleType, signal: str, path: str
) -> None:
    house = site(library)
    house.manager.unauthorized_handler(lambda: "who are you?")
    house.manager.needs_refresh_handler(lambda: "again, please")
    names = []
    client = house.client()
    client.get("/login?id=1&remember")
    if signal == "user_loaded_from_cookie":
        restart(client)
    with asking_in(signal, house, library, lambda: names.append(library.current_user.name)):
        assert client.get(path).status_code == 200
    assert names == ["Ada"]


@shared()
@pytest.mark.parametrize("handler", ["unauthorized_handler", "needs_refresh_handler"])
def test_the_two_answers_can_read_the_user(library: ModuleType, handler: str) -> None:
    house = site(library)
    getattr(house.manager, handler)(lambda: str(library.current_user.name))
    client = house.client()
    client.get("/login?id=1")
    path = "/secret" if handler == "unauthorized_handler" else "/stale"
    assert shown(client, path) == "Ada"


@shared()
@pytest.mark.parametrize("read", [True, False])
def test_a_request_loader_may_log_its_user_in(library: ModuleType, read: bool) -> None:
    """Redash and Hiddify do so, and then may read who is logged in."""
    house = site(library)

    def load(request: object) -> Member:
        library.login_user(house.members["2"])
        if read:
            assert library.current_user.name == "Grace"
        return house.members["2"]

    house.manager.request_loader(load)
    client = house.client()
    assert shown(client) == "Grace"
    house.manager.request_loader(lambda request: None)
    assert shown(client) == "Grace"


@shared()
@pytest.mark.parametrize("place", ["user_loader", "user_accessed"])
def test_a_user_put_in_place_by_hand_can_be_read_there(library: ModuleType, place: str) -> None:
    house = site(library)
    names = []

    def ask() -> None:
        g._login_user = house.members["2"]
        names.append(library.current_user.name)

    with asking_in(place, house, library, ask):
        visit(house, place)
    assert names[0] == "Grace"
