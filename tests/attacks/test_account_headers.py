"""What every answer says of itself: HC01, HC02, HC05 to HC07, HC10, HC15 and S16."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
from flask import Flask, Response, session
from packaging.version import Version
from werkzeug.http import parse_cookie
from werkzeug.test import TestResponse

from flask_porter import current_user, login_required
from flask_porter.errors import Busy
from tests.account_site import ADA, PASSWORD, Site
from tests.attacks.account_life import HTTPS, Life, live, production_site
from tests.attacks.account_state import path_of
from tests.attacks.shared_cache import SharedCache

GRACE = "grace@example.org"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
#: The same for everybody: the files of the pages, and the stylesheet with the app's colour.
FOR_ALL = {"porter.static", "porter.theme"}
NONCE = re.compile(r"'nonce-([^']{22,})'")
#: Of an error, that nobody outside has to know.
TELLING = re.compile(r"Traceback|File \"|sqlalchemy|sqlite|SELECT|porter_")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Return a whole life in production, as it went by."""
    lived = Life(production_site(tmp_path_factory.mktemp("life")), HTTPS)
    live(lived)
    return lived


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site in production with two users, and views of the app's own."""
    site = production_site(tmp_path_factory.mktemp("site"), PORTER_ATTEMPTS_FREE=4)
    site.register()
    site.register(GRACE, PASSWORD)
    add_views(site.app)
    return site


def add_views(app: Flask) -> None:
    """Add what looks at its visitor in each way that a view can."""
    app.add_url_rule("/own", "own", login_required(own))
    app.add_url_rule("/greeting", "greeting", lambda: f"hello {name_of_visitor()}")
    app.add_url_rule(
        "/asked-in", "asked_in", lambda: "hello again" if "_user_id" in session else "hello"
    )
    app.add_url_rule("/counted", "counted", lambda: f"{len(session)} things are kept of you")


def own() -> str:
    return f"own page of {name_of_visitor()}"


def name_of_visitor() -> str:
    return str(current_user.email) if current_user.is_authenticated else "stranger"


# Before 3.1.3 Flask did not notice a mere look for a key, nor the size.
NOTICED = pytest.mark.only_where(
    Version(version("flask")) >= Version("3.1.3"), reason="Flask is blind to it"
)
OWN_VIEWS = [
    "/own",
    "/greeting",
    pytest.param("/asked-in", marks=NOTICED),
    pytest.param("/counted", marks=NOTICED),
]


def logged_in(site: Site, email: str = ADA) -> Any:
    client = site.client()
    given = {"identifier": email, "password": PASSWORD}
    assert client.post("/account/login", data=given, **HTTPS).status_code == 303
    return client


def rules_of(site: Site) -> Iterator[tuple[str, str]]:
    """Yield name and path of all that we answer to a GET."""
    for rule in site.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint.startswith(("porter.", "porter_api.")):
            values = {"filename": "porter.css"} if rule.endpoint == "porter.static" else {}
            yield rule.endpoint, path_of(site.app, rule, **values)


@pytest.fixture(scope="module")
def answers(site: Site) -> list[tuple[str, TestResponse]]:
    """Return what each GET of ours answers, to a stranger and to somebody logged in."""
    stranger, ada = site.client(), logged_in(site)
    found = [
        (name, client.get(path, buffered=True, **HTTPS))
        for name, path in rules_of(site)
        for client in (stranger, ada)
    ]
    # Else the table below would be of nothing.
    assert len({name for name, _ in found}) > 25
    return found


def policy_of(answer: TestResponse) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


def errors_of(site: Site) -> Iterator[tuple[int, TestResponse]]:
    """Yield an error of each status, of the pages and of the API."""
    client = site.client()
    wrong = {"identifier": "nobody@example.org", "password": "a wrong password of fair length"}
    chunked = {"Transfer-Encoding": "chunked"}
    for path, body in (("/account/login", "data"), ("/account/api/login", "json")):
        send: dict[str, Any] = {body: wrong, **HTTPS}
        yield 401, client.post(path, **send)
        yield 403, client.post(path, headers={"Sec-Fetch-Site": "cross-site"}, **send)
        yield 405, client.delete(path, **HTTPS)
        yield 411, client.post(path, headers=chunked, **HTTPS)
        yield 413, client.post(path, **{**send, body: {"identifier": "a" * 70_000}})
        yield 422, client.post(path, **{**send, body: {}})
    yield 404, client.get("/account/nothing", **HTTPS)
    yield 410, client.get("/account/not-me?token=of-nothing", follow_redirects=True, **HTTPS)
    yield 410, client.post("/account/api/verify-email", json={"token": "of nothing"}, **HTTPS)
    yield 404, client.get("/account/api/nothing", **HTTPS)
    yield (
        400,
        client.post("/account/api/login", data=b"{", content_type="application/json", **HTTPS),
    )
    yield 415, client.post("/account/api/login", data=b"{}", content_type="text/plain", **HTTPS)
    yield 429, [client.post("/account/login", data=wrong, **HTTPS) for _ in range(5)][-1]
    yield 429, client.post("/account/api/login", json=wrong, **HTTPS)
    views = site.app.view_functions
    kept = {name: views[name] for name in ("porter.logout", "porter_api.logout")}
    views.update(dict.fromkeys(kept, busy))
    yield 503, client.post("/account/logout", **HTTPS)
    yield 503, client.post("/account/api/logout", **HTTPS)
    views.update(kept)


def busy() -> Response:
    raise Busy


