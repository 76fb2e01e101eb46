"""Attacks HC10, HC13, C07 and C15: errors give nothing away, and no other site reads or writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, make_response
from werkzeug.test import TestResponse

from flask_porter.errors import Busy
from flask_porter.web.api import reading, serving
from tests.account_site import ADA, PASSWORD, Site, make_site
from tests.web.api_client import RIGHT, ROOT, ApiClient, page_script, reason_of

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: Of a stack, a secret or a version.
TELLING = re.compile(
    r"Traceback|File \"|line \d|werkzeug|flask|python|sqlalchemy|sqlite|\$argon2|0a4b6d1c"
    r"|\d+\.\d+\.\d",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = make_site(tmp_path_factory.mktemp("site"), PORTER_THROTTLES=False)
    site.register()
    return site


@pytest.fixture
def strict_site(tmp_path: Path) -> Site:
    site = make_site(tmp_path, PORTER_ATTEMPTS_FREE=3)
    site.register()
    return site


def api_errors(site: Site, breaking: Callable[[], Any]) -> Iterator[tuple[int, TestResponse]]:
    """Yield an answer of the API for each status of an error."""
    script = page_script(site)
    yield 400, script.call("POST", "/login", data=b"{", content_type="application/json")
    yield 401, script.call("GET", "/session")
    yield 403, script.call("POST", "/login", RIGHT, headers={"Sec-Fetch-Site": "cross-site"})
    yield 404, script.call("GET", "/nothing")
    yield 405, script.call("GET", "/login")
    yield 410, script.post("/verify-email", token="of nothing")
    yield 411, script.call("POST", "/login", headers={"Transfer-Encoding": "chunked"})
    yield 413, script.call("POST", "/login", {"identifier": "a" * 70_000})
    yield 415, script.call("POST", "/login", data=b"{}", content_type="text/plain")
    yield 422, script.post("/login", identifier=1)
    for _ in range(4):
        waits = script.post("/login", identifier=ADA, password="wrong")
    yield 429, waits
    breaking()
    yield 503, script.post("/logout")
    yield 500, script.call("GET", "/openapi.json")


def test_hc10_errors_of_the_api_have_all_headers_and_say_nothing(
    strict_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = strict_site
    site.app.testing = False

    def fail(*_: Any) -> Any:
        raise RuntimeError(f"{PASSWORD} at line 12")

    def break_it() -> None:
        monkeypatch.setattr(serving, "_document", fail)
        site.app.view_functions["porter_api.logout"] = lambda: busy()

    def busy() -> Any:
        raise Busy

    for status, answer in api_errors(site, break_it):
        assert answer.status_code == status
        assert reason_of(answer)[1]
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, status
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers
        assert not TELLING.search(answer.text), answer.text
        assert PASSWORD not in answer.text
    assert TELLING.search("RuntimeError at line 12")


def page_errors(site: Site) -> Iterator[tuple[int, TestResponse]]:
    """Yield a page of ours for each status of an error that one can have."""
    client = site.client()
    wrong = {"identifier": ADA, "password": "wrong"}
    yield 401, client.post("/account/login", data=wrong)
    yield 403, client.post("/account/login", headers={"Sec-Fetch-Site": "cross-site"})
    yield 404, client.get("/account/check-your-mail/nothing")
    client.get("/account/verify-email?token=of-nothing")
    yield 410, client.get("/account/verify-email")
    yield 411, client.post("/account/login", headers={"Transfer-Encoding": "chunked"})
    yield 413, client.post("/account/login", data={"identifier": "a" * 70_000})
    yield 422, client.post("/account/login", data={})
    for _ in range(4):
        waits = client.post("/account/login", data=wrong)
    yield 429, waits


def test_hc10_pages_of_errors_have_all_headers_and_say_nothing(strict_site: Site) -> None:
    for status, answer in page_errors(strict_site):
        assert answer.status_code == status
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, status
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert not re.search(r"Traceback|File \"|werkzeug|sqlalchemy|\$argon2", answer.text)


@pytest.mark.parametrize("path", ["/session", "/openapi.json", "/devices", "/nothing"])
@pytest.mark.parametrize("parameter", ["callback", "jsonp", "cb", "_callback"])
def test_hc13_json_is_json_and_no_script(site: Site, path: str, parameter: str) -> None:
    script = page_script(site, logged_in=True)
    answer = script.call("GET", f"{path}?{parameter}=steal", headers={"Accept": "text/javascript"})
    assert answer.mimetype in {"application/json", "application/problem+json"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "steal" not in answer.text
    json.loads(answer.text)


def test_hc13_what_somebody_has_typed_cannot_be_taken_for_a_page(site: Site) -> None:
    answer = page_script(site).call("GET", "/<script>alert(1)</script>")
    assert reason_of(answer) == (404, "not_found")
    assert "<script>" not in answer.text


SIMPLE = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]


@pytest.mark.parametrize("content_type", SIMPLE)
@pytest.mark.parametrize("body", [json.dumps({"password": PASSWORD}).encode(), b"password=a", b""])
def test_c07_only_json_is_read(
    site: Site, monkeypatch: pytest.MonkeyPatch, content_type: str, body: bytes
) -> None:
    script = page_script(site, logged_in=True)
    # Nothing of it is looked at.
    monkeypatch.setattr(reading, "_parse", None)
    answer = script.call("POST", "/close-account", data=body, content_type=content_type)
    if content_type or body:
        assert reason_of(answer) == (415, "not_json")
    else:
        assert reason_of(answer) == (422, "invalid_input")
    assert site.user() is not None


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"]
)
def test_c07_json_is_read(site: Site, content_type: str) -> None:
    body = json.dumps(RIGHT).encode()
    answer = page_script(site).call("POST", "/login", data=body, content_type=content_type)
    assert answer.status_code == 200


@pytest.mark.parametrize("row", ["/logout", "/logout-everywhere", "/close-account"])
@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.test"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://sub.localhost"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {},
    ],
    ids=str,
)
def test_c07_what_another_site_sends_changes_nothing(
    site: Site, row: str, said: dict[str, str]
) -> None:
    script = page_script(site, logged_in=True)
    script.client.environ_base.pop("HTTP_SEC_FETCH_SITE")
    answer = script.call("POST", row, {"password": PASSWORD}, headers=said)
    assert answer.status_code == 403
    assert script.get("/session")["user"]["email"] == ADA


def test_a_script_that_names_this_host_is_let_in(site: Site) -> None:
    script = page_script(site, logged_in=True)
    script.client.environ_base.pop("HTTP_SEC_FETCH_SITE")
    said = {"Origin": "http://localhost"}
    assert script.call("POST", "/logout", headers=said).status_code == 204


def all_paths(app: Flask) -> Iterator[str]:
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("porter.", "porter_api.")):
            yield adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "any"))
    yield f"{ROOT}/nothing"


def lets_others_read(answer: TestResponse) -> bool:
    return any(name.lower().startswith("access-control-") for name, _ in answer.headers)


def cross_origin(client: ApiClient, path: str) -> Iterator[TestResponse]:
    """Ask from another site, first for leave and then without it."""
    for origin in ("https://evil.test", "null", "http://localhost.evil.test"):
        asks = {
            "Origin": origin,
            "Sec-Fetch-Site": "cross-site",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, content-type",
        }
        for method in ("OPTIONS", "GET", "POST"):
            yield client.client.open(path, method=method, headers=asks)


def test_c15_no_other_site_may_read_an_answer(site: Site) -> None:
    script = page_script(site, logged_in=True)
    for path in all_paths(site.app):
        for answer in cross_origin(script, path):
            assert answer.status_code < 500
            assert not lets_others_read(answer), path


def test_c15_the_search_finds_leave(strict_site: Site) -> None:
    """The check above can fail: an answer with the header is seen."""
    site = strict_site
    leave = {"Access-Control-Allow-Origin": "https://evil.test"}
    site.app.add_url_rule("/open", "open", lambda: make_response("", 200, leave))
    assert any(lets_others_read(answer) for answer in cross_origin(page_script(site), "/open"))
