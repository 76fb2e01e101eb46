"""Attacks IN on accounts: no type, size or character of an input is coerced or ends in a 5xx."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse, create_environ, run_wsgi_app
from werkzeug.wrappers import Request

from flask_porter.flows import parsing
from flask_porter.web.api import reading
from tests.account_site import ADA, PASSWORD, Site, make_site
from tests.attacks.account_surfaces import FIELDS, NAMES, Field, forms
from tests.web.api_client import RIGHT, ROOT, ApiClient, program, reason_of

WRONG_FOR_TEXT = [True, 0, -1, 1.5, [], {}, ["a"], {"$ne": ""}, [["a"]], 10**400]
WRONG_FOR_YES_OR_NO = [0, 1, -1, "", "on", "true", "True", [], {}, [True], {"$ne": False}, 1.0]
EACH_FIELD = pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.id)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = make_site(tmp_path_factory.mktemp("site"), PORTER_THROTTLES=False)
    site.register()
    return site


@pytest.fixture(scope="module")
def client(site: Site) -> ApiClient:
    return program(site)


def send(client: ApiClient, field: Field, body: Any) -> TestResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    options = {"data": raw, "content_type": "application/json"}
    return client.call(field.route.method, field.route.path, **options)


def blamed(answer: TestResponse) -> set[str]:
    assert answer.json is not None
    return set(answer.json["fields"])


@EACH_FIELD
def test_in01_no_type_is_coerced(client: ApiClient, field: Field) -> None:
    for value in WRONG_FOR_TEXT if field.is_text else WRONG_FOR_YES_OR_NO:
        answer = send(client, field, field.body(value))
        assert reason_of(answer) == (422, "invalid_input"), value
        assert blamed(answer) == {field.name}
    for value in (None, ""):
        assert send(client, field, field.body(value)).status_code < 500


def test_in01_a_lenient_parser_would_be_seen(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check above can fail: read leniently, "on" is a yes."""
    [remember, *_] = [field for field in FIELDS if not field.is_text]
    strict = parsing.parse
    monkeypatch.setattr(
        "flask_porter.flows.run.parse",
        lambda model, given, **options: strict(model, given, **{**options, "strict": False}),
    )
    assert send(client, remember, remember.body("on")).status_code != 422


@EACH_FIELD
@pytest.mark.parametrize(
    "text",
    ["NaN", "Infinity", "-Infinity", "1e999", "1" * 5000, "'a'", "01", "a", "", '"a'],
    ids=str,
)
def test_in01_what_json_has_not_is_refused(client: ApiClient, field: Field, text: str) -> None:
    body = f'{{"{field.name}": {text}}}'.encode()
    assert reason_of(send(client, field, body)) == (400, "malformed_json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"identifier": "a", "identifier": "b", "password": "c"}', (400, "malformed_json")),
        (b'{"identifier": {"a": 1, "a": 2}}', (400, "malformed_json")),
        (b"\xff\xfe{}", (400, "malformed_json")),
        (b'\xef\xbb\xbf{"identifier": "a"}', (400, "malformed_json")),
        ('{"identifier": "a"}'.encode("utf-16"), (400, "malformed_json")),
        (b'{"identifier": "\xed\xa0\x80"}', (400, "malformed_json")),
        (b"{} {}", (400, "malformed_json")),
        (b"[]", (422, "invalid_input")),
        (b'"a"', (422, "invalid_input")),
        (b"null", (422, "invalid_input")),
        (b"1", (422, "invalid_input")),
        (b'{"__proto__": {}, "identifier": "a", "password": "b"}', (422, "invalid_input")),
    ],
)
def test_a_body_has_one_reading_or_none(
    client: ApiClient, text: bytes, expected: tuple[int, str]
) -> None:
    assert reason_of(send(client, FIELDS[-1], text)) == expected


DEEP = [
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b"[" * 5_000 + b"]" * 5_000,
    b'{"identifier": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{"identifier": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}",
    b'{"a": "' + b"\\" * 50_000,
]


@pytest.mark.parametrize("body", DEEP, ids=range(len(DEEP)))
def test_in03_no_depth_is_an_error(client: ApiClient, body: bytes) -> None:
    begun = time.process_time()
    assert reason_of(send(client, FIELDS[0], body)) == (400, "malformed_json")
    assert time.process_time() - begun < 1


def test_in03_a_hundred_thousand_brackets(client: ApiClient) -> None:
    assert reason_of(send(client, FIELDS[0], b"[" * 100_000)) == (413, "too_large")


