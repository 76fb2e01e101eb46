"""Whatever a request is made of: no error, nobody known by it, and nobody sent off the site."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_porter import safe_next
from tests.fuzz.harnesses import PATHS, SITES, ask

# What a server hands on of a header: bytes without line ends, as latin-1 text.
LINES = st.binary(max_size=200).map(
    lambda data: data.decode("latin-1").replace("\r", "").replace("\n", "")
)
COOKIE_PIECES = st.sampled_from(
    ["session=", "remember_token=", ";", " ", ",", '"', "\\", "|", ".", "=", "1|", "é", "a" * 128]
)
COOKIES = (
    st.lists(COOKIE_PIECES | LINES, max_size=12)
    .map("".join)
    .map(lambda text: text.encode("utf-8", "replace").decode("latin-1"))
)
HEADER_NAMES = [
    "HTTP_ACCEPT", "HTTP_AUTHORIZATION", "HTTP_HOST", "HTTP_HX_CURRENT_URL", "HTTP_REFERER",
    "HTTP_SEC_FETCH_DEST", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR", "HTTP_X_REQUESTED_WITH",
    "QUERY_STRING",
]  # fmt: skip
HEADERS = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys(HEADER_NAMES, LINES), "HTTP_HX_REQUEST": st.just("true")}
)
APPS = pytest.mark.parametrize("app", SITES, ids=["bare", "hardened"])


@APPS
@given(cookie=COOKIES, path=st.sampled_from(PATHS))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_cookie_header_is_answered_and_names_nobody(app: Flask, cookie: str, path: str) -> None:
    code, body = ask(app, path, HTTP_COOKIE=cookie)
    assert code in {200, 302, 401}
    assert body != "1"


@APPS
@given(headers=HEADERS, path=st.sampled_from(PATHS), method=st.sampled_from(["GET", "POST"]))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_headers_are_answered_and_lead_nowhere_else(
    app: Flask, headers: dict[str, Any], path: str, method: str
) -> None:
    """`ask` looks at each Location: it never names a host."""
    code, body = ask(app, path, REQUEST_METHOD=method, **headers)
    assert code in {200, 302, 400, 401, 403, 405}
    assert body != "1"


@given(target=st.text(st.sampled_from("/\\:@?#.%\t\n ev il2Fa\u2044\uff0f") | st.characters()))
@settings(max_examples=500, deadline=None, derandomize=True)
def test_any_next_stays_or_is_refused(target: str) -> None:
    with SITES[0].test_request_context(base_url="https://app.test"):
        emitted = safe_next(target)
    assert emitted is None or (emitted.startswith("/") and emitted[1:2] not in ("/", "\\"))


def test_who_is_really_logged_in_is_seen_by_the_same_probe() -> None:
    """The check above can fail: with a true cookie the body is that user."""
    client = SITES[0].test_client()
    client.get("/in")
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert ask(SITES[0], "/who", HTTP_COOKIE=f"session={cookie.value}") == (200, "1")