@pytest.fixture(scope="module")
def errors(site: Site) -> list[TestResponse]:
    found = list(errors_of(site))
    assert [answer.status_code for _, answer in found] == [status for status, _ in found]
    return [answer for _, answer in found]


def test_hc01_no_cache_keeps_what_is_for_one_person(
    life: Life, site: Site, answers: list[tuple[str, TestResponse]], errors: list[TestResponse]
) -> None:
    seen = [answer for name, answer in answers if name not in FOR_ALL]
    seen += [answer for answer in life.answers if answer.request.path != "/account/theme.css"]
    seen += [*errors, logged_in(site).get("/own", **HTTPS), site.client().get("/own", **HTTPS)]
    assert len(seen) > 120
    for answer in seen:
        assert answer.headers.get("Cache-Control") == "no-store", answer.request.path
        assert "cookie" in answer.vary, answer.request.path


def test_hc01_what_sets_a_cookie_is_kept_nowhere(life: Life) -> None:
    setting = [answer for answer in life.answers if "Set-Cookie" in answer.headers]
    assert len(setting) > 10
    assert {answer.headers["Cache-Control"] for answer in setting} == {"no-store"}


def test_hc01_what_is_for_all_is_the_same_for_all(
    answers: list[tuple[str, TestResponse]],
) -> None:
    theme, again = [answer for name, answer in answers if name == "porter.theme"]
    assert theme.data == again.data
    files = [answer for name, answer in answers if name in FOR_ALL]
    for answer in files:
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


def shared(site: Site, path: str, cache: SharedCache) -> list[tuple[str, list[str]]]:
    """Have Ada, Grace and a stranger ask for one URL, the stranger first and last."""
    people = [site.client(), logged_in(site), logged_in(site, GRACE), site.client()]
    told = [cache.get(client, path, **HTTPS) for client in people]
    return [(answer.text, answer.headers.getlist("Set-Cookie")) for answer in told]


def alone(site: Site, path: str) -> list[str]:
    """Return what they would each be told without a cache between."""
    people = [site.client(), logged_in(site), logged_in(site, GRACE), site.client()]
    return [client.get(path, **HTTPS).text for client in people]


@pytest.mark.parametrize("path", OWN_VIEWS)
def test_hc02_a_shared_cache_gives_nobody_the_page_of_another(site: Site, path: str) -> None:
    """A cache by RFC 9111 stands between, no Varnish; a view may do no more than look for a key."""
    told = shared(site, path, SharedCache())
    assert [text for text, _ in told] == alone(site, path)
    cookies = [line for _, set_cookies in told for line in set_cookies]
    assert len(cookies) == len(set(cookies))


def test_hc02_nor_any_page_of_ours(site: Site) -> None:
    cache = SharedCache()
    ada, stranger = logged_in(site), site.client()
    for name, path in rules_of(site):
        cache.get(ada, path, **HTTPS)
        assert name in FOR_ALL or path not in cache.stored, path
        assert ADA not in cache.get(stranger, path, **HTTPS).text, path


@pytest.mark.parametrize("path", OWN_VIEWS)
def test_hc02_without_the_headers_the_cache_would_mix_people_up(site: Site, path: str) -> None:
    """The check above can fail: the same cache, and the same app with its headers cut off."""
    cache = SharedCache(loses=frozenset({"Cache-Control", "Vary"}))
    assert [text for text, _ in shared(site, path, cache)] != alone(site, path)


def test_hc05_hc06_hc07_every_answer_carries_every_header(
    life: Life, answers: list[tuple[str, TestResponse]], errors: list[TestResponse]
) -> None:
    seen = [*life.answers, *(answer for _, answer in answers), *errors]
    assert {answer.status_code for answer in seen} >= {200, 202, 204, 302, 303, 410}
    for answer in seen:
        path = (answer.request.path, answer.status_code)
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
        hsts = answer.headers["Strict-Transport-Security"]
        assert re.fullmatch(r"max-age=31536000; includeSubDomains", hsts), path
        policy = policy_of(answer)
        assert {name: policy.get(name) for name in POLICY} == POLICY, path
        assert "unsafe" not in answer.headers["Content-Security-Policy"], path
        assert "Server" not in answer.headers


def test_hc06_each_answer_has_a_nonce_of_its_own_and_each_script_has_it(life: Life) -> None:
    nonces, scripts = [], 0
    for answer in life.answers:
        found = NONCE.search(answer.headers["Content-Security-Policy"])
        assert found is not None
        nonces.append(found[1])
        if answer.mimetype == "text/html":
            for tag in re.findall(r"<script\b[^>]*>", answer.text):
                scripts += 1
                assert f'nonce="{found[1]}"' in tag
                assert " src=" in tag
            assert not re.search(r"<[^>]+\son[a-z]+\s*=|<style\b|\sstyle=|javascript:", answer.text)
    assert len(set(nonces)) == len(nonces)
    assert scripts > 20


def test_s16_every_cookie_is_for_this_host_alone(life: Life) -> None:
    """Each Set-Cookie of a whole life, those that delete included (RFC 6265bis section 4.1.3)."""
    cookies = [line for answer in life.answers for line in answer.headers.getlist("Set-Cookie")]
    names = {line.partition("=")[0] for line in cookies}
    assert names == {"__Host-session", "__Host-porter_device"}
    for line in cookies:
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        assert attributes >= {"secure", "httponly", "path=/", "samesite=lax"}, line
        assert not [one for one in attributes if one.startswith("domain")]
        assert len(line.partition(";")[0]) <= 4096
        assert parse_cookie(line.partition(";")[0])
    deleted = [line for line in cookies if "Max-Age=0" in line or "1970" in line]
    assert deleted
