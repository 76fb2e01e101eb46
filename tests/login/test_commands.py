"""`flask porter routes` names each route's guard, or why it is public."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from click.testing import Result
from flask import Blueprint, Flask
from flask.views import MethodView

from flask_porter import (
    LoginManager,
    fresh_login_required,
    login_required,
    public,
    require_login,
    requires,
    role_required,
)
from flask_porter.login.commands import porter, routes

HOUR = timedelta(hours=1)


def view() -> str:
    return "in"


def is_staff(user: Any) -> bool:
    return False


def bare_app(**arguments: Any) -> Flask:
    app = Flask("commands", static_folder=None, **arguments)
    manager: LoginManager = LoginManager(app)
    manager.login_view = "login"
    return app


def run(app: Flask, *arguments: str) -> Result:
    app.cli.add_command(porter)
    return app.test_cli_runner().invoke(args=["porter", "routes", *arguments])


def guard_of(app: Flask, endpoint: str) -> tuple[str, bool]:
    (found,) = [route for route in routes(app) if route.endpoint == endpoint]
    return found.guard, found.is_settled


@pytest.mark.parametrize(
    ("guarded", "name"),
    [
        (login_required(view), "login_required"),
        (fresh_login_required(view), "fresh_login_required"),
        (fresh_login_required(within=HOUR)(view), "fresh_login_required(within=1:00:00)"),
        (requires(is_staff, bool)(view), "requires(is_staff, bool)"),
        (role_required("admin")(login_required(view)), "role_required(admin), login_required"),
        (login_required(public(lambda: "in")), "login_required"),
        (public(lambda: "in"), "public (view)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_route_is_shown_with_its_guards(guarded: Any, name: str) -> None:
    app = bare_app()
    app.add_url_rule("/", "index", guarded)
    assert guard_of(app, "index") == (name, True)


def test_a_route_with_nothing_is_not_settled() -> None:
    app = bare_app()
    app.add_url_rule("/", "index", view)
    assert guard_of(app, "index") == ("NONE", False)


def test_what_stands_around_a_view_is_shown() -> None:
    app = bare_app()
    outer, inner, shop = (Blueprint(name, __name__) for name in ("outer", "inner", "shop"))
    inner.add_url_rule("/inner", "page", login_required(view))
    inner.add_url_rule("/free", "free", public(lambda: "in"))
    outer.add_url_rule("/outer", "page", view)
    shop.add_url_rule("/shop", "page", view)
    outer.register_blueprint(requires(is_staff)(inner))
    app.register_blueprint(role_required("admin")(require_login(outer)))
    app.register_blueprint(public(shop))
    app.add_url_rule("/", "index", view)
    app.add_url_rule("/named", "named", view)
    app.add_url_rule("/dotted", "no.blueprint", view)
    require_login(app)
    public("named", app=app)
    assert (
        guard_of(app, "outer.page")[0] == "require_login(blueprint 'outer'), role_required(admin)"
    )
    assert guard_of(app, "outer.inner.page")[0] == (
        "require_login(blueprint 'outer'), role_required(admin), requires(is_staff), login_required"
    )
    assert guard_of(app, "outer.inner.free")[0] == "public (view)"
    assert guard_of(app, "shop.page")[0] == "public (blueprint 'shop')"
    assert guard_of(app, "index")[0] == "require_login(app)"
    assert guard_of(app, "named")[0] == "public (endpoint)"
    assert guard_of(app, "no.blueprint")[0] == "require_login(app)"


@pytest.mark.parametrize("is_guarded", [True, False])
def test_what_is_open_by_itself_is_settled(is_guarded: bool, tmp_path: Path) -> None:
    app = Flask("commands", static_folder=tmp_path, static_url_path="/static")
    manager: LoginManager = LoginManager(app)
    manager.login_view = "login"
    manager.refresh_view = "/again"
    app.add_url_rule("/login", "login", view, methods=["GET", "DELETE"])
    app.add_url_rule("/login", "check", view, methods=["POST"])
    app.add_url_rule("/again", "again", view)
    app.add_url_rule("/again", "remove", view, methods=["DELETE"])
    if is_guarded:
        require_login(app)
    assert guard_of(app, "static") == ("public (static files)", True)
    for endpoint in ("login", "check", "again"):
        assert guard_of(app, endpoint) == ("public (log-in page)", True)
    assert guard_of(app, "remove") == (
        ("require_login(app)", True) if is_guarded else ("NONE", False)
    )


def test_without_a_manager_no_page_is_the_log_in_page() -> None:
    app = Flask("commands", static_folder=None)
    app.add_url_rule("/login", "login", view)
    assert guard_of(app, "login") == ("NONE", False)


class Desk(MethodView):
    @login_required
    def get(self) -> str:
        return "got"


class Till(Desk):
    def post(self) -> str:
        return "posted"


def test_guards_on_single_methods_are_shown() -> None:
    app = bare_app()
    app.add_url_rule("/desk", view_func=Desk.as_view("desk"))
    app.add_url_rule("/till", view_func=Till.as_view("till"))
    assert guard_of(app, "desk") == ("GET login_required", True)
    assert guard_of(app, "till") == ("GET login_required; POST NONE", False)


def test_a_route_for_options_alone_is_shown() -> None:
    app = bare_app()
    app.add_url_rule("/can", "can", view, methods=["OPTIONS"])
    (route,) = routes(app)
    assert (route.methods, route.guard) == ("OPTIONS", "NONE")


def test_rows_are_sorted_and_aligned() -> None:
    app = bare_app()
    app.add_url_rule("/zoo", "a", login_required(view), methods=["GET", "POST"])
    app.add_url_rule("/about/<int:page>", "long_name", view)
    assert run(app).output == dedent(
        """\
        Rule               Methods    Endpoint   Guard
        -----------------  ---------  ---------  -----
        /about/<int:page>  GET        long_name  NONE
        /zoo               GET, POST  a          login_required
        """
    )


def test_a_rule_says_its_host() -> None:
    app = bare_app(subdomain_matching=True)
    app.add_url_rule("/", "shop", view, subdomain="shop")
    assert [route.rule for route in routes(app)] == ["shop|/"]
    app = bare_app(host_matching=True)
    app.add_url_rule("/", "shop", view, host="shop.test")
    assert [route.rule for route in routes(app)] == ["shop.test|/"]


def test_the_check_fails_for_a_route_that_nobody_settled() -> None:
    app = bare_app()
    app.add_url_rule("/forgotten", "forgotten", view)
    app.add_url_rule("/mine", "mine", login_required(view))
    result = run(app, "--check")
    assert result.exit_code == 1
    assert "/forgotten" in result.output
    assert "/mine" not in result.output
    assert "Neither guarded nor public: 1." in result.output
    assert run(app).exit_code == 0


def test_the_check_passes_when_all_is_settled() -> None:
    app = bare_app()
    app.add_url_rule("/mine", "mine", login_required(view))
    app.add_url_rule("/open", "open", public(lambda: "in"))
    result = run(app, "--check")
    assert (result.exit_code, result.output.count("/")) == (0, 0)


def test_the_check_fails_for_a_name_that_opens_nothing() -> None:
    app = bare_app()
    app.add_url_rule("/mine", "mine", login_required(view))
    public("mien", app=app)
    result = run(app, "--check")
    assert result.exit_code == 1
    assert "public('mien') names an endpoint that does not exist." in result.output
    assert run(app).exit_code == 0


def test_rows_may_be_json() -> None:
    app = bare_app()
    app.add_url_rule("/mine", "mine", login_required(view))
    assert json.loads(run(app, "--json").output) == [
        {
            "rule": "/mine",
            "methods": "GET",
            "endpoint": "mine",
            "guard": "login_required",
            "is_settled": True,
        }
    ]


def test_the_command_is_found_by_flask(tmp_path: Path) -> None:
    (tmp_path / "site_app.py").write_text(
        dedent(
            """\
            from flask import Flask
            from flask_porter import LoginManager, login_required
            app = Flask(__name__)
            LoginManager(app)
            app.add_url_rule("/mine", "mine", login_required(lambda: "mine"))
            app.add_url_rule("/forgotten", "forgotten", lambda: "forgotten")
            """
        )
    )
    command = [sys.executable, "-m", "flask", "--app", "site_app", "porter", "routes"]
    shown = subprocess.run(
        command, cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, check=True
    )
    assert "login_required" in shown.stdout
    assert "public (static files)" in shown.stdout
    checked = subprocess.run(
        [*command, "--check"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 1
    assert "/forgotten" in checked.stdout
