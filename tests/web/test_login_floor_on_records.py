"""The login floor on top of session records: the record decides, the session only shows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Cookie

from flask_porter import (
    FlaskLoginClient,
    LoginClient,
    LoginManager,
    Porter,
    current_user,
    logged_in_as,
    login_fresh,
    login_refused,
    login_user,
    require_login,
)
from flask_porter.errors import SetUpError
from flask_porter.models.roles import Roles
from tests.account_site import Site
from tests.web.guarded_shop import guarded_shop, later, restart

NOBODY = {"user": None, "fresh": False, "remembered": False}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = guarded_shop(tmp_path)
    for name in ("ada", "eve"):
        site.register(f"{name}@example.org")
    return site


def test_s37_a_login_manager_that_comes_after_porter_stops_the_app(site: Site) -> None:
    """By it a signed id alone would be somebody, whatever the records say."""
    manager = LoginManager(site.app)
    manager.user_loader(lambda _id: site.user("ada@example.org"))
    client = site.client()
    with client.session_transaction() as session:
        session["_user_id"] = str(site.user("ada@example.org").id)
    with pytest.raises(SetUpError, match="leave yours out"):
        client.get("/account/")


def test_one_that_is_there_before_porter_stops_the_set_up() -> None:
    app = Flask("shop")
    app.testing = True
    LoginManager(app)
    with pytest.raises(SetUpError, match="Porter brings its own"):
        Porter(app)


def logged_in(site: Site, name: str = "ada", **given: str) -> FlaskClient:
    client = site.client()
    assert client.post(f"/in/{name}", data=given).text == "True"
    return client


def id_of(site: Site, name: str = "ada") -> str:
    return str(site.user(f"{name}@example.org").id)


def session_cookie(client: FlaskClient) -> Cookie:
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie


def with_cookie(site: Site, value: str) -> FlaskClient:
    client = site.client()
    client.set_cookie("session", value)
    return client


def who(client: FlaskClient) -> Any:
    return client.get("/who").json


def test_the_session_still_shows_what_others_read(site: Site) -> None:
    client = logged_in(site)
    seen = client.get("/seen").json
    assert seen is not None
    assert seen["_user_id"] == id_of(site)
    assert seen["_fresh"] is True
    assert len(seen["_id"]) >= 64
    assert who(client) == {"user": id_of(site), "fresh": True, "remembered": False}


@pytest.mark.parametrize(
    "forged",
    [
        {"_user_id": "2"},
        {"_user_id": None},
        {"_session_token": None},
        {"_session_token": "x"},
        {"_session_token": ["a", "b"]},
        {"_session_token": 5},
    ],
    ids=str,
)
def test_what_it_shows_never_decides(site: Site, forged: dict[str, Any]) -> None:
    """Another's id beside a live record, none at all, no record: anonymous each time."""
    assert id_of(site, "eve") == "2"
    logged_in(site, "eve")
    client = logged_in(site)
    with client.session_transaction() as session:
        for key, value in forged.items():
            session.pop(key) if value is None else session.update({key: value})
    assert who(client) == NOBODY
    assert client.get("/members").status_code == 302


def test_the_token_of_another_is_of_no_use_under_ones_own_id(site: Site) -> None:
    ada, eve = logged_in(site), logged_in(site, "eve")
    with ada.session_transaction() as session:
        token = session["_session_token"]
    with eve.session_transaction() as session:
        session["_session_token"] = token
    assert who(eve) == NOBODY
    assert who(ada)["user"] == id_of(site)


def test_a_session_of_flask_login_is_nobody(site: Site) -> None:
    client = site.client()
    with client.session_transaction() as session:
        session.update({"_user_id": id_of(site), "_fresh": True, "_id": "x"})
    assert who(client) == NOBODY


@pytest.mark.parametrize("given", [{}, {"stale": "1"}])
def test_freshness_in_the_session_counts_for_nothing(site: Site, given: dict[str, str]) -> None:
    client = logged_in(site, **given)
    is_fresh = not given
    with client.session_transaction() as session:
        assert session["_fresh"] is is_fresh
        session["_fresh"] = not is_fresh
        session["_auth_time"] = 2**31 if given else 0
    assert who(client)["fresh"] is is_fresh
    assert client.get("/fresh").status_code == (200 if is_fresh else 302)
    assert client.get("/minutes").status_code == (200 if is_fresh else 302)


def test_a_log_out_ends_the_record_and_every_copy_of_the_cookie(site: Site) -> None:
    client = logged_in(site)
    copy = with_cookie(site, session_cookie(client).value)
    assert who(copy)["user"] == id_of(site)
    assert client.post("/out").text == "True"
    assert who(client) == who(copy) == NOBODY
    assert site.rows(site.accounts.models.session) == []


def test_confirming_makes_fresh_and_the_cookie_before_it_worthless(site: Site) -> None:
    client = logged_in(site)
    before = session_cookie(client).value
    with later(site, minutes=11):
        assert who(client)["fresh"] is False
        assert client.get("/fresh").status_code == 302
        client.post("/confirm")
        assert who(client)["fresh"] is True
        assert client.get("/fresh").status_code == 200
        assert who(with_cookie(site, before)) == NOBODY


