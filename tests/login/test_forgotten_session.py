"""A request whose session is forgotten reads and writes one, and sets no cookie for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask, Request, flash, get_flashed_messages, request, session
from flask.sessions import SecureCookieSessionInterface

from flask_porter.login.cookie_session import install_cookie_session
from flask_porter.login.forgotten_session import forget_session


def site(*, ours: bool, forgets: bool = True) -> Flask:
    app = Flask(__name__)
    app.secret_key = "any"
    if ours:
        install_cookie_session(app)

    @app.url_value_preprocessor
    def forget(endpoint: str | None, values: object) -> None:
        if forgets and "Forget" in request.headers:
            asked: Request = request._get_current_object()  # type: ignore[attr-defined]
            forget_session(asked)

    @app.get("/")
    def index() -> dict[str, object]:
        before = dict(session)
        session.permanent = True
        session["a"] = 1
        session.setdefault("b", 2)
        session.update(c=3)
        del session["c"]
        flash("hello")
        return {"before": before, "a": session.pop("a"), "said": get_flashed_messages()}

    return app


@pytest.mark.parametrize("ours", [True, False])
def test_nothing_comes_in_and_nothing_is_sent(ours: bool) -> None:
    client = site(ours=ours).test_client()
    with client.session_transaction() as kept:
        kept["of"] = "the browser"
    answer = client.get("/", headers={"Forget": "yes"})
    assert answer.json == {"before": {}, "a": 1, "said": ["hello"]}
    assert "Set-Cookie" not in answer.headers
    # The very same request leaves a cookie where nothing is forgotten.
    answer = client.get("/")
    assert answer.json is not None
    assert answer.json["before"] == {"of": "the browser"}
    assert "Set-Cookie" in answer.headers


def test_an_old_cookie_that_is_due_is_not_sent_again() -> None:
    app = site(ours=True)
    app.permanent_session_lifetime = timedelta(days=1)
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.permanent = True
    assert isinstance(app.session_interface, SecureCookieSessionInterface)
    assert "Set-Cookie" not in client.get("/", headers={"Forget": "yes"}).headers
