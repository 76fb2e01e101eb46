"""Attacks RX on our own pages: a `next` that takes a visitor to somebody else's site."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_porter import fresh_login_required, login_required
from tests.account_site import ADA, PASSWORD, Site, make_site
from tests.attacks.redirecting import ATTACKS
from tests.attacks.whatwg import Judge

VALUES = [attack.value for attack in ATTACKS]
HERE = "http://localhost"
PAGES = ["login", "register", "reset-password", "verify-email/again", "logout", "reauthenticate"]
HELD = {"of the floor": "next", "of the account layer": "_porter_next"}


def _page() -> str:
    return "here"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path, PORTER_THROTTLES=False, USE_SESSION_FOR_NEXT=True)
    made.register()
    made.app.add_url_rule("/", "home", _page)
    made.app.add_url_rule("/secret", "secret", login_required(_page))
    made.app.add_url_rule("/sums", "sums", fresh_login_required(_page))
    return made


def strays(judge: Judge, urls: list[str]) -> list[str]:
    """Return those of the URLs that leave the site, by a browser's reading."""
    places = judge.places(urls, f"{HERE}/account/login")
    return [
        url
        for url, place in zip(urls, places, strict=True)
        if place is None or place.origin != HERE or place.userinfo
    ]


def led_to(page: str) -> list[str]:
    """Return where a page would lead: its hidden `next`, its links and the `next` in them."""
    links = [unescape(url) for url in re.findall(r'(?:href|action|src)="([^"]*)"', page)]
    links = [url for url in links if not url.startswith("data:")]
    nested = [url for link in links for url in parse_qs(urlsplit(link).query).get("next", [])]
    hidden = [unescape(url) for url in re.findall(r'name="next" value="([^"]*)"', page)]
    return links + nested + hidden


@pytest.mark.parametrize("page", PAGES)
def test_rx01_rx14_no_page_shows_a_way_that_leaves_the_site(
    site: Site, judge: Judge, page: str
) -> None:
    """RX01, RX14."""
    client = site.logged_in_client() if page == "reauthenticate" else site.client()
    found: set[str] = set()
    for value in VALUES:
        answer = client.get(f"/account/{page}?next={quote(value.encode('utf-8', 'replace'))}")
        assert answer.status_code == 200
        found.update(led_to(answer.text))
    assert "/account/theme.css" in found
    assert strays(judge, sorted(found)) == []


def test_rx01_rx16_no_string_of_the_catalogue_leads_elsewhere_after_a_post(
    site: Site, judge: Judge
) -> None:
    """RX01, RX16."""
    found: set[str] = set()
    client, outside = site.client(), site.client()
    given = {"identifier": ADA, "password": PASSWORD}
    for value in VALUES:
        posted = {**given, "next": value}
        answers = [
            client.post("/account/login", data=posted),
            outside.post("/account/logout", data=posted),
        ]
        assert {answer.status_code for answer in answers} == {303}
        found.update(answer.location for answer in answers)
    assert len(found) > 5
    assert strays(judge, sorted(found)) == []


@pytest.mark.parametrize("key", HELD.values(), ids=HELD.keys())
def test_rx13_what_the_session_holds_is_judged_again_when_it_is_used(
    site: Site, judge: Judge, key: str
) -> None:
    """RX01 and RX13: a session of an older release, or of another app with the same key."""
    client = site.client()
    until = int(site.clock().timestamp()) + 60
    found: set[str] = set()
    for value in ["/secret", *VALUES]:
        with client.session_transaction() as session:
            session[key] = value if key == "next" else [value, until]
        found.update(led_to(client.get("/account/login").text))
    assert "/secret" in found
    assert strays(judge, sorted(found)) == []
    for junk in (None, 1, [], {}, [1, 2], ["/secret"], ["/secret", "x"], {"a": 1}):
        with client.session_transaction() as session:
            session[key] = junk
        answer = client.get("/account/login")
        assert (answer.status_code, '"/secret"' in answer.text) == (200, False)


