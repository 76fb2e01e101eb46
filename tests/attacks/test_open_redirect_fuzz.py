"""Attack: a `next` that nobody thought of, put together by chance from what parsers disagree on."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from flask_porter.login.redirects import login_url, next_target
from flask_porter.login.safe_next import safe_next
from tests.attacks.redirecting import ATTACKS, Policy
from tests.attacks.whatwg import Judge

BASES = [
    "http://app.test",
    "https://app.test",
    "https://app.test:8443",
    "https://xn--bcher-kva.test",
    "http://[::1]:5000",
]
ALLOWED = ["https://shop.test", "http://shop.test:8080"]

TOKENS = [
    *"/\\:@?#.%;&=+~-_,'\"<>[]{}|^`$!()*",
    *"\t\n\r \x00\x0b\x1b\x1f\x7f\x85\xa0\xad\u200b\u200d\u2028\u3000\ufeff\ud800\udfff",
    *"／＼？＃：＠．。․‥…％∕⁄∖⧵⧸⟋╱ſKßςİéč\u0301東ａ０½\u010a",
    *["//", "\\\\", "/\\", "..", "/../", "/./", "://", "%2f", "%5C", "%2e", "%09", "%00", "%0d%0a"],
    *["%25", "%252f", "%E2%80%8B", "%EF%BC%8F", "%ff", "%c0%af"],
    *["http", "https", "HTTP", "javascript", "data", "evil.test", "app.test", "shop.test"],
    *["bücher", "xn--bcher-kva", ".test", "[::1]", "127.1", "443", "80", "8080", "8443", "5000"],
    *["a", "B", "1", "next", "http://app.test", "https://app.test", "https://shop.test"],
]


@st.composite
def bent_attacks(draw: st.DrawFn) -> str:
    """Return a string of the catalogue with something put into it or cut out of it."""
    value: str = draw(st.sampled_from(ATTACKS)).value
    start = draw(st.integers(0, len(value)))
    end = draw(st.integers(start, min(len(value), start + 2)))
    token: str = draw(st.sampled_from(["", *TOKENS]))
    return value[:start] + token + value[end:]


ORIGINS = [*BASES, *ALLOWED, "https://bücher.test", "HTTP://APP.TEST", "https://app.test:443"]
HARMLESS = [token for token in TOKENS if token.isprintable() and token not in " \\"]


def _written(start: st.SearchStrategy[str], tokens: list[str]) -> st.SearchStrategy[str]:
    rest = st.lists(st.sampled_from(tokens), max_size=10).map("".join)
    return st.tuples(start, rest).map("".join)


TARGETS = st.one_of(
    _written(st.just(""), TOKENS),
    _written(st.just("/"), TOKENS),
    _written(st.sampled_from(["/a", "/1", "/?#", "/#", "/a/b?", "/..a"]), HARMLESS),
    _written(st.sampled_from(ORIGINS), TOKENS),
    _written(st.tuples(st.sampled_from(ORIGINS), st.sampled_from("/?#")).map("".join), HARMLESS),
    bent_attacks(),
    st.text(max_size=20),
    st.text(st.characters(codec="ascii"), max_size=20).map("/".__add__),
)

APP = Flask("fuzzed")

SLICE = settings(
    max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
FULL = settings(SLICE, max_examples=60_000, derandomize=False)


def emitted(policy: Policy, target: str, base: str) -> str | None:
    """Return the Location that a browser on `base` gets, as Werkzeug sends it."""
    with APP.test_request_context("/login", base_url=base):
        passed = policy(target)
        if passed is None:
            return None
        return redirect(passed).get_wsgi_headers(request.environ).get("Location")


def stays(location: str, base: str, judge: Judge) -> bool:
    place = judge.place(location, f"{base}/login")
    return place is not None and place.origin in (base, *ALLOWED) and not place.userinfo


def hold(target: str, judge: Judge) -> None:
    for base in BASES:
        location = emitted(lambda wanted: safe_next(wanted, ALLOWED), target, base)
        if location is None:
            continue
        assert location.isascii()
        assert location.isprintable()
        assert " " not in location
        assert stays(location, base, judge)
        arrived, wanted = judge.places([location, target], f"{base}/login")
        assert arrived is not None
        assert wanted is not None
        assert arrived.spelled == wanted.spelled
        with APP.test_request_context("/login", base_url=base):
            assert safe_next(location, ALLOWED) == location


@SLICE
@given(TARGETS)
def test_whatever_passes_stays_and_means_the_same(judge: Judge, target: str) -> None:
    hold(target, judge)


@pytest.mark.long
@FULL
@given(TARGETS)
def test_whatever_passes_stays_and_means_the_same_at_length(judge: Judge, target: str) -> None:
    hold(target, judge)


@pytest.mark.parametrize(
    "naive",
    [
        lambda target: target if target.startswith("/") else None,
        lambda target: target if target[:1] == "/" and target[:2] != "//" else None,
        lambda target: None if "//" in target or "\\" in target or ":" in target else target,
    ],
    ids=["one slash", "not two slashes", "no slashes or colon"],
)
def test_the_same_strings_get_past_naive_checks(naive: Policy, judge: Judge) -> None:
    def leaves(target: str) -> bool:
        try:
            location = emitted(naive, target, BASES[0])
        except ValueError:
            return False
        return location is not None and not stays(location, BASES[0], judge)

    assert find(TARGETS, leaves, settings=settings(SLICE, max_examples=20_000))


SEGMENT = st.text(
    st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\\"), min_size=1, max_size=6
).filter(lambda text: text.strip("./") != "" and "%" not in text)
QUERY = st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=6)), max_size=3)


@SLICE
@given(
    st.lists(SEGMENT, max_size=4), QUERY.map(lambda pairs: [p for p in pairs if p[1].isprintable()])
)
def test_whoever_is_sent_to_log_in_comes_back_to_the_same_page(
    segments: list[str], pairs: list[tuple[str, str]]
) -> None:
    app = Flask("returning")
    app.testing = True
    visits: list[Any] = []

    @app.get("/log-in")
    def log_in() -> ResponseReturnValue:
        return redirect(safe_next(request.args["next"]) or "/refused")

    @app.get("/")
    @app.get("/<path:anything>")
    def page(anything: str = "") -> ResponseReturnValue:
        visits.append((request.path, request.args))
        return redirect(login_url("log_in", next_target(request, hardened=True)))

    client = app.test_client()
    path = "/" + "/".join(quote(segment, safe="") for segment in segments)
    asked = client.get(path, query_string=urlencode(pairs))
    back = client.get(asked.headers["Location"])
    client.get(back.headers["Location"])
    assert visits[0] == visits[1]
