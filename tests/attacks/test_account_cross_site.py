"""Requests that another site has a browser send: C01 to C18, as far as they concern accounts.

There are no tokens of ours (C02, C06, C11 and C17 are about those of the app): a browser says by
itself where a request comes from, and so does each test here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from flask_porter import current_user
from flask_porter.web.csrf import SAFE_METHODS
from tests.account_site import ADA, PASSWORD, Site, make_site
from tests.attacks.account_state import changed_tables, path_of, rows_of

MALLORY = "mallory@example.org"
LOGIN = {"identifier": MALLORY, "password": PASSWORD}

#: What a browser says of a request that is not of our own pages; the last one says nothing.
HOSTILE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.test"},
    {},
]
#: The same, spelt in all ways that somebody might take for our own.
SPELT = [
    *HOSTILE,
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin, cross-site"},
    {"Sec-Fetch-Site": "SAME-ORIGIN"},
    {"Sec-Fetch-Site": ""},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "cross-site", "Referer": "http://localhost/account/login"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "localhost"},
    {"Origin": "https://localhost"},
    {"Origin": "http://localhost:8080"},
    {"Origin": "http://localhost.evil.test"},
    {"Origin": "http://evil.test/http://localhost"},
    {"Origin": "http://localhost@evil.test"},
    {"Origin": "http://localhost:http"},
    {"Origin": "http://[localhost"},
    {"Origin": "http://evil.test, http://localhost"},
    {"Referer": "http://localhost/account/login"},
    {"X-Requested-With": "XMLHttpRequest"},
]
OURS = ("porter", "porter_api")
#: A program has no origin; what it gets here is no cookie, and it has none.
FOR_PROGRAMS = "porter_api.login_bearer"
#: The two routes whose GET writes: that data was read, and how often; when a device was last seen.
READS_DATA, FIRST_ASKED = "porter_api.download_data", "porter.account"
OF_READING = {READS_DATA: {"porter_audit", "porter_throttles"}}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path)
    site.register()
    site.register(MALLORY)
    return site


def logged_in(site: Site, email: str = ADA) -> FlaskClient:
    """Return a browser in which somebody has logged in, and which is silent from then on."""
    client = site.logged_in_client(email)
    del client.environ_base["HTTP_SEC_FETCH_SITE"]
    return client


def is_in(client: FlaskClient) -> bool:
    return client.get("/account/api/session").status_code == 200


def unsafe_rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield every rule that there is with each unsafe method that it takes."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - SAFE_METHODS):
            yield rule, method


def is_refused(answer: TestResponse) -> bool:
    """Tell whether the check has refused; it leaves no cookie and sends nowhere."""
    is_silent = not answer.headers.getlist("Set-Cookie") and answer.location is None
    said = answer.text if not answer.is_json else str(answer.json)
    return answer.status_code == 403 and is_silent and ("another site" in said or "Origin" in said)


def test_c01_no_route_takes_an_unsafe_method_from_elsewhere(site: Site) -> None:
    """Whatever routes there are: those of the app too, for who has a cookie."""
    site.app.add_url_rule("/order", view_func=_never, methods=["POST", "PUT", "PATCH", "DELETE"])
    rules = list(unsafe_rules(site.app))
    assert len({rule.endpoint for rule, _ in rules}) > 15
    with_cookie = site.app.test_client()
    with_cookie.set_cookie("seen", "yes")
    clients = {"ada": logged_in(site), "cookie": with_cookie, "stranger": site.app.test_client()}
    before = rows_of(site)
    taken = [
        (name, headers, method, rule.rule)
        for (rule, method), headers, name in product(rules, HOSTILE, clients)
        if _must_be_refused(rule, headers, name)
        and not is_refused(_send(clients[name], path_of(site.app, rule), method, headers))
    ]
    assert taken == []
    assert changed_tables(before, rows_of(site)) == set()
    assert is_in(clients["ada"])


def _must_be_refused(rule: Rule, headers: dict[str, str], client: str) -> bool:
    if rule.endpoint == FOR_PROGRAMS and not headers:
        return False
    # Where there is no cookie, an app's own route does nothing in anybody's name.
    return client != "stranger" or rule.endpoint.partition(".")[0] in OURS


def _send(client: FlaskClient, path: str, method: str, headers: dict[str, str]) -> TestResponse:
    body: Any = {"json": LOGIN} if "/api/" in path else {"data": LOGIN}
    return client.open(path, method=method, headers=headers, **body)


def _never() -> str:
    raise AssertionError("It ran, although the request came from another site.")


def test_c01_the_same_requests_from_our_own_pages_are_let_through(site: Site) -> None:
    """The control: what the check refuses is where they come from, and nothing else."""
    client = site.logged_in_client()
    answers = [
        client.open(path_of(site.app, rule), method=method, data={})
        for rule, method in unsafe_rules(site.app)
        if not rule.endpoint.endswith(("logout", "logout_everywhere"))
    ]
    assert not [answer for answer in answers if is_refused(answer)]


def test_c03_nobody_is_logged_in_by_another_site(site: Site) -> None:
    before = rows_of(site)
    for path, headers in product(("/account/login", "/account/api/login"), SPELT):
        client = site.app.test_client()
        assert is_refused(_send(client, path, "POST", headers)), headers
        assert not is_in(client)
    assert changed_tables(before, rows_of(site)) == set()
    control = site.client()
    assert _send(control, "/account/login", "POST", {}).status_code == 303
    assert is_in(control)


def test_c03_the_log_in_of_programs_touches_no_browser(site: Site) -> None:
    path = "/account/api/login/bearer"
    victim = logged_in(site)
    for headers in SPELT[1:]:
        answer = _send(victim, path, "POST", headers)
        says_where = headers.keys() & {"Origin", "Sec-Fetch-Site"}
        assert is_refused(answer) if says_where else answer.status_code == 200
        assert answer.headers.getlist("Set-Cookie") == []
    session = victim.get("/account/api/session").json
    assert session is not None
    assert session["user"]["email"] == ADA


def test_c04_no_link_and_no_image_logs_anybody_out(site: Site) -> None:
    client = logged_in(site)
    paths = ("/account/logout", "/account/logout-everywhere")
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"}
    for path, method, headers in product(paths, ("GET", "HEAD", "OPTIONS"), ({}, image)):
        answer = client.open(path, method=method, headers=headers)
        assert answer.status_code == 200
        assert "Clear-Site-Data" not in answer.headers
    assert is_in(client)


def test_c08_nobody_names_another_method(site: Site) -> None:
    client = site.logged_in_client()
    device = client.get("/account/api/devices").json
    handle = device["devices"][0]["handle"] if device else ""
    before = rows_of(site)
    for method in ("DELETE", "POST", "PATCH"):
        headers = {
            "X-HTTP-Method-Override": method,
            "X-HTTP-Method": method,
            "X-Method-Override": method,
        }
        query = {"_method": method}
        for path in ("/account/logout", "/account/api/devices", "/account/login"):
            assert client.get(path, headers=headers, query_string=query).status_code in {200, 302}
        for path in (f"/account/api/devices/{handle}", "/account/api/devices"):
            answer = client.post(path, headers=headers, query_string=query, data=query)
            assert answer.status_code == 405
    assert changed_tables(before, rows_of(site)) == set()


def test_c09_only_the_very_origin_counts_as_ours(site: Site) -> None:
    client = logged_in(site)
    answers = [(client.post("/account/logout", headers=headers), headers) for headers in SPELT]
    assert [headers for answer, headers in answers if not is_refused(answer)] == []
    assert is_in(client)


def test_c09_our_own_origin_is_let_through(site: Site) -> None:
    for headers in (
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost"},
        {"Origin": "http://localhost:80"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ):
        client = logged_in(site)
        assert client.post("/account/logout", headers=headers).status_code == 303
        assert not is_in(client)


def test_c12_no_get_changes_anything_but_what_is_documented(site: Site) -> None:
    """Two rounds, as a stranger and as Ada; what reads her data is written down each time."""
    clients = [site.app.test_client(), logged_in(site)]
    assert _changed_by_get(site, clients) == OF_READING
    assert _changed_by_get(site, clients) == OF_READING


def test_c12_a_device_is_seen_once_in_a_while(site: Site) -> None:
    client = logged_in(site)
    site.clock.advance(minutes=2)
    before, left_out = rows_of(site), rows_of(site, but={"last_seen_at"})
    changed = [_changed_by_get(site, [client]), _changed_by_get(site, [client])]
    assert changed[0].pop(FIRST_ASKED) == {"porter_sessions"}
    assert changed == [OF_READING] * 2
    assert rows_of(site)["porter_sessions"] != before["porter_sessions"]
    unseen = rows_of(site, but={"last_seen_at"})
    assert unseen["porter_sessions"] == left_out["porter_sessions"]


def _changed_by_get(site: Site, clients: list[FlaskClient]) -> dict[str, set[str]]:
    """Ask every route by GET; return which tables each has changed, for those that have."""
    found: dict[str, set[str]] = {}
    for rule in site.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        before = rows_of(site)
        for client in clients:
            answer = client.get(path_of(site.app, rule), query_string={"token": "made-up"})
            assert answer.status_code < 500, rule
        if changed := changed_tables(before, rows_of(site)):
            found[rule.endpoint] = changed
    return found


def test_c13_a_refused_action_runs_as_nobody_even_if_the_user_was_asked_for_before(
    tmp_path: Path,
) -> None:
    site = make_site(tmp_path)
    site.register()
    seen: list[Any] = []
    # Before everything of ours, as by an extension that was set up first.
    site.app.before_request_funcs[None].insert(
        0, lambda: seen.append(current_user.is_authenticated)
    )
    site.app.add_url_rule("/order", view_func=_never, methods=["POST"])
    client = logged_in(site)
    before = rows_of(site)
    answer = client.post("/order", headers={"Sec-Fetch-Site": "cross-site"})
    assert is_refused(answer)
    assert seen[-1] is True
    assert changed_tables(before, rows_of(site)) == set()


def test_c18_no_page_hands_a_secret_to_who_asks_for_json(site: Site) -> None:
    client = logged_in(site)
    cookies = [client.get_cookie(name) for name in ("session", "porter_device")]
    secrets = [str(cookie.value) for cookie in cookies if cookie is not None]
    assert len(secrets) == 2
    secrets += [site.user().password_hash]
    for rule in site.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            shown = client.get(path_of(site.app, rule), headers={"Accept": "application/json"})
            assert not [secret for secret in secrets if secret in shown.text]
