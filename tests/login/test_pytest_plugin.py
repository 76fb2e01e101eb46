"""The fixtures that the package brings to everybody's pytest."""

from __future__ import annotations

import inspect
from importlib.metadata import entry_points

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from flask_porter import LoginClient, current_user, login_fresh
from flask_porter.login import pytest_plugin
from flask_porter.login.pytest_plugin import LoggedInAs, LoginClientFactory
from tests.login.mended import OURS, Site, session_of, shown, site
from tests.services import nested

pytest_plugins = ["pytester"]

APP = """
import pytest
from flask import Flask, Response
from flask_porter import LoginManager, UserMixin, current_user, fresh_login_required

class User(UserMixin):
    def __init__(self, id):
        self.id = id

users = {name: User(name) for name in ("ada", "grace")}

@pytest.fixture
def app():
    app = Flask("their_app")
    app.secret_key = "deterministic"
    manager = LoginManager(app)
    manager.session_protection = "strong"
    manager.user_loader(users.get)
    app.add_url_rule("/who", "who", lambda: current_user.get_id() or "nobody")
    app.add_url_rule("/vault", "vault", fresh_login_required(lambda: "gold"))
    return app
"""

SUITE = """
from conftest import users
from flask_porter import current_user

def test_clients(login_client):
    ada, grace = login_client(users["ada"]), login_client(users["grace"], fresh=False)
    visitor = login_client()
    assert [c.get("/who").text for c in (ada, grace, visitor)] == ["ada", "grace", "nobody"]
    assert [c.get("/vault").status_code for c in (ada, grace, visitor)] == [200, 401, 401]

def test_no_view(logged_in_as):
    with logged_in_as(users["ada"]):
        assert current_user == users["ada"]
"""


@pytest.fixture(autouse=True)
def others_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", nested.LEFT_OUT)


@pytest.fixture
def house() -> Site:
    return site(OURS)


@pytest.fixture
def app(house: Site) -> Flask:
    return house.app


def test_each_call_makes_a_client_of_its_own(house: Site, login_client: LoginClientFactory) -> None:
    ada = login_client(house.members["1"])
    grace = login_client(house.members["2"], fresh=False, remember=True)
    visitor = login_client()
    assert [shown(client) for client in (ada, grace, visitor)] == ["Ada", "Grace", "nobody"]
    assert [shown(client, "/fresh") for client in (ada, grace)] == ["True", "False"]
    assert [client.get_cookie("remember_token") is None for client in (ada, grace)] == [True, False]
    visitor.log_in(house.members["2"])
    ada.log_out()
    assert [shown(client) for client in (ada, grace, visitor)] == ["nobody", "Grace", "Grace"]


def test_what_the_request_is_made_with_is_passed_on(
    house: Site, login_client: LoginClientFactory
) -> None:
    house.app.config["SESSION_PROTECTION"] = "strong"
    phone = {"User-Agent": "Phone"}
    client = login_client(house.members["1"], headers=phone)
    assert shown(client, headers=phone) == "Ada"
    assert shown(client) == "nobody"


def test_the_apps_own_response_class_is_used(app: Flask, login_client: LoginClientFactory) -> None:
    class Answer(Response):
        pass

    assert not isinstance(login_client().get("/who"), Answer)
    app.response_class = Answer
    assert isinstance(login_client().get("/who"), Answer)


def test_a_client_class_of_the_app_is_kept(house: Site, login_client: LoginClientFactory) -> None:
    assert type(login_client()) is LoginClient


class OwnClient(FlaskClient):
    def greet(self) -> str:
        return self.get("/who").text


class OwnLoginClient(LoginClient):
    pass


class TestOwnClientClass:
    @pytest.fixture(params=[OwnClient, OwnLoginClient, FlaskClient])
    def kind(self, request: pytest.FixtureRequest) -> type[FlaskClient]:
        kind: type[FlaskClient] = request.param
        return kind

    @pytest.fixture
    def app(self, house: Site, kind: type[FlaskClient]) -> Flask:
        house.app.test_client_class = kind
        return house.app

    def test_it_is_kept(
        self, house: Site, kind: type[FlaskClient], login_client: LoginClientFactory
    ) -> None:
        client = login_client(house.members["1"])
        assert isinstance(client, kind)
        assert isinstance(client, LoginClient)
        assert shown(client) == "Ada"
        if isinstance(client, OwnClient):
            assert client.greet() == "Ada"