def test_rx01_a_link_from_elsewhere_puts_nothing_into_the_session(site: Site) -> None:
    """RX01: nobody lands where another site has sent them before."""
    client = site.client(HTTP_SEC_FETCH_SITE="cross-site")
    for page in PAGES[:-1]:
        client.get(f"/account/{page}?next=/sums")
    given = {"email": "bob@example.org", "password": PASSWORD, "next": "/sums"}
    assert client.post("/account/register", data=given).status_code == 403
    assert "/sums" not in client.get("/account/login").text


@pytest.mark.parametrize(
    "prefix",
    [
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "///evil.test",
        "https://evil.test",
    ],
)
def test_rx06_no_prefix_that_a_proxy_passes_on_becomes_a_host(
    site: Site, judge: Judge, prefix: str
) -> None:
    """RX06: an ``X-Forwarded-Prefix`` of the visitor's own, which ProxyFix makes SCRIPT_NAME."""
    client, given = site.client(), {"identifier": ADA, "password": PASSWORD}

    def ask(path: str, method: str = "POST", **data: str) -> TestResponse:
        made_up = {"SCRIPT_NAME": prefix}
        return client.open(path, method=method, data=data, environ_overrides=made_up)

    answers = [
        ask("/account/login", **given),
        ask("/account/reauthenticate", **given),
        ask("/account/register", email="bob@example.org", password=PASSWORD),
        ask("/account/logout"),
        ask("/account/verify-email?token=x", "GET"),
    ]
    assert {answer.status_code for answer in answers} == {303}
    assert all("evil.test" in answer.location for answer in answers)
    assert strays(judge, [answer.location for answer in answers]) == []
    pages = ["login", "check-your-mail/verify_email", "reset-password/new"]
    for page in pages:
        assert strays(judge, led_to(ask(f"/account/{page}", "GET").text)) == []
    steps: Any = ask("/account/api/session", "GET").get_json()["next_steps"]
    assert strays(judge, [step["href"] for step in steps]) == []


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/account", "/account/"),
        ("/account?next=//evil.test", "/account/?next=//evil.test"),
        ("/account//login?a=%2F", "/account/login?a=%2F"),
        ("/account//api/session", "/account/api/session"),
        ("/account///evil.test", None),
    ],
)
def test_rx06_no_host_that_is_asked_for_is_in_what_mends_a_path(
    site: Site, path: str, place: str | None
) -> None:
    """RX06: Werkzeug redirects what has a slash too few or too many to the host of the request."""
    asked = {"Host": "evil.test"}
    answer = site.client().open(path, method="GET", headers=asked)
    assert (answer.status_code, answer.location) == (404 if place is None else 308, place)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/account//", "/account//devices", "/account//login"])
def test_rx06_nor_is_it_where_a_post_goes_to_such_a_path(site: Site, path: str) -> None:
    """RX06."""
    answer = site.client().post(path, headers={"Host": "evil.test"})
    assert "evil.test" not in answer.headers.get("Location", "")
    assert answer.status_code == (308 if path.endswith("login") else 405)


def test_rx10_a_next_that_ends_the_log_in_only_asks(site: Site) -> None:
    """RX10: what follows a log-in is a GET, and no GET changes anything."""
    client = site.client()
    for wanted in ("/account/logout", "/account/login", "/account/close-account"):
        given = {"identifier": ADA, "password": PASSWORD, "next": wanted}
        answer = client.post("/account/login", data=given)
        assert answer.location == wanted
        assert client.get(wanted).status_code == 200
        assert client.get("/secret").text == "here"


def test_rx11_a_next_of_any_length_gets_a_short_answer(site: Site) -> None:
    """RX11."""
    client: FlaskClient = site.client()
    for length in (1_000, 2_048, 60_000):
        posted = {"email": ADA, "password": PASSWORD, "next": "/" + "a" * (length - 1)}
        answer = client.post("/account/register", data=posted)
        assert answer.status_code == 303
        assert len(str(answer.headers)) < 4_096
