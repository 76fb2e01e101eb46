"""A POST that came too early is kept, and offered again to the very same log-in, once."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from flask import request
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from flask_porter import fresh_login_required
from tests.account_site import ADA, PASSWORD, Site, make_site

BOB = "bob@example.org"


def _send_money(what: str = "") -> str:
    return ",".join(f"{name}={value}" for name, value in request.form.items(multi=True))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path)
    made.register()
    made.register(BOB)
    view = fresh_login_required(_send_money)
    made.app.add_url_rule("/send", "send", view, methods=["GET", "POST"])
    made.app.add_url_rule("/send/<what>", "send", view, methods=["POST"])
    return made


@pytest.fixture
def stale(site: Site) -> FlaskClient:
    client = site.logged_in_client()
    site.clock.advance(minutes=11)
    return client


def prove(client: FlaskClient, where: str) -> TestResponse:
    return client.post(where, data={"password": PASSWORD})


def path_after(answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    assert answer.location.startswith("/account/resume/")
    return answer.location


def test_what_was_posted_comes_back_behind_a_button(site: Site, stale: FlaskClient) -> None:
    sent = {"to": "Grace & co", "note": 'a "quoted"\nline', "amount": ["1", "2"]}
    asked = stale.post("/send?from=here", data=sent)
    assert asked.status_code == 302
    page = stale.get(path_after(prove(stale, asked.location)))
    assert page.status_code == 200
    assert 'action="/send?from=here"' in page.text
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    again = stale.post("/send?from=here", data=MultiDict((n, unescape(v)) for n, v in fields))
    assert again.text == 'to=Grace & co,note=a "quoted"\nline,amount=1,amount=2'


@pytest.mark.parametrize(
    ("sent_to", "kept"),
    [
        ("/send/what%3F", "/send/what%3F"),
        ("/send/100%25%20sure?a=%26", "/send/100%25%20sure?a=%26"),
        ("/send/h\N{LATIN SMALL LETTER A WITH DIAERESIS}h", "/send/h%C3%A4h"),
    ],
)
def test_it_goes_to_the_very_address_it_was_sent_to(
    site: Site, stale: FlaskClient, sent_to: str, kept: str
) -> None:
    asked = stale.post(sent_to, data={"to": "Grace"})
    page = stale.get(path_after(prove(stale, asked.location)))
    action = re.search(r'<form method="post" action="([^"]*)"', page.text)
    assert action is not None
    assert unescape(action[1]) == kept


def test_it_goes_below_the_path_of_the_app(site: Site) -> None:
    site.app.config |= {"APPLICATION_ROOT": "/shop", "SESSION_COOKIE_PATH": "/"}
    below = site.logged_in_client()
    site.clock.advance(minutes=11)
    asked = below.post("/send", data={"to": "Grace"})
    answer = prove(below, asked.location.removeprefix("/shop"))
    page = below.get(answer.location.removeprefix("/shop"))
    assert 'action="/shop/send"' in page.text


def test_secrets_are_not_kept(site: Site, stale: FlaskClient) -> None:
    asked = stale.post("/send", data={"to": "Grace", "password": "canary-1", "card_no": "canary-2"})
    page = stale.get(path_after(prove(stale, asked.location)))
    assert "Grace" in page.text
    assert "canary" not in page.text


def test_what_is_kept_is_encrypted(site: Site, stale: FlaskClient) -> None:
    stale.post("/send", data={"to": "canary"})
    (row,) = site.rows(site.accounts.models.kept_request)
    assert b"canary" not in row.body


def test_it_is_given_back_once(site: Site, stale: FlaskClient) -> None:
    asked = stale.post("/send", data={"to": "Grace"})
    path = path_after(prove(stale, asked.location))
    assert stale.get(path).status_code == 200
    assert stale.get(path).status_code == 404


def test_it_is_over_after_ten_minutes(site: Site, stale: FlaskClient) -> None:
    asked = stale.post("/send", data={"to": "Grace"})
    site.clock.advance(minutes=10)
    assert stale.get(path_after(prove(stale, asked.location))).status_code == 404


def test_it_is_nobody_elses(site: Site, stale: FlaskClient) -> None:
    asked = stale.post("/send", data={"to": "Grace"})
    path = path_after(prove(stale, asked.location))
    assert site.logged_in_client(BOB).get(path).status_code == 404
    assert site.logged_in_client().get(path).status_code == 404
    assert stale.get(path).status_code == 200


def test_who_is_not_fresh_does_not_get_it(site: Site, stale: FlaskClient) -> None:
    asked = stale.post("/send", data={"to": "Grace"})
    kept = re.search(r"next=([^&]+)", asked.location)
    assert kept is not None
    answer = stale.get(kept[1].replace("%2F", "/"))
    assert answer.status_code == 302
    assert "/account/reauthenticate" in answer.location


@pytest.mark.parametrize("kind", ["too much", "json", "file"])
def test_what_is_too_much_or_no_form_is_not_kept(site: Site, stale: FlaskClient, kind: str) -> None:
    if kind == "json":
        asked = stale.post("/send", json={"to": "Grace"})
    elif kind == "file":
        asked = stale.post("/send", data={"to": "Grace", "file": (BytesIO(b"x"), "x.txt")})
    else:
        asked = stale.post("/send", data={"to": "x" * 70_000})
    assert asked.status_code == 302
    assert site.rows(site.accounts.models.kept_request) == []


def test_a_get_just_goes_on(site: Site, stale: FlaskClient) -> None:
    asked = stale.get("/send")
    assert prove(stale, asked.location).location.endswith("/send")


def test_a_wrong_password_proves_nothing_and_gives_no_new_token(
    site: Site, stale: FlaskClient
) -> None:
    answer = stale.post("/account/reauthenticate", data={"password": "wrong wrong wrong"})
    assert answer.status_code == 401
    assert stale.get("/send").status_code == 302
    assert site.events()[-1] == "authn_reauthenticate_fail"


def test_proving_it_changes_the_token_and_the_old_one_is_dead(
    site: Site, stale: FlaskClient
) -> None:
    copy = site.client()
    cookie = stale.get_cookie("session")
    assert cookie is not None
    copy.set_cookie("session", cookie.value)
    assert copy.get("/account/").status_code == 200
    prove(stale, "/account/reauthenticate")
    assert stale.get("/account/").status_code == 200
    assert copy.get("/account/").status_code == 302


def test_the_password_of_somebody_else_proves_nothing(site: Site, stale: FlaskClient) -> None:
    other = "quite another password"
    site.change(site.user(BOB), password_hash=site.accounts.hasher.hash(other))
    answer = stale.post("/account/reauthenticate", data={"password": other, "identifier": BOB})
    assert answer.status_code == 401
    assert ADA in answer.text
