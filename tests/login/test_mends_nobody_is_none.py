"""`anonymous_user = lambda: None`: nobody is None, and nothing breaks."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import render_template_string

from tests.login.mended import Site, outcomes, shared, shown, site

GUARDS = ["login_required", "fresh_login_required"]


def none_site(library: ModuleType, **config: object) -> Site:
    house = site(library, **config)
    house.manager.anonymous_user = lambda: None
    return house


@outcomes(ours=401, fault_of_the_original=500)
@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_turns_nobody_away(library: ModuleType, outcome: int, guard: str) -> None:
    house = none_site(library)
    house.app.add_url_rule("/guarded", view_func=getattr(library, guard)(lambda: "in"))
    client = house.client()
    assert shown(client, "/guarded") == outcome
    client.get("/login?id=1")
    assert shown(client, "/guarded") == "in"
    client.get("/logout")
    assert shown(client, "/guarded") == outcome


@outcomes(ours="who are you?", fault_of_the_original=500)
def test_the_handler_answers_for_nobody(library: ModuleType, outcome: str | int) -> None:
    house = none_site(library)
    house.manager.unauthorized_handler(lambda: "who are you?")
    house.app.add_url_rule("/guarded", view_func=library.login_required(lambda: "in"))
    assert shown(house.client(), "/guarded") == outcome


@outcomes(ours=401, fault_of_the_original=500)
def test_a_coroutine_view_is_guarded_as_well(library: ModuleType, outcome: int) -> None:
    async def later() -> str:
        return "in"

    house = none_site(library)
    house.app.add_url_rule("/guarded", view_func=library.login_required(later))
    assert shown(house.client(), "/guarded") == outcome


@shared()
def test_the_current_user_is_falsy_and_really_none(library: ModuleType) -> None:
    house = none_site(library)
    with house.app.test_request_context():
        assert not library.current_user
        assert library.current_user == None  # noqa: E711 - a proxy is never identical to None
        assert library.current_user._get_current_object() is None


@shared()
def test_a_template_finds_nobody(library: ModuleType) -> None:
    house = none_site(library)

    @house.app.get("/hello")
    def hello() -> str:
        return render_template_string("{% if current_user %}{{ current_user.name }}{% endif %}!")

    client = house.client()
    assert shown(client, "/hello") == "!"
    client.get("/login?id=1")
    assert shown(client, "/hello") == "Ada!"


@shared()
def test_nobody_can_log_out(library: ModuleType) -> None:
    house = none_site(library)
    users: list[Any] = []

    def note(sender: object, user: object) -> None:
        users.append(user)

    with library.user_logged_out.connected_to(note):
        assert shown(house.client(), "/logout") == "True"
    assert users == [None]


@shared()
def test_a_logout_leaves_nobody(library: ModuleType) -> None:
    house = none_site(library)
    with house.app.test_request_context():
        library.login_user(house.members["1"])
        library.logout_user()
        assert library.current_user._get_current_object() is None


@shared()
def test_nobody_is_looked_for_once(library: ModuleType) -> None:
    house = none_site(library)
    asked: list[object] = []
    house.manager.request_loader(asked.append)

    @house.app.get("/twice")
    def twice() -> str:
        return f"{not library.current_user} {not library.current_user}"

    assert shown(house.client(), "/twice") == "True True"
    assert len(asked) == 1


@shared()
@pytest.mark.parametrize("path", ["/fresh", "/remembered", "/confirm", "/plain", "/who"])
def test_no_other_function_minds(library: ModuleType, path: str) -> None:
    house = none_site(library)
    assert shown(house.client(), path) in {"False", "None", "nobody", "nobody asked who you are"}


@shared()
@pytest.mark.parametrize("make", [dict, list, object])
def test_nobody_may_be_anything_else_falsy_or_odd(
    library: ModuleType, make: Callable[[], object]
) -> None:
    house = site(library)
    house.manager.anonymous_user = make
    with house.app.test_request_context():
        assert type(library.current_user._get_current_object()) is make


@shared()
def test_a_template_can_ask_whether_nobody_is_none(library: ModuleType) -> None:
    """A proxy in its place would never be None to Jinja's `is none`."""
    house = none_site(library)

    @house.app.get("/template")
    def template() -> str:
        return render_template_string("{{ current_user is none }}")

    assert shown(house.client(), "/template") == "True"
