"""What programs and their tests ask of the names in Flask-Login's modules."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any
from unittest import mock

import flask_login
import flask_login.utils
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login.config import COOKIE_NAME, EXEMPT_METHODS

from tests.dependents.checks.accounts import MEMBERS, add_accounts
from tests.dependents.checks.promises_of_accounts import asked_for, log_in, name_seen_by

SUBMODULES = (
    "__about__",
    "config",
    "login_manager",
    "mixins",
    "signals",
    "test_client",
    "utils",
)


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a key"
    add_accounts(app)
    return app.test_client()


@pytest.mark.parametrize("name", SUBMODULES)
def test_every_submodule_is_imported_by_its_name(name: str) -> None:
    module = import_module(f"flask_login.{name}")
    assert module.__name__ == f"flask_login.{name}"
    assert getattr(flask_login, name) is module
    assert module.__package__ == "flask_login"


def test_a_submodule_that_never_was_is_not_found() -> None:
    with pytest.raises(ModuleNotFoundError):
        import_module("flask_login.nothing")
    with pytest.raises(ImportError):
        exec("from flask_login import nothing", {})


def test_whether_it_is_there_can_be_asked() -> None:
    for name in ("flask_login", "flask_login.utils"):
        spec = find_spec(name)
        assert spec is not None
        assert spec.name == name
    assert find_spec("flask_login.nothing") is None


def test_its_version_is_that_of_the_release() -> None:
    assert flask_login.__version__ == version("flask-login")
    assert import_module("flask_login.__about__").__version__ == flask_login.__version__


def test_a_star_brings_the_public_names() -> None:
    names: dict[str, Any] = {}
    exec("from flask_login import *", names)
    for name in ("LoginManager", "UserMixin", "current_user", "login_user", "user_logged_in"):
        assert names[name] is getattr(flask_login, name)


def test_a_name_is_the_same_object_in_the_package_and_its_module() -> None:
    utils, manager = import_module("flask_login.utils"), import_module("flask_login.login_manager")
    assert utils.current_user is flask_login.current_user
    assert utils.login_required is flask_login.login_required
    assert manager.LoginManager is flask_login.LoginManager
    assert import_module("flask_login.mixins").UserMixin is flask_login.UserMixin
    assert import_module("flask_login.signals").user_logged_in is flask_login.user_logged_in
    assert COOKIE_NAME == flask_login.COOKIE_NAME == "remember_token"


def test_a_method_added_to_the_exempt_ones_needs_no_login(client: FlaskClient) -> None:
    client.application.add_url_rule(
        "/odd", "odd", flask_login.login_required(lambda: "in"), methods=["TRACE"]
    )
    assert client.trace("/odd").status_code == 302
    EXEMPT_METHODS.add("TRACE")
    try:
        assert client.trace("/odd").text == "in"
    finally:
        EXEMPT_METHODS.remove("TRACE")


@pytest.mark.parametrize("times", [1, 2])
def test_a_user_put_in_by_mock_is_there_until_the_end(client: FlaskClient, times: int) -> None:
    for _ in range(times):
        with mock.patch("flask_login.utils._get_user", return_value=MEMBERS["2"]):
            assert name_seen_by(client) == "Grace"
            assert client.get("/members").text == "Hello Grace"
        assert name_seen_by(client) == "nobody"
        assert asked_for(client, "/members") == "/log-in"
    log_in(client)
    assert name_seen_by(client) == "Ada"


def test_one_mock_in_another_ends_one_by_one(client: FlaskClient) -> None:
    with mock.patch("flask_login.utils._get_user", return_value=MEMBERS["1"]):
        with mock.patch("flask_login.utils._get_user", return_value=MEMBERS["2"]):
            assert name_seen_by(client) == "Grace"
        assert name_seen_by(client) == "Ada"
    assert name_seen_by(client) == "nobody"


def test_a_monkeypatched_user_is_there_until_the_end(client: FlaskClient) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flask_login.utils._get_user", lambda: MEMBERS["2"])
        assert client.get("/members").text == "Hello Grace"
        patch.setattr(flask_login.utils, "_get_user", lambda: MEMBERS["1"])
        assert client.get("/members").text == "Hello Ada"
    assert name_seen_by(client) == "nobody"


def test_a_mocked_current_user_passes_the_guard_until_the_end(client: FlaskClient) -> None:
    client.application.add_url_rule("/in", "in", flask_login.login_required(lambda: "in"))
    with mock.patch("flask_login.utils.current_user", MEMBERS["1"]):
        assert client.get("/in").text == "in"
    assert asked_for(client, "/in") == "/log-in"


def test_a_mocked_clock_dates_the_cookie_until_the_end(client: FlaskClient) -> None:
    def days_kept() -> int:
        client.post("/log-in", data={"id": "1", "remember": "yes"})
        cookie = client.get_cookie("remember_token")
        assert cookie is not None
        assert cookie.expires is not None
        return round((cookie.expires - datetime.now(UTC)) / timedelta(days=1))

    # 0.6.3 asks for utcnow(), which knows no zone.
    then = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1000)
    with mock.patch("flask_login.login_manager.datetime") as clock:
        clock.utcnow.return_value = clock.now.return_value = then
        assert days_kept() == 1365
    assert days_kept() == 365


def test_a_mocked_name_is_itself_again_after_the_end() -> None:
    for name in ("_get_user", "login_user", "decode_cookie", "login_url"):
        before = getattr(flask_login.utils, name)
        with mock.patch(f"flask_login.utils.{name}") as stand_in:
            assert getattr(flask_login.utils, name) is stand_in
        assert getattr(flask_login.utils, name) is before


def test_a_name_that_never_was_is_not_mocked_by_mistake() -> None:
    with pytest.raises(AttributeError), mock.patch("flask_login.utils.nothing"):
        pass
    with mock.patch("flask_login.utils.nothing", 1, create=True):
        assert flask_login.utils.nothing == 1
    assert not hasattr(flask_login.utils, "nothing")
