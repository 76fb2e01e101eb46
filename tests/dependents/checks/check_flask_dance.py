"""Flask-Dance logs people in through another site, and keeps their tokens by `current_user`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, redirect, request
from flask.testing import FlaskClient
from flask_dance.consumer import OAuth2ConsumerBlueprint, oauth_authorized
from flask_dance.consumer.storage.sqla import OAuthConsumerMixin, SQLAlchemyStorage
from flask_login import AnonymousUserMixin, UserMixin, current_user, login_user
from flask_sqlalchemy import SQLAlchemy
from werkzeug.wrappers import Response

from tests.dependents.checks.accounts import add_accounts
from tests.dependents.checks.loopback import served
from tests.dependents.checks.promises_of_accounts import (
    AccountPromises,
    log_in,
    name_seen_by,
    restart_browser,
)


class Provider:
    """Another site that says who is at the keyboard: the person set last."""

    person = "Ada"

    def __init__(self) -> None:
        self.app = Flask("provider")
        self.app.add_url_rule("/authorize", view_func=self.authorize)
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])
        self.app.add_url_rule("/me", view_func=self.me)

    def authorize(self) -> Response:
        answer = {"code": self.person, "state": request.args["state"]}
        return redirect(f"{request.args['redirect_uri']}?{urlencode(answer)}")

    def token(self) -> dict[str, Any]:
        return {"access_token": f"token of {request.form['code']}", "token_type": "Bearer"}

    def me(self) -> dict[str, Any]:
        return {"name": request.headers["Authorization"].removeprefix("Bearer token of ")}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    with served(provider.app) as provider.address:  # type: ignore[attr-defined]
        yield provider


@pytest.fixture(params=[True, False], ids=["token needs a member", "token of anyone"])
def user_required(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def db() -> SQLAlchemy:
    return SQLAlchemy()


@pytest.fixture
def app(tmp_path: Path, db: SQLAlchemy, provider: Any, user_required: bool) -> Iterator[Flask]:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a key"
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/members.db"
    db.init_app(app)
    member, token = models(db)
    storage = SQLAlchemyStorage(token, db.session, user=current_user, user_required=user_required)
    dance = OAuth2ConsumerBlueprint(
        "other",
        __name__,
        client_id="shop",
        client_secret="between us",
        base_url=f"http://{provider.address}",
        authorization_url=f"http://{provider.address}/authorize",
        token_url=f"http://{provider.address}/token",
        redirect_url="/page",
        storage=storage,
    )
    add_accounts(app, lambda member_id: db.session.get(member, int(member_id)))
    app.register_blueprint(dance)

    @app.get("/token")
    def shown_token() -> dict[str, Any]:
        return {
            "token": dance.token and dance.token["access_token"],
            "anon": storage.anon_user is AnonymousUserMixin,
        }

    @app.get("/name-over-there")
    def name_over_there() -> str:
        return str(dance.session.get("/me").json()["name"])

    @oauth_authorized.connect_via(dance)
    def arrived(blueprint: Any, token: dict[str, Any]) -> None:
        name = blueprint.session.get("/me").json()["name"]
        query = db.select(member).filter_by(name=name)
        login_user(db.session.execute(query).scalar_one(), remember=True)

    with app.app_context():
        db.create_all()
        db.session.add_all([member(id=1, name="Ada"), member(id=2, name="Grace")])
        db.session.commit()
    app.extensions["arrived"] = arrived  # blinker holds its receivers weakly
    yield app
    with app.app_context():
        db.engine.dispose()


def models(db: SQLAlchemy) -> tuple[Any, Any]:
    class Member(UserMixin, db.Model):  # type: ignore[misc, name-defined]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(50), unique=True)

    class Token(OAuthConsumerMixin, db.Model):  # type: ignore[misc, name-defined]
        user_id = db.Column(db.Integer, db.ForeignKey(Member.id))
        user = db.relationship(Member)

    return Member, Token


class TestAccounts(AccountPromises):
    """What logging in promises, here."""


def dance_as(person: str, client: FlaskClient, provider: Provider) -> None:
    provider.person = person
    away = client.get("/other")
    assert away.status_code == 302
    with provider.app.test_client() as there:
        back = there.get(away.location)
    arrived = client.get(back.location)
    assert (arrived.status_code, arrived.location) == (302, "/page")


def token_of(client: FlaskClient) -> str | None:
    shown = client.get("/token").get_json()
    assert shown["anon"] is True
    token: str | None = shown["token"]
    return token


def test_a_member_logs_in_through_the_other_site(app: Flask, provider: Provider) -> None:
    client = app.test_client()
    dance_as("Ada", client, provider)
    assert name_seen_by(client) == "Ada"
    assert client.get("/vault").status_code == 200
    assert client.get("/name-over-there").text == "Ada"


def test_a_member_who_came_that_way_is_remembered(app: Flask, provider: Provider) -> None:
    client = app.test_client()
    dance_as("Grace", client, provider)
    restart_browser(client)
    seen = client.get("/handler").get_json()
    assert seen == {"name": "Grace", "fresh": False, "remembered": True}
    assert client.get("/name-over-there").text == "Grace"
    client.post("/log-out")
    restart_browser(client)
    assert name_seen_by(client) == "nobody"


def test_each_member_has_a_token_of_their_own(app: Flask, provider: Provider) -> None:
    ada, grace = app.test_client(), app.test_client()
    dance_as("Ada", ada, provider)
    dance_as("Grace", grace, provider)
    assert (token_of(ada), token_of(grace)) == ("token of Ada", "token of Grace")


def test_the_token_waits_for_a_member_who_logs_in_by_other_means(
    app: Flask, provider: Provider
) -> None:
    dance_as("Ada", app.test_client(), provider)
    client = app.test_client()
    log_in(client)
    assert token_of(client) == "token of Ada"


def test_a_visitor_has_no_token(app: Flask, provider: Provider, user_required: bool) -> None:
    dance_as("Ada", app.test_client(), provider)
    stranger = app.test_client()
    if user_required:
        with pytest.raises(ValueError, match="without an associated user"):
            stranger.get("/token")
    else:
        assert token_of(stranger) is None
