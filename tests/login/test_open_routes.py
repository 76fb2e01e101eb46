"""Which routes are open without being told: log-in pages and static files."""

from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask, send_from_directory

from flask_porter import LoginManager, login_required, require_login, set_login_view
from flask_porter.login.open_routes import is_login_page, is_static


class Site:
    """An app all of which is protected, with pages of any path and endpoint."""

    def __init__(self, **arguments: Any) -> None:
        config = arguments.pop("config", {})
        self.app = Flask("open_routes", **arguments)
        self.app.config.update(SECRET_KEY="a key for tests", **config)
        self.manager: LoginManager = LoginManager(self.app)
        self.manager.user_loader(lambda user_id: None)
        require_login(self.app)

    def page(self, path: str, endpoint: str, **options: Any) -> None:
        self.app.add_url_rule(path, endpoint, lambda **values: endpoint, **options)

    def status(self, path: str, method: str = "GET", **arguments: Any) -> int:
        with self.app.test_client().open(path, method=method, **arguments) as response:
            return response.status_code


def blueprint(name: str, *pages: str, **options: Any) -> Blueprint:
    made = Blueprint(name, __name__, url_prefix=f"/{name}", **options)
    for page in pages:
        made.add_url_rule(f"/{page}", page, lambda: "a page")
    return made


@pytest.mark.parametrize("attribute", ["login_view", "refresh_view"])
def test_the_page_that_people_are_sent_to_is_open(attribute: str) -> None:
    site = Site()
    site.page("/enter", "enter")
    site.page("/other", "other")
    assert site.status("/enter") == 401
    setattr(site.manager, attribute, "enter")
    assert site.status("/enter") == 200
    assert site.status("/other") != 200
    setattr(site.manager, attribute, None)
    assert site.status("/enter") == 401


def test_the_page_of_a_blueprint_is_open() -> None:
    site = Site()
    shop = blueprint("shop", "enter", "till")
    site.app.register_blueprint(shop)
    with site.app.app_context():
        set_login_view("shop.enter", blueprint=shop)
    assert site.status("/shop/enter") == 200
    assert site.status("/shop/till") == 302


def test_a_blueprint_that_is_listed_with_no_page_opens_none() -> None:
    site = Site()
    site.app.register_blueprint(blueprint("shop", "enter"))
    site.manager.blueprint_login_views = {"shop": None}
    assert site.status("/shop/enter") == 401


def test_a_relative_endpoint_is_that_of_each_blueprint() -> None:
    site = Site()
    site.manager.login_view = ".enter"
    for name in ("shop", "club"):
        site.app.register_blueprint(blueprint(name, "enter", "inside"))
    site.page("/enter", "enter")
    for path in ("/shop/enter", "/club/enter", "/enter"):
        assert site.status(path) == 200
    assert site.status("/shop/inside") == 302


def test_a_relative_endpoint_of_one_blueprint_opens_no_other() -> None:
    site = Site()
    for name in ("shop", "club"):
        site.app.register_blueprint(blueprint(name, "enter"))
    site.manager.blueprint_login_views = {"shop": ".enter"}
    assert site.status("/shop/enter") == 200
    assert site.status("/club/enter") == 401


def test_where_get_shows_the_form_post_takes_it() -> None:
    site = Site()
    site.page("/enter", "show", methods=["GET"])
    site.page("/enter", "check", methods=["POST"])
    site.page("/enter", "remove", methods=["DELETE"])
    site.page("/enter/again", "again", methods=["GET"])
    site.manager.login_view = "show"
    assert site.status("/enter", "POST") == 200
    assert site.status("/enter", "DELETE") == 302
    assert site.status("/enter/again") == 302


def test_the_same_path_on_another_subdomain_stays_closed() -> None:
    site = Site(subdomain_matching=True, config={"SERVER_NAME": "site.test"})
    site.page("/enter", "show", subdomain="www")
    site.page("/enter", "secret", subdomain="api")
    site.manager.login_view = "show"
    assert site.status("/enter", base_url="http://www.site.test") == 200
    assert site.status("/enter", base_url="http://api.site.test") == 302


def test_an_endpoint_that_does_not_exist_opens_nothing() -> None:
    site = Site()
    site.page("/enter", "enter")
    site.manager.login_view = "no such view"
    rule = next(site.app.url_map.iter_rules("enter"))
    assert not is_login_page(site.manager, site.app, rule, "/enter", "GET")


@pytest.mark.parametrize("path", ["/enter", "/enter?from=here", "/en%74er", "/enter/"])
def test_a_literal_path_is_open(path: str) -> None:
    site = Site()
    site.manager.login_view = path
    slash = "/" if path.endswith("/") else ""
    site.page(f"/enter{slash}", "enter", methods=["GET", "POST"])
    site.page(f"/enter{slash}", "remove", methods=["DELETE"])
    site.page("/other", "other")
    assert site.status(f"/enter{slash}") == 200
    assert site.status(f"/enter{slash}", "POST") == 200
    assert site.status(f"/enter{slash}", "DELETE") == 302
    assert site.status("/other") == 302


