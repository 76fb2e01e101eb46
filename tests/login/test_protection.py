"""A session stays with the client that began it, whichever release has written who that was."""

from __future__ import annotations

import pytest
from flask import Flask, session

from flask_porter import LoginManager, UserMixin, current_user, login_user
from flask_porter.login import protection


class User(UserMixin):
    id = "ada"


@pytest.fixture
def app() -> Flask:
    app = Flask("any")
    app.secret_key = "a key for tests alone"
    manager: LoginManager[User] = LoginManager(app)
    manager.legacy_identifier = "main"
    manager.session_protection = "strong"
    manager.user_loader(lambda user_id: User())
    return app


def test_what_the_release_has_written_is_known_and_rewritten(app: Flask) -> None:
    with app.test_request_context():
        login_user(User())
        kept = dict(session, _id=protection.released_identifier())
    with app.test_request_context():
        session.update(kept)
        assert current_user.is_authenticated
        assert session["_id"] == protection.identifier()


def test_another_client_is_not_known_in_either_form(app: Flask) -> None:
    with app.test_request_context():
        login_user(User())
        kept = dict(session, _id=protection.released_identifier())
    with app.test_request_context(headers={"User-Agent": "another"}):
        session.update(kept)
        assert not current_user.is_authenticated
