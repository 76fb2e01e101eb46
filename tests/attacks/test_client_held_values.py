"""What a browser holds and may edit, cookies, headers, and what our forms put into it: AZ02.

Forms and the keys of the session are found by looking.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_porter import current_user, role_required
from flask_porter.flows import roles as role_flows
from flask_porter.flows.personas import PERSONAS
from flask_porter.login.records import TOKEN
from tests.account_site import ADA, Site
from tests.attacks.account_state import path_of, rows_of
from tests.attacks.thief import copy_of, who, who_is
from tests.attacks.well_meant import BOB, OPERATOR, PERMISSION, ROLE, Stage

#: What an attacker would write in the place of what is there.
WISHES = ("admin", "true", "1", "2", BOB, '{"role": "admin"}', "http://evil.test/", "")


class Form(HTMLParser):
    """One form of a page: where it goes, and the values that we have put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append((given.get("action") or "", {}))
        is_ours = given.get("type") in {"hidden", "checkbox", "radio"} or tag in {
            "button",
            "select",
        }
        if self.found and is_ours and given.get("name"):
            self.found[-1][1][str(given["name"])] = given.get("value") or ""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    site = stage.site
    site.app.add_url_rule("/who", view_func=who, methods=["GET", "POST"])
    site.app.add_url_rule("/desk", "desk", role_required(ROLE)(lambda: "in"))
    site.app.add_url_rule("/may", view_func=_may)
    return stage


def _may() -> str:
    return str(current_user.is_authenticated and current_user.has_permission(PERMISSION))


def rights_of(client: FlaskClient, **options: Any) -> tuple[str | None, int, str]:
    who_it_is = who_is(client, **options)
    desk, may = client.get("/desk", **options), client.get("/may", **options)
    return who_it_is, desk.status_code, may.text


NO_RIGHTS, NOBODY = (ADA, 403, "False"), (None, 302, "False")


def forms_of(site: Site, client: FlaskClient) -> set[tuple[str, str, str, str]]:
    """Return page, target, name and value of everything that our pages put into their forms."""
    found = set()
    for rule in site.app.url_map.iter_rules():
        if rule.endpoint.startswith("porter.") and "GET" in (rule.methods or ()):
            path = path_of(site.app, rule)
            parser = Form()
            parser.feed(client.get(path, query_string={"next": "/who"}).text)
            found |= {
                (path, action or path, name, value)
                for action, fields in parser.found
                for name, value in fields.items()
            }
    return found


def test_az02_no_value_in_a_form_of_ours_gives_anything(stage: Stage) -> None:
    site = stage.reset()
    # Beside a second device there is a button that ends it.
    site.login()
    found = forms_of(site, site.logged_in_client()) | forms_of(site, site.client())
    assert {name for _, _, name, _ in found} >= {"next", "handle", "person", "remember"}
    for page, target, name, _ in sorted({(*one[:3], "") for one in found}):
        client = stage.reset().logged_in_client()
        bob = _of_bob(site)
        # Test people are who they are, in development: any other name is tried.
        for wish in set(WISHES) - (PERSONAS.keys() if name == "person" else set()):
            answer = client.post(target, data={name: wish})
            assert answer.status_code < 500, (page, name, wish)
            assert "evil.test" not in (answer.location or ""), (page, name)
        assert _of_bob(site) == bob, (page, name)
        assert rights_of(client) in {NO_RIGHTS, NOBODY}, (page, name)


def _of_bob(site: Site) -> list[Any]:
    """Return every row that is his, and what every role permits."""
    id = repr(site.user(BOB).id)
    tables = rows_of(site)
    his = [(name, row) for name, rows in tables.items() for row in rows if row.get("user_id") == id]
    users = [row for row in tables["porter_users"] if row["id"] == id]
    return [his, users, tables["porter_roles"], tables["porter_role_permissions"]]


def test_az02_an_edited_session_names_nobody_else(stage: Stage) -> None:
    site = stage.reset()
    client, bob = site.logged_in_client(), site.logged_in_client(BOB)
    with client.session_transaction() as held:
        mine = dict(held)
    with bob.session_transaction() as held:
        his = dict(held)
    assert mine.keys() == his.keys() >= {TOKEN, "_user_id"}
    assert who_is(_unsigned(client, site, {**mine, "role": ROLE})) is None
    assert who_is(_unsigned(client, site, his)) is None
    # Even by the right key: his token apart, nothing in it is his.
    for name in mine.keys() - {TOKEN}:
        assert rights_of(_edited(client, site, {name: his[name]})) in {NO_RIGHTS, NOBODY}, name
    for name in ("role", "roles", "is_admin", "admin", "permissions", "_roles", "user", "email"):
        for wish in (ROLE, [ROLE], True, {"name": ROLE}, BOB):
            assert rights_of(_edited(client, site, {name: wish})) == NO_RIGHTS, name
    # The control: a right that is in the database is seen.
    site.run(role_flows.grant, OPERATOR, user=ADA, role=ROLE)
    assert rights_of(client) == (ADA, 200, "True")


def _edited(client: FlaskClient, site: Site, values: dict[str, Any]) -> FlaskClient:
    copy = copy_of(client, site)
    with copy.session_transaction() as held:
        held.update(values)
    return copy


def _unsigned(client: FlaskClient, site: Site, held: dict[str, Any]) -> FlaskClient:
    """Return a browser with other content under the signature that was given."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    content = urlsafe_b64encode(json.dumps(held).encode()).decode().rstrip("=")
    copy = site.client()
    copy.set_cookie("session", ".".join([content, *cookie.value.rsplit(".", 2)[1:]]))
    return copy


def test_az02_no_other_cookie_and_no_header_says_who_or_what_somebody_is(stage: Stage) -> None:
    site = stage.reset()
    client, bob = site.logged_in_client(), site.logged_in_client(BOB)
    device = bob.get_cookie("porter_device")
    assert device is not None
    client.set_cookie("porter_device", device.value)
    for name in (
        "role",
        "roles",
        "is_admin",
        "admin",
        "user",
        "user_id",
        "email",
        "remember_token",
    ):
        for wish in WISHES:
            client.set_cookie(name, wish)
            assert rights_of(client) == NO_RIGHTS, name
    for name in (
        "X-User",
        "X-User-Id",
        "X-Remote-User",
        "Remote-User",
        "X-Role",
        "X-Roles",
        "From",
    ):
        for wish in (BOB, "2", ROLE):
            assert rights_of(client, headers={name: wish}) == NO_RIGHTS, name
            assert rights_of(site.client(), headers={name: wish}) == NOBODY, name
