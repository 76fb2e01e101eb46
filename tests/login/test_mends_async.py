"""Coroutine functions are welcome wherever an app plugs something in."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from flask import g, request, session

from tests.login.mended import Site, outcomes, restart, session_of, shared, shown, site
from tests.parity.member_site import Member

# Flask-Login 0.6.3 never awaits them.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Have Python complain here, and not in a later test, of what was never awaited."""
    logging.disable()  # a record keeps the traceback, and that the coroutine
    yield
    logging.disable(logging.NOTSET)
    gc.collect()


Loader = Callable[[Any], Awaitable[Member | None]]


def finding(house: Site) -> Loader:
    """Make a coroutine loader that needs its request, `g` and session."""

    async def load(what: Any) -> Member | None:
        await asyncio.sleep(0)
        g.loads = g.get("loads", 0) + 1
        session["loaded on"] = request.path
        key = request.args.get("key") if what is request._get_current_object() else what  # type: ignore[attr-defined]
        return house.members.get(str(key))

    return load


def add_async_page(house: Site, library: ModuleType) -> None:
    """Add `/later`: a coroutine view that is the first to ask who the user is."""

    @house.app.get("/later")
    async def later() -> str:
        await asyncio.sleep(0)
        user = library.current_user._get_current_object()
        return str(user.name) if user.is_authenticated else "nobody"


both_views = pytest.mark.parametrize("path", ["/who", "/later"])


@outcomes(ours="Ada", fault_of_the_original=500)
@both_views
def test_a_coroutine_user_loader_is_awaited(
    library: ModuleType, outcome: str | int, path: str
) -> None:
    house = site(library)
    add_async_page(house, library)
    house.manager.user_loader(finding(house))
    client = house.client()
    client.get("/login?id=1")
    assert shown(client, path) == outcome


@outcomes(ours="Ada", fault_of_the_original=500)
@both_views
def test_it_is_awaited_for_a_remember_cookie_too(
    library: ModuleType, outcome: str | int, path: str
) -> None:
    house = site(library)
    add_async_page(house, library)
    house.manager.user_loader(finding(house))
    client = house.client()
    client.get("/login?id=1&remember")
    restart(client)
    assert shown(client, path) == outcome


@outcomes(ours="Grace", fault_of_the_original=500)
@both_views
def test_a_coroutine_request_loader_is_awaited(
    library: ModuleType, outcome: str | int, path: str
) -> None:
    house = site(library)
    add_async_page(house, library)
    house.manager.request_loader(finding(house))
    assert shown(house.client(), f"{path}?key=2") == outcome


@outcomes(ours="nobody", fault_of_the_original=500)
@both_views
def test_a_coroutine_loader_that_finds_nobody_has_found_nobody(
    library: ModuleType, outcome: str | int, path: str
) -> None:
    house = site(library)
    add_async_page(house, library)
    house.manager.request_loader(finding(house))
    assert shown(house.client(), f"{path}?key=9") == outcome


@outcomes(ours="Grace", fault_of_the_original=500)
@both_views
def test_a_coroutine_header_loader_is_awaited(
    library: ModuleType, outcome: str | int, path: str
) -> None:
    async def load(header: str) -> Member | None:
        await asyncio.sleep(0)
        return house.members.get(header)

    house = site(library)
    add_async_page(house, library)
    with pytest.warns(DeprecationWarning, match="header_loader"):
        house.manager.header_loader(load)
    assert shown(house.client(), path, headers={"Authorization": "2"}) == outcome


@outcomes(ours={"loaded on": "/later", "loads": 1}, fault_of_the_original={})
def test_what_a_coroutine_loader_leaves_on_g_and_session_stays(
    library: ModuleType, outcome: dict[str, Any]
) -> None:
    house = site(library, SESSION_PROTECTION=None)
    seen = {}

    @house.app.get("/later")
    async def later() -> str:
        if library.current_user.is_authenticated:
            seen["loads"] = g.loads
        return ""

    house.manager.request_loader(finding(house))
    client = house.client()
    client.get("/later?key=2")
    assert session_of(client) | seen == outcome


@shared()
def test_a_plain_loader_serves_a_coroutine_view(library: ModuleType) -> None:
    house = site(library)
    add_async_page(house, library)
    client = house.client()
    client.get("/login?id=1")
    assert shown(client, "/later") == "Ada"


