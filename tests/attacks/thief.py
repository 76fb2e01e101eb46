"""A site that tells as whom a request was answered, and what a thief does with its cookies."""

from __future__ import annotations

import re
from typing import Any

from flask import session
from flask.testing import FlaskClient

from flask_porter import current_user
from flask_porter.login.records import TOKEN
from tests.account_site import Site


def who() -> dict[str, Any]:
    return {"who": getattr(current_user, "email", None), "own": session.get("own")}


def who_is(client: FlaskClient, **options: Any) -> str | None:
    """Return as whom a request of ``client`` was answered."""
    answer = client.get("/who", **options)
    assert answer.status_code == 200
    email: str | None = answer.json["who"] if answer.json else None
    return email


def token_in(client: FlaskClient) -> str:
    """Return the session token that the cookie of ``client`` carries."""
    with client.session_transaction() as held:
        token: str = held[TOKEN]
    return token


def copy_of(client: FlaskClient, site: Site) -> FlaskClient:
    """Return a thief's browser with the session cookie of ``client``."""
    thief = site.client()
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief.set_cookie("session", cookie.value)
    return thief


def with_session(site: Site, **values: Any) -> FlaskClient:
    """Return a browser whose signed session holds ``values``."""
    client = site.client()
    with client.session_transaction() as held:
        held.update(values)
    return client


def without_nonce(page: str) -> str:
    return re.sub(r'nonce="[^"]+"', "", page)
