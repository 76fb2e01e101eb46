"""Protected by default: an app, a blueprint, and what opens them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from flask import Blueprint, Flask, Response
from flask.views import MethodView, View

from flask_porter import (
    EXEMPT_METHODS,
    SetUpError,
    current_user,
    login_required,
    public,
    require_login,
    requires,
)
from tests.login.guarded_site import Site, open_site


def guarded_site(**config: Any) -> Site:
    site = open_site(**config)
    require_login(site.app)
    site.app.add_url_rule("/", "index", lambda: "in")
    return site


def shown(site: Site, path: str, user: str | None = None, method: str = "GET") -> str | int:
    """Return the text for a visitor who is let in, 302 for one who is sent to log in."""
    response = site.client(user).open(path, method=method)
    return response.text if response.status_code < 300 else response.status_code


def test_without_it_a_view_is_open() -> None:
    site = open_site()
    site.app.add_url_rule("/", "index", lambda: "in")
    assert shown(site, "/") == "in"


def test_every_view_of_the_app_asks_for_a_log_in() -> None:
    site = guarded_site()
    assert site.client().get("/").location == "/login?next=%2F"
    assert shown(site, "/", "ada") == "in"


def test_it_may_be_called_before_there_is_a_manager_or_a_view() -> None:
    app = Flask("early")
    assert require_login(app) is app
    app.add_url_rule("/", "index", lambda: "in")
    app.config["LOGIN_DISABLED"] = True
    assert app.test_client().get("/").text == "in"


def test_asking_twice_asks_once() -> None:
    site = guarded_site()
    before = list(site.app.before_request_funcs[None])
    require_login(site.app)
    assert site.app.before_request_funcs[None] == before


def shop(name: str = "shop") -> Blueprint:
    blueprint = Blueprint(name, name, url_prefix=f"/{name}")
    blueprint.add_url_rule("/", "index", lambda: f"in {name}")
    return blueprint


def test_a_blueprint_asks_for_its_own_views_alone() -> None:
    site = open_site()
    site.app.add_url_rule("/", "index", lambda: "in")
    site.app.register_blueprint(require_login(shop()))
    assert shown(site, "/shop/") == 302
    assert shown(site, "/shop/", "ada") == "in shop"
    assert shown(site, "/") == "in"


def test_nested_blueprints_inherit() -> None:
    site = open_site()
    outer, middle = shop("outer"), shop("middle")
    middle.register_blueprint(shop("inner"))
    outer.register_blueprint(middle)
    site.app.register_blueprint(require_login(outer))
    assert shown(site, "/outer/middle/inner/") == 302
    assert shown(site, "/outer/middle/inner/", "ada") == "in inner"


@pytest.mark.parametrize("is_app_guarded", [True, False])
def test_the_innermost_word_counts(is_app_guarded: bool) -> None:
    site = open_site()
    outer, middle, inner = shop("outer"), shop("middle"), shop("inner")
    middle.register_blueprint(require_login(inner))
    outer.register_blueprint(public(middle))
    site.app.register_blueprint(require_login(outer))
    if is_app_guarded:
        require_login(site.app)
    assert shown(site, "/outer/") == 302
    assert shown(site, "/outer/middle/") == "in middle"
    assert shown(site, "/outer/middle/inner/") == 302


def test_a_blueprint_that_is_declared_both_is_guarded() -> None:
    site = open_site()
    site.app.register_blueprint(public(require_login(public(shop()))))
    assert shown(site, "/shop/") == 302


def test_a_public_blueprint_that_is_registered_anew_stays_public() -> None:
    site = guarded_site()
    blueprint = public(shop())
    site.app.register_blueprint(blueprint)
    site.app.register_blueprint(blueprint, name="kiosk", url_prefix="/kiosk")
    assert shown(site, "/kiosk/") == "in shop"


def add_public_above(app: Flask) -> None:
    @public
    @app.get("/open")
    def page() -> str:
        return "open"


def add_public_below(app: Flask) -> None:
    @app.get("/open")
    @public
    def page() -> str:
        return "open"


def add_public_below_others(app: Flask) -> None:
    def logged(view: Callable[[], str]) -> Callable[[], str]:
        @wraps(view)
        def wrapper() -> str:
            return view()

        return wrapper

    @app.get("/open")
    @logged
    @public
    def page() -> str:
        return "open"


@pytest.mark.parametrize("add", [add_public_above, add_public_below, add_public_below_others])
def test_a_view_is_opened_wherever_the_decorator_stands(add: Callable[[Flask], None]) -> None:
    site = guarded_site()
    add(site.app)
    assert shown(site, "/open") == "open"
    assert shown(site, "/") == 302


@pytest.mark.parametrize("is_outside", [True, False])
def test_a_guard_on_a_public_view_still_asks(is_outside: bool) -> None:
    site = guarded_site()

    def page() -> str:
        return "open"

    view = public(login_required(page)) if is_outside else login_required(public(page))
    site.app.add_url_rule("/open", view_func=view)
    assert shown(site, "/open") == 302
    assert shown(site, "/open", "ada") == "open"


def test_a_view_class_is_opened() -> None:
    site = guarded_site()

    @public
    class Page(View):
        decorators = [lambda view: wraps(view)(lambda: view())]  # noqa: RUF012

        def dispatch_request(self) -> str:
            return "open"

    class Sequel(Page):
        pass

    site.app.add_url_rule("/open", view_func=Page.as_view("page"))
    site.app.add_url_rule("/sequel", view_func=Sequel.as_view("sequel"))
    assert shown(site, "/open") == "open"
    # A subclass is another view, and nobody has opened it.
    assert shown(site, "/sequel") == 302


def test_an_endpoint_is_opened_by_name_before_it_exists() -> None:
    site = guarded_site()
    assert public("page", app=site.app) == "page"
    with site.app.app_context():
        public("other")
    site.app.add_url_rule("/open", "page", lambda: "open")
    site.app.add_url_rule("/other", "other", lambda: "open too")
    assert shown(site, "/open") == "open"
    assert shown(site, "/other") == "open too"
    assert shown(site, "/") == 302


def test_an_endpoint_without_an_app_says_what_to_write() -> None:
    with pytest.raises(SetUpError, match="write 'public"):
        public("page")


@pytest.mark.parametrize("thing", [None, 7, Flask("whole")], ids=str)
def test_what_cannot_be_opened_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match="public wants"):
        public(thing)


def test_a_view_that_cannot_be_marked_is_refused() -> None:
    with pytest.raises(TypeError, match="name its endpoint"):
        public(Site.client.__get__(open_site()))


@pytest.mark.parametrize("thing", [None, lambda: "view"], ids=["None", "view"])
def test_what_cannot_be_protected_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match="@login_required"):
        require_login(thing)


def test_an_url_without_a_route_is_not_found() -> None:
    site = guarded_site()
    assert shown(site, "/nowhere") == 404
    assert shown(site, "/", method="DELETE") == 405


def test_the_automatic_answer_to_options_is_open() -> None:
    site = guarded_site()
    response = site.client().options("/")
    assert response.status_code == 200
    assert set(response.allow) == {"GET", "HEAD", "OPTIONS"}


def test_a_view_of_ones_own_for_options_is_guarded() -> None:
    site = guarded_site()

    class Page(MethodView):
        def options(self) -> str:
            return "what I can do"

    site.app.add_url_rule("/page", view_func=Page.as_view("page"))
    assert "OPTIONS" in EXEMPT_METHODS
    assert shown(site, "/page", method="OPTIONS") == 302
    assert shown(site, "/page", "ada", method="OPTIONS") == "what I can do"


def test_an_exempt_method_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    site = guarded_site()
    site.app.add_url_rule("/ping", "ping", lambda: "pong", methods=["GET", "HEAD", "TRACE"])
    assert shown(site, "/ping", method="TRACE") == 302
    EXEMPT_METHODS.add("TRACE")
    try:
        assert shown(site, "/ping", method="TRACE") == "pong"
        assert shown(site, "/ping") == 302
    finally:
        EXEMPT_METHODS.remove("TRACE")


def test_guards_that_are_off_let_everybody_in() -> None:
    assert shown(guarded_site(LOGIN_DISABLED=True), "/") == "in"


def test_a_handler_that_answers_nothing_opens_nothing() -> None:
    site = guarded_site()
    site.manager.unauthorized_handler(lambda: None)
    assert shown(site, "/") == 401


def test_the_handler_answers() -> None:
    site = guarded_site()
    site.manager.unauthorized_handler(lambda: Response("who?", 418))
    assert shown(site, "/") == 418


def test_a_public_view_loads_no_user() -> None:
    site = guarded_site()
    asked: list[str] = []
    site.manager.user_loader(asked.append)
    site.app.add_url_rule("/open", "open", public(lambda: "open"))
    client = site.client("ada")
    assert client.get("/open").text == "open"
    assert asked == []
    client.get("/")
    assert asked == ["ada"]


def test_a_view_put_in_place_of_a_public_one_is_guarded_at_once() -> None:
    site = guarded_site()
    site.app.add_url_rule("/open", "open", public(lambda: "open"))
    assert shown(site, "/open") == "open"
    site.app.view_functions["open"] = lambda: "secret"
    assert shown(site, "/open") == 302


def test_other_guards_come_on_top() -> None:
    site = guarded_site()
    view = requires(lambda user: user.id == "ada")(lambda: f"for {current_user.id}")
    site.app.add_url_rule("/admin", "admin", view)
    assert shown(site, "/admin") == 302
    assert shown(site, "/admin", "bob") == 403
    assert shown(site, "/admin", "ada") == "for ada"


def test_an_async_view_is_guarded() -> None:
    site = guarded_site()

    async def later() -> str:
        return f"for {current_user.id}"

    site.app.add_url_rule("/later", "later", later)
    assert shown(site, "/later") == 302
    assert shown(site, "/later", "ada") == "for ada"