@outcomes(ours="who are you? /secret", fault_of_the_original=500)
def test_a_coroutine_unauthorized_handler_is_awaited(
    library: ModuleType, outcome: str | int
) -> None:
    async def answer() -> str:
        await asyncio.sleep(0)
        return f"who are you? {request.path}"

    house = site(library)
    house.manager.unauthorized_handler(answer)
    assert shown(house.client(), "/secret") == outcome


@outcomes(ours="again, please", fault_of_the_original=500)
def test_a_coroutine_needs_refresh_handler_is_awaited(
    library: ModuleType, outcome: str | int
) -> None:
    async def answer() -> str:
        await asyncio.sleep(0)
        return "again, please"

    house = site(library)
    house.manager.needs_refresh_handler(answer)
    assert shown(house.client(), "/stale") == outcome


@outcomes(ours=["who are you?", "in"], fault_of_the_original=[500, 500])
def test_guards_loaders_and_handlers_can_all_be_coroutines(
    library: ModuleType, outcome: list[str | int]
) -> None:
    async def answer() -> str:
        return "who are you?"

    async def view() -> str:
        assert library.current_user.name == "Ada"
        return "in"

    house = site(library)
    house.manager.user_loader(finding(house))
    house.manager.unauthorized_handler(answer)
    house.app.add_url_rule("/guarded", view_func=library.fresh_login_required(view))
    client = house.client()
    before = shown(client, "/guarded")
    client.get("/login?id=1")
    assert [before, shown(client, "/guarded")] == outcome


@outcomes(ours="True", fault_of_the_original=500)
def test_a_handler_called_from_a_coroutine_view_is_awaited(
    library: ModuleType, outcome: str | int
) -> None:
    async def answer() -> str:
        await asyncio.sleep(0)
        return str(library.current_user.is_anonymous)

    house = site(library)

    @house.app.get("/by-hand")
    async def by_hand() -> Any:
        return house.manager.unauthorized()

    house.manager.unauthorized_handler(answer)
    assert shown(house.client(), "/by-hand") == outcome


@shared()
def test_a_coroutine_view_can_log_in_and_out(library: ModuleType) -> None:
    house = site(library)

    @house.app.get("/in")
    async def enter() -> str:
        return f"{library.login_user(house.members['1'])} {library.current_user.name}"

    @house.app.get("/out")
    async def leave() -> str:
        return f"{library.logout_user()} {library.current_user.is_anonymous}"

    client = house.client()
    assert shown(client, "/in") == "True Ada"
    assert shown(client) == "Ada"
    assert shown(client, "/out") == "True True"
    assert shown(client) == "nobody"


@outcomes(ours="Grace", fault_of_the_original=500)
@both_views
def test_a_coroutine_request_loader_may_log_its_user_in(
    library: ModuleType, outcome: str | int, path: str
) -> None:
    async def load(incoming: object) -> Member:
        await asyncio.sleep(0)
        library.login_user(house.members["2"])
        return house.members["2"]

    house = site(library)
    add_async_page(house, library)
    house.manager.request_loader(load)
    client = house.client()
    assert shown(client, path) == outcome
    house.manager.request_loader(lambda incoming: None)
    assert shown(client) == ("Grace" if outcome == "Grace" else "nobody")


@outcomes(ours=LookupError, fault_of_the_original=AttributeError)
@both_views
def test_an_error_in_a_coroutine_loader_is_the_loaders_own(
    library: ModuleType, outcome: type[Exception], path: str
) -> None:
    async def load(stored_id: object) -> Member:
        await asyncio.sleep(0)
        raise LookupError("the database is away")

    house = site(library, TESTING=True)
    add_async_page(house, library)
    house.manager.user_loader(load)
    client = house.client()
    client.get("/login?id=1")
    with pytest.raises(outcome):
        client.get(path)


@outcomes(ours=RuntimeError, fault_of_the_original=AttributeError)
@both_views
def test_current_user_cannot_be_read_in_a_coroutine_loader_either(
    library: ModuleType, outcome: type[Exception], path: str
) -> None:
    async def load(stored_id: object) -> Any:
        return library.current_user.name

    house = site(library, TESTING=True)
    add_async_page(house, library)
    house.manager.user_loader(load)
    client = house.client()
    client.get("/login?id=1")
    with pytest.raises(outcome, match=r"current_user|coroutine"):
        client.get(path)
