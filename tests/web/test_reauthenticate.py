"""A POST that came too early is kept, and offered again to the very same log-in, once."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

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


def offered(client: FlaskClient, **sent: Any) -> str:
    """Post too late, prove it again, and return the path of the page that offers what was sent."""
    return path_after(prove(client, client.post("/send", data=sent).location))


def press(client: FlaskClient, path: str, *, follow: bool = True, **typed: str) -> TestResponse:
    """Press the button of that page, as a browser without scripts does."""
    page = client.get(path)
    assert page.status_code == 200
    hidden = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
    fields = MultiDict((unescape(name), unescape(value)) for name, value in hidden)
    for name, value in typed.items():
        assert f'name="{name}" type="password"' in page.text
        fields.add(name, value)
    answer = client.post(path, data=fields)
    if answer.status_code == 307 and follow:
        return client.post(answer.location, data=fields)
    return answer


def test_what_was_posted_comes_back_behind_a_button(site: Site, stale: FlaskClient) -> None:
    sent = {"to": "Grace & co", "note": 'a "quoted"\nline', "amount": ["1", "2"]}
    asked = stale.post("/send?from=here", data=sent)
    assert asked.status_code == 302
    answer = press(stale, path_after(prove(stale, asked.location)))
    assert answer.request.full_path == "/send?from=here"
    assert answer.text == 'to=Grace & co,note=a "quoted"\nline,amount=1,amount=2'


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
    answer = press(stale, path_after(prove(stale, asked.location)), follow=False)
    assert (answer.status_code, answer.location) == (307, kept)


def test_it_goes_below_the_path_of_the_app(site: Site) -> None:
    site.app.config |= {"APPLICATION_ROOT": "/shop", "SESSION_COOKIE_PATH": "/"}
    below = site.logged_in_client()
    site.clock.advance(minutes=11)
    asked = below.post("/send", data={"to": "Grace"})
    path = prove(below, asked.location.removeprefix("/shop")).location.removeprefix("/shop")
    assert press(below, path, follow=False).location == "/shop/send"


def test_it_goes_to_no_other_host(site: Site, stale: FlaskClient) -> None:
    made_up = {"SCRIPT_NAME": "//evil.test"}
    asked = stale.post("/send", data={"to": "Grace"}, environ_overrides=made_up)
    assert "resume" not in asked.location
    assert site.rows(site.accounts.models.kept_request) == []


def test_secrets_are_not_kept(site: Site, stale: FlaskClient) -> None:
    asked = stale.post("/send", data={"to": "Grace", "password": "canary-1", "card_no": "canary-2"})
    page = stale.get(path_after(prove(stale, asked.location)))
    assert "Grace" in page.text
    assert "canary" not in page.text


def test_what_was_left_out_is_asked_for_again(site: Site, stale: FlaskClient) -> None:
    path = offered(stale, to="Grace", postcode="1040", user_pin="1", csrf_token="x", token="")
    page = stale.get(path).text
    assert "Secrets are not kept" in page
    assert page.count('type="password"') == 1
    assert "csrf_token" not in page
    assert press(stale, path, user_pin="1234").text == "to=Grace,postcode=1040,token=,user_pin=1234"


def test_nothing_is_asked_for_where_nothing_was_left_out(site: Site, stale: FlaskClient) -> None:
    assert "Secrets are not kept" not in stale.get(offered(stale, to="Grace")).text


def test_what_is_kept_is_encrypted(site: Site, stale: FlaskClient) -> None:
    stale.post("/send", data={"to": "canary"})
    (row,) = site.rows(site.accounts.models.kept_request)
    assert b"canary" not in row.body


def test_looking_at_it_uses_nothing_up(site: Site, stale: FlaskClient) -> None:
    path = offered(stale, to="Grace")
    for _ in range(3):
        assert "Grace" in stale.get(path).text
        assert stale.head(path).status_code == 200
    assert press(stale, path).text == "to=Grace"


def test_it_is_sent_once(site: Site, stale: FlaskClient) -> None:
    path = offered(stale, to="Grace")
    assert press(stale, path).text == "to=Grace"
    assert stale.get(path).status_code == 404
    assert stale.post(path, data={"to": "Grace"}).status_code == 404
    assert site.rows(site.accounts.models.kept_request) == []


def test_who_presses_too_late_proves_it_again_and_loses_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_KEPT_REQUEST_TTL=3600)
    site.register()
    view = fresh_login_required(_send_money)
    site.app.add_url_rule("/send", "send", view, methods=["GET", "POST"])
    client = site.logged_in_client()
    site.clock.advance(minutes=11)
    path = offered(client, to="Grace")
    site.clock.advance(minutes=11)
    late = client.post(path, data={"to": "Grace"})
    assert late.status_code == 302
    assert path_after(prove(client, late.location)) == path
    assert press(client, path).text == "to=Grace"


def test_another_site_cannot_press_the_button(site: Site, stale: FlaskClient) -> None:
    path = offered(stale, to="Grace")
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert stale.post(path, data={"to": "Eve"}, headers=elsewhere).status_code == 403
    assert press(stale, path).text == "to=Grace"


def test_no_more_than_the_newest_five_wait(site: Site, stale: FlaskClient) -> None:
    other = site.logged_in_client(BOB)
    site.clock.advance(minutes=11)
    other.post("/send", data={"to": "from Bob"})
    asked = []
    for number in range(7):
        site.clock.advance(seconds=1)
        asked.append(stale.post("/send", data={"to": f"number {number}"}).location)
    rows = site.rows(site.accounts.models.kept_request)
    assert Counter(row.user_id for row in rows) == {site.user().id: 5, site.user(BOB).id: 1}
    prove(stale, asked[0])
    paths = [parse_qs(urlsplit(location).query)["next"][0] for location in asked]
    assert [stale.get(path).status_code for path in paths] == [404] * 2 + [200] * 5


def test_it_is_over_after_ten_minutes(site: Site, stale: FlaskClient) -> None:
    asked = stale.post("/send", data={"to": "Grace"})
    site.clock.advance(minutes=10)
    assert stale.get(path_after(prove(stale, asked.location))).status_code == 404


def test_it_is_nobody_elses(site: Site, stale: FlaskClient) -> None:
    asked = stale.post("/send", data={"to": "Grace"})
    path = path_after(prove(stale, asked.location))
    for other in (site.logged_in_client(BOB), site.logged_in_client()):
        assert other.get(path).status_code == 404
        assert other.post(path, data={"to": "Eve"}).status_code == 404
    assert press(stale, path).text == "to=Grace"


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
