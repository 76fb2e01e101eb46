"""A log-in view for each blueprint: `set_login_view` and `blueprint_login_views`."""

from types import ModuleType
from typing import Any

import pytest
from flask import Blueprint, Flask
from werkzeug.exceptions import Unauthorized


@pytest.fixture
def shop() -> Blueprint:
    return Blueprint("shop", "shop", url_prefix="/shop")


@pytest.fixture
def staff() -> Blueprint:
    return Blueprint("staff", "staff", url_prefix="/staff")


@pytest.fixture
def site(app: Flask, manager: Any, shop: Blueprint, staff: Blueprint) -> Flask:
    """`app` with a secret in two blueprints, one of them with a nested third."""
    back_office = Blueprint("back_office", "back_office", url_prefix="/back-office")
    for blueprint in (shop, staff, back_office):
        blueprint.add_url_rule("/secret", "secret", manager.unauthorized)
    staff.register_blueprint(back_office)
    app.register_blueprint(shop)
    app.register_blueprint(staff)
    return app


def location(site: Flask, path: str) -> str | None:
    return site.test_client().get(path).location


def test_an_app_context_is_enough(app: Flask, library: ModuleType, manager: Any) -> None:
    with app.app_context():
        library.set_login_view("login")
    assert manager.login_view == "login"
    assert manager.blueprint_login_views == {}


def test_without_blueprints_the_last_view_counts(
    app: Flask, library: ModuleType, manager: Any
) -> None:
    with app.app_context():
        library.set_login_view("login")
        library.set_login_view("/enter")
    assert location(app, "/secret") == "/enter?next=%2Fsecret"


def test_each_blueprint_and_the_app_keep_their_own_view(
    site: Flask, library: ModuleType, shop: Blueprint, staff: Blueprint
) -> None:
    with site.app_context():
        library.set_login_view("/app-login")
        library.set_login_view("/shop-login", blueprint=shop)
        library.set_login_view("/staff-login", blueprint=staff)
        assert location(site, "/secret") == "/app-login?next=%2Fsecret"
        assert location(site, "/shop/secret") == "/shop-login?next=%2Fshop%2Fsecret"
        assert location(site, "/staff/secret") == "/staff-login?next=%2Fstaff%2Fsecret"


def test_the_apps_view_moves_to_the_key_none(
    app: Flask, library: ModuleType, manager: Any, shop: Blueprint, staff: Blueprint
) -> None:
    with app.app_context():
        library.set_login_view("/app-login")
        library.set_login_view("/shop-login", shop)
        library.set_login_view("/staff-login", staff)
    assert manager.login_view is None
    assert manager.blueprint_login_views == {
        None: "/app-login",
        "shop": "/shop-login",
        "staff": "/staff-login",
    }


def test_without_an_app_view_no_key_none_appears(
    app: Flask, library: ModuleType, manager: Any, shop: Blueprint
) -> None:
    with app.app_context():
        library.set_login_view("/shop-login", shop)
    assert manager.blueprint_login_views == {"shop": "/shop-login"}


def test_a_blueprint_without_an_entry_uses_the_login_view(
    site: Flask, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "/login"
    manager.blueprint_login_views = {"shop": "/shop-login"}
    assert location(site, "/staff/secret") == "/login?next=%2Fstaff%2Fsecret"


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_falsy_entry_does_not_fall_back(
    site: Flask, library: ModuleType, manager: Any, nothing: str | None
) -> None:
    manager.login_view = "/login"
    manager.blueprint_login_views = {"shop": nothing}
    with site.test_request_context("/shop/secret"), pytest.raises(Unauthorized):
        manager.unauthorized()


def test_the_key_none_stands_for_views_outside_blueprints(
    site: Flask, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "/login"
    manager.blueprint_login_views = {None: "/app-login"}
    assert location(site, "/secret") == "/app-login?next=%2Fsecret"
    assert location(site, "/shop/secret") == "/login?next=%2Fshop%2Fsecret"


def test_a_nested_blueprint_goes_by_its_dotted_name(
    site: Flask, library: ModuleType, manager: Any
) -> None:
    manager.blueprint_login_views = {"staff.back_office": "/back-login"}
    assert (
        location(site, "/staff/back-office/secret")
        == "/back-login?next=%2Fstaff%2Fback-office%2Fsecret"
    )


def test_the_parents_of_a_nested_blueprint_are_not_tried(
    site: Flask, library: ModuleType, manager: Any
) -> None:
    manager.login_view = "/login"
    manager.blueprint_login_views = {"staff": "/staff-login", "back_office": "/back-login"}
    assert (
        location(site, "/staff/back-office/secret") == "/login?next=%2Fstaff%2Fback-office%2Fsecret"
    )