def test_code_without_a_view_can_be_run_as_somebody(house: Site, logged_in_as: LoggedInAs) -> None:
    with logged_in_as(house.members["1"], fresh=False):
        assert current_user == house.members["1"]
        assert login_fresh() is False
    assert current_user._get_current_object() is None


def test_a_client_logs_in_inside_the_request_of_somebody_else(
    house: Site, logged_in_as: LoggedInAs, login_client: LoginClientFactory
) -> None:
    with logged_in_as(house.members["1"]):
        client = login_client(house.members["2"])
        assert shown(client) == "Grace"
        assert current_user == house.members["1"]
    assert session_of(client)["_user_id"] == 2


def test_an_app_that_is_none_is_named() -> None:
    with pytest.raises(pytest.UsageError, match="no Flask application but 'app'"):
        pytest_plugin._checked("app")


def test_the_fixtures_have_names_that_nobody_else_uses() -> None:
    ours = {
        name
        for name, value in vars(pytest_plugin).items()
        if isinstance(value, type(pytest_plugin.login_client))
    }
    assert ours == {"login_client", "logged_in_as"}
    # Those of pytest-flask 1.3 and pytest-django 4.
    accept = {"accept_any", "accept_json", "accept_jsonp", "accept_mimetype"}
    live = {"live_server", "live_server_url"}
    others = {"client", "client_class", "config", "admin_client", "async_client"} | accept | live
    assert ours.isdisjoint(others)


def test_nothing_but_fixtures_is_registered(request: pytest.FixtureRequest) -> None:
    manager = request.config.pluginmanager
    assert manager.has_plugin("flask_porter")
    assert not manager.get_hookcallers(pytest_plugin)
    assert not any(
        getattr(value, "_fixture_function_marker", None) and value._fixture_function_marker.autouse
        for value in vars(pytest_plugin).values()
        if not inspect.isclass(value)
    )


def test_the_package_announces_its_plugin() -> None:
    (plugin,) = entry_points(group="pytest11", name="flask_porter")
    assert plugin.load() is pytest_plugin


def test_a_project_uses_them_without_a_word_of_set_up(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(APP)
    pytester.makepyfile(SUITE)
    run = pytester.runpytest_subprocess("-W", "error", "--strict-config", "--strict-markers")
    run.assert_outcomes(passed=2)


def test_a_project_can_do_without_the_plugin(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(APP)
    pytester.makepyfile(SUITE)
    run = pytester.runpytest_subprocess("-p", "no:flask_porter")
    run.assert_outcomes(errors=2)
    run.stdout.fnmatch_lines(["*fixture 'login_client' not found*"])


def test_a_project_without_an_app_is_not_disturbed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_sum(): assert 1 + 1 == 2\ndef test_later(login_client): ...\n")
    run = pytester.runpytest_subprocess("-W", "error")
    run.assert_outcomes(passed=1, errors=1)
    run.stdout.fnmatch_lines(["*fixture 'app' not found*"])


def test_an_app_of_another_kind_is_disturbed_by_its_own_wish_only(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeconftest("import pytest\n@pytest.fixture\ndef app(): return 'fast'\n")
    pytester.makepyfile("def test_app(app): ...\ndef test_later(logged_in_as): ...\n")
    run = pytester.runpytest_subprocess("-W", "error")
    run.assert_outcomes(passed=1, errors=1)
    run.stdout.fnmatch_lines(["*no Flask application but 'fast'*"])


def test_fixtures_of_a_project_come_before_ours(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import pytest\n"
        "@pytest.fixture\ndef app(): return None\n"
        "@pytest.fixture\ndef login_client(): return 'theirs'\n"
    )
    pytester.makepyfile("def test_theirs(login_client): assert login_client == 'theirs'\n")
    pytester.runpytest_subprocess("-W", "error").assert_outcomes(passed=1)


def test_a_context_pushed_around_each_test_does_no_harm(pytester: pytest.Pytester) -> None:
    """As pytest-flask does; its request belongs to nobody, whoever logs in elsewhere."""
    around = """
@pytest.fixture(autouse=True)
def pushed(app):
    with app.test_request_context():
        yield
        assert current_user.is_anonymous
"""
    pytester.makeconftest(APP + around)
    pytester.makepyfile(SUITE)
    pytester.runpytest_subprocess("-W", "error").assert_outcomes(passed=2)
