"""The user of a request, however a manager of the app's own comes by them."""

from typing import Any

from flask import Flask, g

from flask_porter import AnonymousUserMixin, LoginManager, current_user
from flask_porter.login.users import Nobody
from tests.login.vault import Keeper


class OwnManager(LoginManager[Any]):
    """Finds the user by itself, and puts them where extensions look."""

    loads = 0

    def _load_user(self) -> None:
        type(self).loads += 1
        g._login_user = Keeper("own")


def test_a_user_whom_an_own_manager_has_put_there_is_loaded_once() -> None:
    app = Flask("own")
    OwnManager(app)
    with app.test_request_context():
        assert current_user.get_id() == "own"
        assert current_user.get_id() == "own"
    assert OwnManager.loads == 1


def test_without_a_header_loader_a_header_names_nobody() -> None:
    """Subclasses call the parts of the load by themselves."""
    app = Flask("own")
    manager = OwnManager(app)
    with app.test_request_context():
        assert manager._load_user_from_header("anything") is None


def test_nobody_is_false_and_equal_to_none_and_a_stranger_of_flask_login_is_not() -> None:
    nobody, stranger = Nobody(), AnonymousUserMixin()
    assert not nobody
    assert nobody == None  # noqa: E711
    assert nobody == Nobody()
    assert nobody != stranger
    assert len({nobody, Nobody(), None}) == 1
    assert stranger != None  # noqa: E711