def test_an_age_is_asked_of_the_record(site: Site) -> None:
    client = logged_in(site)
    assert client.get("/minutes").status_code == 200
    with later(site, minutes=6):
        assert client.get("/minutes").status_code == 302
        assert client.get("/fresh").status_code == 200


def test_who_may_not_log_in_is_refused_by_the_apps_own_log_in_too(site: Site) -> None:
    site.register("new@example.org", is_verified=False)
    site.change(site.user("eve@example.org"), disabled_at=site.clock())
    reasons: list[str] = []

    def note(_: object, user: Any, reason: str) -> None:
        reasons.append(reason)

    with login_refused.connected_to(note):
        for name in ("new", "eve"):
            client = site.client()
            assert client.post(f"/in/{name}").text == "False"
            assert who(client) == NOBODY
    assert reasons == ["not_admitted", "inactive"]


@pytest.mark.parametrize(("guard", "role"), [("/cook", "cook"), ("/bake", "baker")])
def test_roles_and_permissions_count_from_the_next_request(
    site: Site, guard: str, role: str
) -> None:
    client = logged_in(site)
    with site.accounts.database.open_session() as session:
        roles = Roles(session, site.accounts.models)
        roles.ensure("cook")
        roles.ensure("baker", ["bake"])
        session.commit()
        assert site.client().get(guard).status_code == 302
        assert client.get(guard).status_code == 403
        roles.grant(site.user("ada@example.org").id, role)
        session.commit()
        assert client.get(guard).status_code == 200
        roles.revoke(site.user("ada@example.org").id, role)
        session.commit()
        assert client.get(guard).status_code == 403


def test_require_login_leaves_our_way_in_open(site: Site) -> None:
    require_login(site.app)
    stranger = site.client()
    for path in ("login", "register", "reset-password", "static/porter.css", "api/openapi.json"):
        answer = stranger.get(f"/account/{path}")
        assert answer.status_code == 200, path
        answer.close()
    assert stranger.get("/who").status_code == 302
    assert site.logged_in_client().get("/who").status_code == 200


@pytest.mark.parametrize("lifetime", [60, 90 * 24 * 3600])
def test_a_remembered_log_in_lasts_thirty_days_whatever_the_app_says(
    tmp_path: Path, lifetime: int
) -> None:
    site = guarded_shop(tmp_path, PERMANENT_SESSION_LIFETIME=lifetime)
    site.register()
    client = logged_in(site, remember="1")
    expires = session_cookie(client).expires
    assert expires is not None
    assert abs(expires - site.clock() - timedelta(days=30)) < timedelta(seconds=2)
    with later(site, days=29):
        client = restart(site.app, client)
        assert who(client) == {"user": id_of(site), "fresh": False, "remembered": True}
        # Written again, it still ends when the record does.
        client.post("/confirm")
    with later(site, days=31):
        assert who(restart(site.app, client)) == NOBODY


@pytest.mark.parametrize("lifetime", [60, 90 * 24 * 3600])
def test_another_one_ends_with_the_browser(tmp_path: Path, lifetime: int) -> None:
    site = guarded_shop(tmp_path, PERMANENT_SESSION_LIFETIME=lifetime)
    site.register()
    client = site.client()
    headers = client.post("/in/ada").headers.getlist("Set-Cookie")
    [header] = [header for header in headers if header.startswith("session=")]
    assert "Expires" not in header
    assert "Max-Age" not in header
    with later(site, minutes=50):
        assert who(client)["user"] == id_of(site)
        assert who(restart(site.app, client)) == NOBODY


def test_what_the_app_keeps_for_strangers_lasts_as_long_as_the_app_says(tmp_path: Path) -> None:
    """Only a cookie that names a record is read for longer."""
    site = guarded_shop(tmp_path, PERMANENT_SESSION_LIFETIME=60)
    client = site.client()
    with client.session_transaction() as session:
        session["cart"] = "eggs"
    assert client.get("/seen").json == {"cart": "eggs"}
    with later(site, minutes=2):
        assert client.get("/seen").json == {}


def test_the_clients_of_the_test_kit_have_a_record(site: Site) -> None:
    ada = site.user()
    client = LoginClient(site.app, user=ada)
    assert client.get("/fresh").status_code == 200
    assert len(site.rows(site.accounts.models.session)) == 1
    client.log_out()
    assert who(client) == NOBODY
    client.log_in(ada, fresh=False, remember=True)
    assert who(client) == {"user": id_of(site), "fresh": False, "remembered": True}
    with logged_in_as(site.app, ada):
        assert current_user.id == ada.id
        assert login_fresh()
    with pytest.raises(ValueError, match=r"refused .* not verified .*users\.create"):
        LoginClient(site.app, user=site.register("new@example.org", is_verified=False))


def test_the_test_client_of_flask_login_names_the_one_that_works(site: Site) -> None:
    with pytest.raises(SetUpError, match=r"flask_porter\.LoginClient"):
        FlaskLoginClient(site.app, user=site.user())
    assert who(FlaskLoginClient(site.app)) == NOBODY


def test_a_user_who_is_not_in_the_database_yet_is_told_of(site: Site) -> None:
    with site.app.test_request_context(), pytest.raises(SetUpError, match="commit"):
        login_user(site.accounts.models.user(email="new@example.org"))  # type: ignore[call-arg]