def test_a_literal_path_opens_no_other_value_of_its_route() -> None:
    site = Site()
    site.page("/pages/<name>", "pages")
    site.manager.login_view = "/pages/enter"
    assert site.status("/pages/enter") == 200
    assert site.status("/pages/secret") == 302


def test_flask_adds_the_slash_that_a_literal_path_lacks() -> None:
    site = Site()
    site.page("/enter/", "enter")
    site.manager.login_view = "/enter"
    assert site.status("/enter") == 308
    assert site.status("/enter/") == 200


def test_a_slash_makes_another_page_where_both_exist() -> None:
    site = Site()
    site.page("/enter", "enter")
    site.page("/enter/", "secret")
    site.manager.login_view = "/enter"
    assert site.status("/enter") == 200
    assert site.status("/enter/") == 302


def test_a_literal_path_names_the_script_root_too() -> None:
    site = Site()
    site.page("/enter", "enter")
    site.manager.login_view = "/app/enter"
    assert site.status("/enter", environ_overrides={"SCRIPT_NAME": "/app"}) == 200
    assert site.status("/enter") == 302
    site.manager.login_view = "/enter"
    assert site.status("/enter", environ_overrides={"SCRIPT_NAME": "/app"}) == 302


def test_an_url_is_open_where_the_configuration_names_its_host() -> None:
    site = Site(config={"SERVER_NAME": "site.test"})
    site.page("/enter", "enter")
    site.page("/", "index")
    site.manager.login_view = "https://site.test/enter"
    assert site.status("/enter") == 200
    site.manager.login_view = "https://SITE.test/enter?x=1"
    assert site.status("/enter") == 200
    assert site.status("/") == 302
    site.manager.login_view = "https://site.test"
    assert site.status("/enter") == 302
    assert site.status("/") == 200


def test_an_url_is_open_on_a_trusted_host() -> None:
    site = Site()
    site.page("/enter", "enter")
    site.manager.login_view = "https://site.test/enter"
    assert site.status("/enter") == 302
    site.app.config["TRUSTED_HOSTS"] = ["site.test"]
    assert site.status("/enter", base_url="https://site.test") == 200


@pytest.mark.filterwarnings("ignore:Current server name")
@pytest.mark.parametrize(
    "config",
    [{}, {"SERVER_NAME": "site.test"}, {"TRUSTED_HOSTS": ["site.test", ".sso.test"]}],
    ids=str,
)
def test_a_forged_host_opens_no_page(config: dict[str, Any]) -> None:
    site = Site(config=config)
    site.page("/", "index")
    site.manager.login_view = "https://accounts.sso.test/"
    for host in ("accounts.sso.test", "site.test"):
        assert site.status("/", headers={"Host": host}) != 200


def test_an_url_on_a_subdomain_is_open_for_the_routes_of_that_subdomain() -> None:
    site = Site(subdomain_matching=True, config={"SERVER_NAME": "site.test"})
    site.page("/enter", "enter", subdomain="www")
    site.page("/enter", "secret", subdomain="api")
    site.manager.login_view = "https://www.site.test/enter"
    assert site.status("/enter", base_url="https://www.site.test") == 200
    assert site.status("/enter", base_url="https://api.site.test") == 302


def test_an_url_on_a_matched_host_is_open_for_the_routes_of_that_host() -> None:
    site = Site(host_matching=True, static_host="www.site.test")
    site.page("/enter", "enter", host="www.site.test")
    site.page("/enter", "secret", host="api.site.test")
    site.manager.login_view = "https://www.site.test/enter"
    assert site.status("/enter", base_url="https://www.site.test") == 200
    assert site.status("/enter", base_url="https://api.site.test") == 302


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "style.css").write_text("b {}")
    return tmp_path


def test_static_files_are_open(files: Path) -> None:
    site = Site(static_folder=files, static_url_path="/static")
    shop = blueprint("shop", static_folder=files, static_url_path="/files")
    shop.register_blueprint(blueprint("toys", static_folder=files, static_url_path="/files"))
    site.app.register_blueprint(shop)
    for path in ("/static/style.css", "/shop/files/style.css", "/shop/toys/files/style.css"):
        assert site.status(path) == 200
    with site.app.test_client().get("/static/style.css") as response:
        assert "Vary" not in response.headers


def test_what_an_app_puts_in_place_of_static_files_is_guarded(files: Path) -> None:
    site = Site(static_folder=None)

    @site.app.get("/static/<path:filename>", endpoint="static")
    def static(filename: str) -> Any:
        return send_from_directory(files, filename)

    shop = blueprint("shop", "static")
    site.app.register_blueprint(shop)
    assert site.status("/static/style.css") == 401
    assert site.status("/shop/static") == 401
    assert not is_static(site.app, "no such endpoint")
    assert not is_static(site.app, "static")


def test_static_files_with_a_guard_of_their_own_are_guarded(files: Path) -> None:
    site = Site(static_folder=files, static_url_path="/static")
    views = site.app.view_functions
    views["static"] = login_required(views["static"])
    assert site.status("/static/style.css") == 401


def test_a_dot_in_the_name_of_an_endpoint_is_no_blueprint() -> None:
    site = Site()
    site.page("/odd", "odd.name")
    assert site.status("/odd") == 401