def test_in03_a_parser_without_a_limit_would_be_seen(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check above can fail: without the limit a body of 5,000 levels overflows or passes."""
    monkeypatch.setattr(reading, "_depth", lambda text: 0)
    try:
        answer = send(client, FIELDS[0], DEEP[3])
    except RecursionError:
        return
    assert reason_of(answer) != (400, "malformed_json")


def test_brackets_in_a_string_have_no_depth(client: ApiClient) -> None:
    answer = client.post("/login", identifier='["{' * 100, password="\\" + "[{" * 500)
    assert reason_of(answer) == (401, "wrong_credentials")


@EACH_FIELD
@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\udc00\ud800"], ids=ascii)
def test_in04_no_lone_surrogate_is_taken(client: ApiClient, field: Field, text: str) -> None:
    if field.is_text:
        answer = send(client, field, field.body(text))
        assert reason_of(answer) == (422, "invalid_input")
        assert blamed(answer) == {field.name}
    answer = send(client, field, field.body("something") | {text: 1})
    assert reason_of(answer) == (422, "invalid_input")


def on_postgres(tmp_path: Path, url: str) -> Site:
    site = make_site(tmp_path, url=url, PORTER_THROTTLES=False)
    site.register()
    return site


@pytest.mark.postgres
def test_in05_no_nul_reaches_the_database(tmp_path: Path, postgres_url: str) -> None:
    site = on_postgres(tmp_path, postgres_url)
    client = program(site)
    for field in FIELDS:
        for text in ("\0", "a\0b", f"{ADA}\0"):
            if field.is_text:
                answer = send(client, field, field.body(text))
                assert reason_of(answer) == (422, "invalid_input"), field.id
    browser = site.logged_in_client()
    for path in forms(site.app):
        if "logout" not in path:
            answer = browser.post(path, data=dict.fromkeys(NAMES, "a\0b"))
            assert answer.status_code < 500, path


@pytest.mark.postgres
def test_in05_no_nul_comes_by_another_way(tmp_path: Path, postgres_url: str) -> None:
    site = on_postgres(tmp_path, postgres_url)
    nul = "a\0b"
    for path in ("/account/login", f"{ROOT}/login", "/account/verify-email"):
        for header in ("HTTP_USER_AGENT", "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE", "REMOTE_ADDR"):
            options: dict[str, Any] = {"json": RIGHT} if ROOT in path else {"data": RIGHT}
            environ = create_environ(
                path,
                method="POST",
                environ_overrides={header: nul, "HTTP_SEC_FETCH_SITE": "same-origin"},
                **options,
            )
            answer = TestResponse(
                *run_wsgi_app(site.app, environ, buffered=True), request=Request(environ)
            )
            assert answer.status_code < 500, (path, header)
    browser = site.logged_in_client()
    for path in (f"{ROOT}/devices/%00", f"{ROOT}/devices/a%00b"):
        assert browser.delete(path).status_code == 422
    for path in (
        "/account/verify-email?token=%00",
        "/account/resume/%00",
        "/account/login?next=%00",
    ):
        assert browser.get(path, follow_redirects=True).status_code < 500


JUNK = ["", " ", "\0", "x" * 2000, "\u202e", "\U0001f600" * 400, "{{7*191}}", "${7*191}", "%s%n"]


def test_no_form_ends_in_an_error(site: Site) -> None:
    browser = site.client()
    for path in forms(site.app):
        for value in JUNK:
            answer = browser.post(path, data=dict.fromkeys(NAMES, value))
            assert answer.status_code < 500, (path, value)
            assert "1337" not in answer.text
        for raw in (b"password=%ED%A0%80&identifier=%FF", b"%00=%00", b"=&=&&&"):
            options = {"data": raw, "content_type": "application/x-www-form-urlencoded"}
            assert browser.post(path, **options).status_code < 500


SIZES: list[tuple[bytes, str]] = [
    (b"a" * 10_000_000, "application/json"),
    (b"a=b&" * 100_000, "application/x-www-form-urlencoded"),
    (b"a&" * 30_000, "application/x-www-form-urlencoded"),
    (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 10_000,
        "multipart/x; boundary=x",
    ),
    (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 1_000,
        "multipart/form-data; boundary=x",
    ),
    (b'{"' + b'a":1,"' * 10_000 + b'b":1}', "application/json"),
]


@pytest.mark.parametrize("size", SIZES, ids=range(len(SIZES)))
@pytest.mark.parametrize("path", [f"{ROOT}/login", "/account/login", "/account/register"])
def test_in07_a_huge_body_is_an_answer_and_costs_little(
    site: Site, path: str, size: tuple[bytes, str]
) -> None:
    begun = time.process_time()
    answer = site.client().post(path, data=size[0], content_type=size[1])
    assert 400 <= answer.status_code < 500
    assert time.process_time() - begun < 1
    if len(size[0]) > 64 * 1024:
        assert answer.status_code == 413


class Unread(io.RawIOBase):
    """The body of a request, of which nothing may be read."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: Any) -> int:
        pytest.fail("The body was read.")


def test_in07_nothing_of_a_huge_body_is_read(site: Site) -> None:
    """Not for the `next` in it either, nor for a code."""
    client = site.client()
    for rule in site.app.url_map.iter_rules():
        path = f"{rule}".replace("<handle>", "x").replace("<flow>", "verify_email")
        if "POST" in (rule.methods or ()) and "resume" not in path:
            kind = (
                "application/json" if path.startswith(ROOT) else "multipart/form-data; boundary=x"
            )
            huge = {"wsgi.input": Unread(), "CONTENT_LENGTH": f"{10**9}", "CONTENT_TYPE": kind}
            answer = client.post(path, environ_overrides=huge)
            assert answer.status_code in {302, 303, 413}, path


class Endless(io.RawIOBase):
    """The body of a request that never ends."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.taken += len(buffer)
        return len(buffer)


def test_in07_of_a_kept_form_sent_again_no_more_is_read_than_was_kept(site: Site) -> None:
    client, body = site.logged_in_client(), Endless()
    huge = {"wsgi.input": body, "CONTENT_LENGTH": f"{10**9}", "CONTENT_TYPE": "text/plain"}
    assert client.post("/account/resume/x", environ_overrides=huge).status_code == 404
    assert 0 < body.taken <= 4 * 64 * 1024


@pytest.mark.parametrize("path", [f"{ROOT}/login", "/account/login"])
def test_in07_a_body_says_how_long_it_is(site: Site, path: str) -> None:
    answer = site.client().post(
        path,
        headers={"Transfer-Encoding": "chunked"},
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 411


PAYLOADS = [
    "' OR '1'='1", "admin'--", '" OR ""="', "1; DROP TABLE porter_users", "%' OR 1=1 --",
    "*)(uid=*))(|(uid=*", "{{7*191}}", "{%print 7*191%}", "${{7*191}}", "$where: 1==1", "%", "_",
    "../../etc/passwd", "; sleep 5", "<script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in09_no_payload_means_anything(site: Site, client: ApiClient, payload: str) -> None:
    for field in FIELDS:
        if field.is_text and field.name != "password":
            answer = send(client, field, field.body(payload))
            assert answer.status_code in {202, 401, 410, 422}, field.id
            assert "1337" not in answer.text
    for path in (f"/devices/{quote(payload, safe='')}",):
        assert client.call("DELETE", path).status_code in {404, 422}
    answer = client.post("/login", identifier=payload, password=payload)
    assert reason_of(answer) == (401, "wrong_credentials")
    assert site.user() is not None


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_COOKIE": "a=b; " * 200_000},
        {"HTTP_COOKIE": "session=" + "A" * 1_000_000},
        {"HTTP_COOKIE": "porter_device=" + "A." * 500_000},
        {"HTTP_AUTHORIZATION": "Bearer " + "x" * 1_000_000},
        {"HTTP_AUTHORIZATION": "Bearer " + "x" * 22 + "." + "x" * 1_000_000},
        {"HTTP_ACCEPT_LANGUAGE": "en;q=0.1," * 100_000},
        {"HTTP_USER_AGENT": "x" * 1_000_000},
        {f"HTTP_X_{number}": "x" * 8192 for number in range(100)},
    ],
    ids=lambda environ: next(iter(environ)),
)
@pytest.mark.parametrize("path", [f"{ROOT}/session", "/account/login", "/account/devices"])
def test_in10_huge_headers_are_an_answer(site: Site, path: str, environ: dict[str, str]) -> None:
    begun = time.process_time()
    sent = create_environ(path, environ_overrides=environ)
    answer = TestResponse(*run_wsgi_app(site.app, sent, buffered=True), request=Request(sent))
    assert answer.status_code in {200, 302, 401, 431}
    assert time.process_time() - begun < 1


def test_the_right_input_is_still_taken(site: Site) -> None:
    answer = program(site, logged_in=False).post("/login/bearer", **RIGHT, remember=True)
    assert answer.status_code == 200
    form = {"identifier": ADA, "password": PASSWORD}
    assert site.client().post("/account/login", data=form).status_code == 303
