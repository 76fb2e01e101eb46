"""Guards: a view runs once, a late log-in view finds its place, LOGIN_DISABLED is heard of."""

import logging
from types import ModuleType

import pytest
from flask import Blueprint

from tests.login.mended import OURS, outcomes, shared, shown, site


@outcomes(ours=1, fault_of_the_original=2)
def test_a_freshly_guarded_view_that_raises_attribute_error_ran_once(
    library: ModuleType, outcome: int
) -> None:
    assert runs(library, "fresh_login_required") == outcome


@shared()
def test_a_guarded_view_that_raises_attribute_error_ran_once(library: ModuleType) -> None:
    assert runs(library, "login_required") == 1


def runs(library: ModuleType, guard: str) -> int:
    house = site(library)
    ran = []

    @house.app.post("/pay")
    @getattr(library, guard)  # type: ignore[untyped-decorator]
    def pay() -> str:
        ran.append("paid")
        raise AttributeError("the view broke")

    client = house.client()
    client.get("/login?id=1")
    assert client.post("/pay").status_code == 500
    return len(ran)


@outcomes(
    ours={None: "/app-login", "shop": "/shop-login"},
    fault_of_the_original="'NoneType' object has no attribute 'name'",
)
def test_a_login_view_for_the_rest_may_be_named_last(
    library: ModuleType, outcome: dict[str | None, str] | str
) -> None:
    house = site(library)
    found: object
    with house.app.app_context():
        library.set_login_view("/shop-login", Blueprint("shop", "shop"))
        try:
            library.set_login_view("/app-login")
            found = house.manager.blueprint_login_views
        except AttributeError as error:
            found = str(error)
    assert found == outcome


@outcomes(ours="/app-login?next=%2Fsecret", fault_of_the_original=None)
def test_views_outside_blueprints_then_go_there(library: ModuleType, outcome: str | None) -> None:
    house = site(library)
    with house.app.app_context():
        library.set_login_view("/shop-login", Blueprint("shop", "shop"))
        if outcome:
            library.set_login_view("/app-login")
        else:
            with pytest.raises(AttributeError):
                library.set_login_view("/app-login")
    assert house.client().get("/secret").location == outcome


def test_a_view_named_again_replaces_the_earlier_one() -> None:
    house = site(OURS)
    with house.app.app_context():
        OURS.set_login_view("/first")
        OURS.set_login_view("/shop-login", Blueprint("shop", "shop"))
        OURS.set_login_view("/second")
    assert house.client().get("/secret").location == "/second?next=%2Fsecret"


@outcomes(ours=["WARNING"], fault_of_the_original=[])
def test_disabled_guards_are_logged(
    library: ModuleType, outcome: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    house = site(library, LOGIN_DISABLED=True)
    house.app.add_url_rule("/guarded", view_func=library.login_required(lambda: "in"))
    client = house.client()
    with caplog.at_level(logging.DEBUG):
        assert shown(client, "/guarded") == "in"
        assert shown(client, "/guarded") == "in"
    told = [record for record in caplog.records if "LOGIN_DISABLED" in record.getMessage()]
    assert [record.levelname for record in told] == outcome


@outcomes(ours="Ada", fault_of_the_original="recursion")
def test_the_current_user_can_be_logged_in_again(library: ModuleType, outcome: str) -> None:
    house = site(library)

    @house.app.get("/again")
    def again() -> str:
        library.login_user(library.current_user)
        try:
            return str(library.current_user.name)
        except RecursionError:
            return "recursion"

    client = house.client()
    client.get("/login?id=1")
    assert shown(client, "/again") == outcome
