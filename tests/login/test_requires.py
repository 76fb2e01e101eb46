"""Guards on predicates and roles: 401 for "who are you", 403 for "not you"."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.views import MethodView, View

from flask_porter import (
    SetUpError,
    current_user,
    login_required,
    public,
    require_login,
    requires,
    role_required,
    user_forbidden,
)
from flask_porter.login.marks import guards_of
from tests.login.guarded_site import Site, open_site


def is_ada(user: Any) -> bool:
    return bool(user.id == "ada")


async def is_ada_later(user: Any) -> bool:
    await asyncio.sleep(0)
    return bool(user.id == "ada")


async def names_later() -> AsyncIterator[str]:
    for name in list[str]():
        yield name


def statuses(site: Site, path: str, method: str = "GET") -> list[int]:
    """Return what a visitor, Ada (admin, editor), Bob (editor) and Cy get."""
    everyone = (None, "ada", "bob", "cy")
    return [site.client(user).open(path, method=method).status_code for user in everyone]


def site_with(guard: Callable[[Any], Any], view: Callable[..., Any] = lambda: "in") -> Site:
    site = open_site()
    site.app.add_url_rule("/guarded", view_func=guard(view))
    return site


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        (requires(is_ada), [302, 200, 403, 403]),
        (requires(lambda user: user.roles), [302, 200, 200, 403]),
        (requires(lambda user: user.roles, is_ada), [302, 200, 403, 403]),
        (requires(lambda user: True), [302, 200, 200, 200]),
        (requires(lambda user: None), [302, 403, 403, 403]),
        (requires(is_ada_later), [302, 200, 403, 403]),
        (requires(lambda user: is_ada_later(user)), [302, 200, 403, 403]),
        (requires(partial(is_ada)), [302, 200, 403, 403]),
        (role_required("admin"), [302, 200, 403, 403]),
        (role_required("admin", "editor"), [302, 200, 200, 403]),
        (role_required("owner"), [302, 403, 403, 403]),
        (lambda view: role_required("admin")(role_required("editor")(view)), [302, 200, 403, 403]),
        (lambda view: role_required("editor")(requires(is_ada)(view)), [302, 200, 403, 403]),
        (lambda view: login_required(role_required("editor")(view)), [302, 200, 200, 403]),
    ],
)
def test_who_gets_in(guard: Callable[[Any], Any], expected: list[int]) -> None:
    assert statuses(site_with(guard), "/guarded") == expected


@pytest.mark.parametrize("predicate", [is_ada, is_ada_later])
def test_an_async_view_is_guarded(predicate: Callable[[Any], Any]) -> None:
    async def later() -> str:
        await asyncio.sleep(0)
        return f"for {current_user.id}"

    site = site_with(requires(predicate), later)
    assert statuses(site, "/guarded") == [302, 200, 403, 403]
    assert site.client("ada").get("/guarded").text == "for ada"


def test_the_error_handler_of_the_app_answers() -> None:
    site = site_with(requires(is_ada))
    site.app.register_error_handler(403, lambda error: ("not you", 403))
    assert site.client("bob").get("/guarded").text == "not you"


@pytest.mark.parametrize("on_blueprint", [False, True])
def test_a_signal_tells_whom_which_guard_has_refused(*, on_blueprint: bool) -> None:
    guard = requires(is_ada)
    site = open_site()
    if on_blueprint:
        blueprint = Blueprint("staff", __name__)
        blueprint.add_url_rule("/guarded", "guarded", lambda: "in")
        site.app.register_blueprint(guard(blueprint))
    else:
        site.app.add_url_rule("/guarded", "guarded", guard(lambda: "in"))
    told: list[Any] = []

    def note(app: Flask, **said: Any) -> None:
        told.append((app, said["user"].id, said["guard"]))

    with user_forbidden.connected_to(note, site.app):
        assert statuses(site, "/guarded") == [302, 200, 403, 403]
    assert told == [(site.app, who, "requires(is_ada)") for who in ("bob", "cy")]


def test_the_handler_of_the_manager_answers_visitors() -> None:
    site = site_with(requires(is_ada))
    site.manager.unauthorized_handler(lambda: ("who are you?", 401))
    assert site.client().get("/guarded").text == "who are you?"


def test_a_predicate_is_not_asked_about_nobody() -> None:
    asked: list[Any] = []
    site = site_with(requires(lambda user: asked.append(user)))
    site.client().get("/guarded")
    assert asked == []
    site.client("ada").get("/guarded")
    assert [type(user).__name__ for user in asked] == ["Person"]


def test_guards_that_are_off_let_everybody_in() -> None:
    site = site_with(requires(lambda user: False))
    site.app.config["LOGIN_DISABLED"] = True
    assert site.client().get("/guarded").text == "in"


def test_a_view_for_an_exempt_method_is_reached() -> None:
    site = open_site()
    view = requires(is_ada)(lambda: "what I can do")
    site.app.add_url_rule("/guarded", view_func=view, methods=["OPTIONS"])
    assert site.client().options("/guarded").text == "what I can do"


@pytest.mark.parametrize(
    "predicate",
    [
        lambda user: filter(None, [False]),
        lambda user: (name for name in list[str]()),
        lambda user: names_later(),
    ],
)
def test_an_iterator_which_nobody_has_looked_into_lets_nobody_in(
    predicate: Callable[[Any], Any],
) -> None:
    site = site_with(requires(predicate))
    site.app.testing = True
    with pytest.raises(SetUpError, match="any"):
        site.client("ada").get("/guarded")


def test_a_method_that_was_named_and_not_called_lets_nobody_in() -> None:
    site = site_with(requires(lambda user: user.get_id))
    site.app.testing = True
    with pytest.raises(SetUpError, match="true of everybody"):
        site.client("cy").get("/guarded")


class Desk(MethodView):
    def get(self) -> str:
        return "got"

    def post(self) -> str:
        return "posted"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_decorators_of_a_view_class_guard_every_method(method: str) -> None:
    class Guarded(Desk):
        decorators = [role_required("admin")]  # noqa: RUF012

    site = open_site()
    site.app.add_url_rule("/guarded", view_func=Guarded.as_view("guarded"))
    assert statuses(site, "/guarded", method) == [302, 200, 403, 403]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_view_class_is_guarded(method: str) -> None:
    @role_required("editor")
    @requires(is_ada)
    class Guarded(Desk):
        pass

    site = open_site()
    view = Guarded.as_view("guarded")
    site.app.add_url_rule("/guarded", view_func=view)
    assert isinstance(Guarded, type)
    assert statuses(site, "/guarded", method) == [302, 200, 403, 403]
    assert guards_of(view) == ("role_required(editor)", "requires(is_ada)")


def test_a_subclass_cannot_lose_the_guard_by_decorators_of_its_own() -> None:
    @requires(is_ada)
    class Guarded(View):
        def dispatch_request(self) -> str:
            return "in"

    class Sub(Guarded):
        decorators = [lambda view: view]  # noqa: RUF012

        def dispatch_request(self) -> str:
            return "in the subclass"

    site = open_site()
    site.app.add_url_rule("/guarded", view_func=Sub.as_view("sub"))
    assert statuses(site, "/guarded") == [302, 200, 403, 403]
    assert site.client("ada").get("/guarded").text == "in the subclass"


def test_the_guard_stays_with_its_class() -> None:
    @requires(is_ada)
    class Guarded(Desk):
        pass

    site = open_site()
    site.app.add_url_rule("/guarded", view_func=Desk.as_view("desk"))
    assert statuses(site, "/guarded") == [200, 200, 200, 200]


def office() -> tuple[Blueprint, Blueprint]:
    outer, inner = Blueprint("office", __name__), Blueprint("safe", __name__)
    outer.add_url_rule("/office", "index", lambda: "in")
    outer.add_url_rule("/lobby", "lobby", public(lambda: "in"))
    inner.add_url_rule("/safe", "index", lambda: "in")
    return outer, inner


def site_with_office(outer: Blueprint, inner: Blueprint) -> Site:
    site = open_site()
    outer.register_blueprint(inner)
    site.app.register_blueprint(outer)
    return site


def test_a_blueprint_is_guarded_with_those_in_it() -> None:
    outer, inner = office()
    assert role_required("editor")(outer) is outer
    requires(is_ada)(inner)
    site = site_with_office(outer, inner)
    assert statuses(site, "/office") == [302, 200, 200, 403]
    assert statuses(site, "/safe") == [302, 200, 403, 403]
    assert statuses(site, "/safe", "OPTIONS") == [200, 200, 200, 200]
    assert statuses(site, "/lobby") == [200, 200, 200, 200]
    assert site.client().get("/office").location == "/login?next=%2Foffice"
    assert site.client().get("/nowhere").status_code == 404


def test_guards_that_are_off_open_a_blueprint() -> None:
    outer, inner = office()
    requires(is_ada)(outer)
    site = site_with_office(outer, inner)
    site.app.config["LOGIN_DISABLED"] = True
    assert statuses(site, "/office") == [200, 200, 200, 200]


def test_a_public_blueprint_inside_a_guarded_one_is_open() -> None:
    outer, inner = office()
    requires(is_ada)(outer)
    public(inner)
    site = site_with_office(outer, inner)
    assert statuses(site, "/safe") == [200, 200, 200, 200]
    assert statuses(site, "/office") == [302, 200, 403, 403]


def test_a_public_blueprint_around_a_guarded_one_opens_nothing() -> None:
    outer, inner = office()
    public(outer)
    requires(is_ada)(inner)
    site = site_with_office(outer, inner)
    assert statuses(site, "/safe") == [302, 200, 403, 403]
    assert statuses(site, "/office") == [200, 200, 200, 200]


def test_an_inner_blueprint_that_asks_for_a_log_in_keeps_the_guard_around_it() -> None:
    outer, inner = office()
    requires(is_ada)(outer)
    require_login(inner)
    assert statuses(site_with_office(outer, inner), "/safe") == [302, 200, 403, 403]


def test_the_log_in_page_of_a_guarded_blueprint_is_open() -> None:
    outer, inner = office()
    requires(is_ada)(outer)
    outer.add_url_rule("/door", "door", lambda: "log in here")
    site = site_with_office(outer, inner)
    site.manager.blueprint_login_views = {"office": "office.door"}
    # Bob too, who may want to come back as Ada.
    assert statuses(site, "/door") == [200, 200, 200, 200]
    assert site.client().get("/office").location == "/door?next=%2Foffice"


def test_a_handler_that_answers_nothing_opens_no_blueprint() -> None:
    outer, inner = office()
    requires(is_ada)(outer)
    site = site_with_office(outer, inner)
    site.manager.unauthorized_handler(lambda: None)
    assert statuses(site, "/office") == [401, 200, 403, 403]


@pytest.mark.parametrize("predicates", [(), ("admin",), (is_ada, None)], ids=str)
def test_what_is_no_predicate_is_refused(predicates: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="functions of the user"):
        requires(*predicates)


@pytest.mark.parametrize("names", [(), (lambda: "view",), ("",), ("admin", 7)], ids=str)
def test_what_is_no_name_of_a_role_is_refused(names: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match="names of roles"):
        role_required(*names)


@pytest.mark.parametrize("thing", [Flask("whole"), object, None, "view"], ids=str)
def test_what_cannot_be_guarded_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match="wants a view"):
        role_required("admin")(thing)


def test_a_guard_says_what_it_is() -> None:
    assert repr(role_required("admin", "editor")) == "<guard role_required(admin, editor)>"
    assert repr(requires(is_ada, partial(is_ada))) == "<guard requires(is_ada, partial)>"
