"""The user of a request, however a manager of the app's own comes by them."""

from typing import Any

from flask import Flask, g

from flask_porter import LoginManager, current_user
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
