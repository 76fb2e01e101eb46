"""The console shows mail and logs people in by a click: in development, to this machine alone."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from flask_porter import Porter, current_user
from flask_porter.errors import Refused
from flask_porter.flows.personas import become
from flask_porter.web.development import development_key
from flask_porter.web.sealing import Sealer
from tests.account_site import ADA, PASSWORD, Site, make_site

CONSOLE = "/account/development"
DEVELOPMENT: dict[str, Any] = {"PORTER_MODE": "development", "PORTER_MAIL_URL": "mailbox:"}


def who() -> str:
    return str(getattr(current_user, "email", "nobody"))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path, **DEVELOPMENT)
    made.app.add_url_rule("/who", view_func=who)
    return made


def become_by_click(client: FlaskClient, person: str = "admin", **options: Any) -> int:
    return client.post(CONSOLE, data={"person": person}, **options).status_code


def test_one_click_logs_in_as_a_test_person(site: Site) -> None:
    client = site.client()
    assert client.get(CONSOLE).status_code == 200
    for _ in range(2):
        assert become_by_click(client) == 303
        assert client.get("/who").text == "admin@example.test"
    user = site.user("admin@example.test")
    assert site.ask(lambda accounts: accounts.roles.names_of(user.id)) == ["admin"]
    assert user.password_hash is None


def test_the_last_events_name_people_as_the_app_does(site: Site) -> None:
    client = site.client()
    become_by_click(client)
    assert "<td>admin@example.test</td>" in client.get(CONSOLE).text


def test_a_mail_on_its_way_is_announced(site: Site) -> None:
    client = site.client()
    assert "No mail yet" in client.get(CONSOLE).text
    client.post("/account/register", data={"email": ADA, "password": PASSWORD})
    shown = client.get(CONSOLE).text
    assert "1 mail is on its way" in shown
    assert "No mail yet" not in shown
    assert len(site.mails) == 1
    assert "on its way" not in client.get(CONSOLE).text


def test_nobody_else_is_logged_in_by_a_click(site: Site) -> None:
    site.register()
    client = site.client()
    for person in ("eve", ADA, ""):
        assert become_by_click(client, person) in {404, 422}
    assert client.get("/who").text == "nobody"


@pytest.mark.parametrize(
    "options",
    [
        {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}},
        {"environ_base": {"REMOTE_ADDR": ""}},
        {"base_url": "http://shop.test"},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
    ],
    ids=["elsewhere", "unknown", "another name", "behind a proxy", "behind another"],
)
def test_the_console_is_not_there_for_others(site: Site, options: dict[str, Any]) -> None:
    client = site.client()
    assert client.get(CONSOLE, **options).status_code == 404
    options = {"headers": {}, **options}
    options["headers"] = {**options["headers"], "Sec-Fetch-Site": "same-origin"}
    assert become_by_click(client, **options) == 404
    assert site.user("admin@example.test") is None


def test_without_debug_mode_it_is_not_there(site: Site) -> None:
    site.app.testing = False
    assert site.client().get(CONSOLE).status_code == 404
    site.app.debug = True
    assert site.client().get(CONSOLE).status_code == 200


def test_in_production_there_is_none_and_no_flow_does_it(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_MODE="production", PORTER_BASE_URL="https://shop.test")
    site.app.debug = True
    assert site.client().get(CONSOLE).status_code == 404
    with pytest.raises(Refused, match="not_there"):
        site.run(become, person="admin")
    assert site.user("admin@example.test") is None


def test_another_site_clicks_nothing(site: Site) -> None:
    assert become_by_click(site.client(), headers={"Sec-Fetch-Site": "cross-site"}) == 403


def test_the_key_of_development_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    key = development_key(folder)
    assert len(key) == 64
    assert development_key(folder) == key
    (kept,) = folder.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_an_app_without_a_key_has_that_one_in_development(tmp_path: Path) -> None:
    app = Flask("shop", instance_path=str(tmp_path))
    app.debug = True
    Porter(app)
    app.add_url_rule("/", view_func=lambda: str(session.setdefault("seen", "once")))
    assert app.secret_key == development_key(tmp_path)
    assert app.test_client().get("/", base_url="http://localhost").text == "once"


def test_what_was_sealed_is_opened_by_a_key_of_the_ring_alone() -> None:
    sealed = Sealer(b"the older key").seal(b"a form")
    assert Sealer(b"the newer key", [b"the older key"]).unseal(sealed) == b"a form"
    assert Sealer(b"the newer key").unseal(sealed) is None
    assert Sealer(b"the older key").unseal(sealed[:-1]) is None
