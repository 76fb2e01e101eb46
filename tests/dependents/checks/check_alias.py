"""What is promised of the alias itself: one set of objects under two names. Ours only."""

import sys
from typing import Any

import flask_login
import pytest
from blinker import Signal
from flask import Flask

import flask_porter
from tests.dependents.checks.accounts import MEMBERS, add_accounts
from tests.dependents.checks.promises_of_accounts import AccountPromises

NAMES = {"flask_login": flask_login, "flask_porter": flask_porter}
BOTH_WAYS = pytest.mark.parametrize(
    ("one", "other"), [tuple(NAMES.values()), tuple(NAMES.values())[::-1]], ids=["from", "to"]
)


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a key"
    add_accounts(app)
    return app


class TestAccounts(AccountPromises):
    """What logging in promises, here."""


@BOTH_WAYS
@pytest.mark.parametrize("mixin", ["UserMixin", "AnonymousUserMixin"])
def test_a_user_of_one_name_is_an_instance_of_the_other(mixin: str, one: Any, other: Any) -> None:
    class User(getattr(one, mixin)):  # type: ignore[misc]
        id = "1"

    assert isinstance(User(), getattr(other, mixin))
    assert issubclass(User, getattr(other, mixin))


def test_users_of_both_names_are_equal_by_their_id() -> None:
    class One(flask_login.UserMixin):  # type: ignore[misc]
        id = "1"

    class Other(flask_porter.UserMixin):
        id = "1"

    assert One() == Other()


@BOTH_WAYS
def test_a_manager_of_one_name_is_an_instance_of_the_other(one: Any, other: Any) -> None:
    assert isinstance(one.LoginManager(), other.LoginManager)


@BOTH_WAYS
def test_a_signal_connected_by_one_name_tells_what_the_other_did(
    app: Flask, one: Any, other: Any
) -> None:
    heard: list[str] = []
    signals: dict[str, Signal] = {
        "in": one.user_logged_in,
        "out": one.user_logged_out,
        "asked": one.user_accessed,
    }
    receivers = {name: lambda sender, name=name, **about: heard.append(name) for name in signals}
    for name, signal in signals.items():
        signal.connect(receivers[name], app)
    with app.test_request_context():
        assert not other.current_user.is_authenticated
        other.login_user(MEMBERS["1"])
        other.logout_user()
    assert heard == ["asked", "in", "out"]


@BOTH_WAYS
def test_a_login_by_one_name_is_seen_by_the_other(app: Flask, one: Any, other: Any) -> None:
    with app.test_request_context():
        one.login_user(MEMBERS["2"])
        assert other.current_user.name == "Grace"
        assert other.login_fresh() is True
        other.logout_user()
        assert not one.current_user.is_authenticated


def test_every_public_name_is_the_same_object() -> None:
    names = [name for name in flask_login.__all__ if not name.startswith("__")]
    assert len(names) >= 35
    for name in names:
        assert getattr(flask_login, name) is getattr(flask_porter, name)


def test_installing_again_changes_nothing() -> None:
    before = {name: module for name, module in sys.modules.items() if "flask_login" in name}
    flask_porter.install_as_flask_login()
    assert {name: module for name, module in sys.modules.items() if "flask_login" in name} == before
