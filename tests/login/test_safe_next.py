"""Promises of `flask_porter.login.safe_next`; `tests/attacks` has a browser's parser judge it."""

from __future__ import annotations

from time import process_time

import pytest
from flask import Flask, redirect, request

from flask_porter.login.safe_next import MAX_LENGTH, safe_next

APP = Flask("safe_next")


def judged_at(site: str, target: str, *allowed: str) -> str | None:
    with APP.test_request_context("/login", base_url=site):
        return safe_next(target, allowed)


@pytest.mark.parametrize(
    ("target", "emitted"),
    [
        ("/", "/"),
        ("/a/b?c=d&e=%20f+g#h", "/a/b?c=d&e=%20f+g#h"),
        ("/wiki/Straße?q=ü#é", "/wiki/Stra%C3%9Fe?q=%C3%BC#%C3%A9"),
        ("/p?q=a\\b", "/p?q=a%5Cb"),
        ("/a?", "/a"),
        ("/a#", "/a"),
        ("/a?b?c#d#e?f", "/a?b?c#d#e?f"),
        ("/50%", "/50%"),
        ("/a%2520b", "/a%2520b"),
    ],
)
def test_a_path_needs_no_request_and_comes_back_encoded(target: str, emitted: str) -> None:
    assert safe_next(target) == emitted


@pytest.mark.parametrize(
    "target",
    [
        *["", "a", "?a", "#a", ".", "../a", ";a", "%2Fa", " /a", "/a ", "/a b", "/a\n", "\ufeff/a"],
        *[
            "//a",
            "///a",
            "/\\a",
            "\\/a",
            "/a\\b",
            "/\ta",
            "/a\x7f",
            "/a?\x00",
            "/a#\x85",
            "/\ud800",
        ],
        *["/.", "/..", "/a/.", "/a/..", "/./a", "/a/../b", "/%2e/a", "/a/.%2E", "/%252e/a"],
        *["/%2Fa", "/%5ca", "/%255Ca", "/%09/a", "/a%00", "/a%C2%85", "/／a", "/＼a", "/∕a", "/⧵a"],
        *["/％2Fa", "/‥/a", "/．/a", "/%252561", "/a%2525252f"],
        *["javascript:alert(1)", "data:,a", "mailto:a@b.test", "ftp://app.test/"],
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(target: str) -> None:
    assert judged_at("http://app.test", target) is None


@pytest.mark.parametrize("target", [None, 1, b"/a", ["/a"], {"next": "/a"}])
def test_what_is_no_text_is_refused(target: str) -> None:
    assert safe_next(target) is None


@pytest.mark.parametrize(
    ("site", "target", "emitted"),
    [
        ("http://app.test", "http://app.test/a?b#c", "/a?b#c"),
        ("http://app.test", "http://app.test", "/"),
        ("http://app.test", "http://app.test?a", "/?a"),
        ("http://app.test", "http://app.test#a", "/#a"),
        ("http://app.test", "HTTP://App.Test:80/A", "/A"),
        ("https://app.test", "https://app.test:443/a", "/a"),
        ("http://app.test:443", "http://app.test:443/a", "/a"),
        ("http://[::1]:5000", "http://[::1]:5000/a", "/a"),
        ("http://xn--bcher-kva.test:81", "http://bücher.test:81/a", "/a"),
        ("http://app.test/prefix", "http://app.test/other/app", "/other/app"),
        ("http://app.test", "https://app.test/a", None),
        ("https://app.test", "http://app.test/a", None),
        ("http://app.test", "http://app.test:8080/a", None),
        ("http://app.test:8080", "http://app.test/a", None),
        ("http://app.test", "http://app.test:080/a", None),
        ("http://app.test", "http://app.test:/a", None),
        ("http://app.test", "http://app.test./a", None),
        ("http://app.test", "http://www.app.test/a", None),
        ("http://www.app.test", "http://app.test/a", None),
        ("http://app.test", "http://user@app.test/a", None),
        ("http://app.test", "http://app.test@evil.test/a", None),
        ("http://app.test", "http://app.test\\@evil.test/a", None),
        ("http://app.test", "http://app%2Etest/a", None),
        ("http://app.test", "http:app.test/a", None),
        ("http://app.test", "http:/app.test/a", None),
        ("http://app.test", "http:///app.test/a", None),
        ("http://app.test", "//app.test/a", None),
        ("http://app.test", "http://app.test//a", None),
        ("http://app.test", "http://app.test/../a", None),
        ("http://strasse.test", "http://straße.test/a", None),
        ("http://app.test", "http://ａpp.test/a", None),
        ("http://app.test", f"http://{'ü' * 64}.test/a", None),
    ],
)
def test_a_full_address_passes_on_the_same_origin_only(
    site: str, target: str, emitted: str | None
) -> None:
    assert judged_at(site, target) == emitted


@pytest.mark.parametrize("host", ["", "[", "a b", "app.test/evil", "a@b"])
def test_a_malformed_host_makes_no_full_address_our_own(host: str) -> None:
    with APP.test_request_context("/login", environ_overrides={"HTTP_HOST": host}):
        for target in ("http:///a", "http:/a", "http://", "http://evil.test", "http://a@b/c"):
            assert safe_next(target) is None or target == f"http://{host}/c"
        assert safe_next("/a") == "/a"


@pytest.mark.parametrize(
    ("target", "emitted"),
    [
        ("https://shop.test/ü?a#b", "https://shop.test/%C3%BC?a#b"),
        ("https://SHOP.test:443", "https://shop.test/"),
        ("http://localhost:3000/a", "http://localhost:3000/a"),
        ("https://bücher.test/a", "https://xn--bcher-kva.test/a"),
        ("/a", "/a"),
        ("http://shop.test/a", None),
        ("https://shop.test:8443/a", None),
        ("https://shop.test@evil.test/a", None),
        ("https://a.shop.test/a", None),
        ("https://shop.test.evil.test/a", None),
        ("https://shop.test//a", None),
        ("//shop.test/a", None),
        ("http://app.test/a", None),
    ],
)
def test_allowed_origins_are_reached_and_no_others(target: str, emitted: str | None) -> None:
    origins = ("https://shop.test", "http://LOCALHOST:3000", "https://bücher.test:443")
    assert judged_at("https://app.test", target, *origins) == emitted
    assert safe_next(target, iter(origins)) == emitted


@pytest.mark.parametrize(
    "origin",
    [
        *["shop.test", "//shop.test", "https:shop.test", "https://", "https://shop.test/", "null"],
        *["https://shop.test/path", "https://*.shop.test", "https://a@shop.test", "", "*"],
        *[
            "ftp://shop.test",
            "https://shop.test:",
            "https://shop.test:0",
            "https://shop.test:65536",
        ],
        *["https://shop.test:x", "https://shop.test?", " https://shop.test", "https://straße.test"],
    ],
)
def test_what_is_no_origin_is_told_whatever_the_target(origin: str) -> None:
    for target in (None, "/a", "https://shop.test/a"):
        with pytest.raises(ValueError, match=r"is not an origin: write scheme and host"):
            safe_next(target, [origin])


def test_one_origin_in_place_of_a_list_is_told() -> None:
    with pytest.raises(TypeError, match=r"write \['https://shop.test'\]"):
        safe_next("/a", "https://shop.test")


def test_a_long_target_is_refused_before_and_after_encoding() -> None:
    longest = "/" + "a" * (MAX_LENGTH - 1)
    assert safe_next(longest) == longest
    assert safe_next(longest + "a") is None
    assert safe_next("/" + "ü" * (MAX_LENGTH // 6)) is not None
    assert safe_next("/" + "ü" * (MAX_LENGTH // 6 + 1)) is None


def test_a_huge_target_costs_nothing() -> None:
    started = process_time()
    assert safe_next("http://" + "ü." * 1_000_000) is None
    assert safe_next("/" + "\ufdfa" * 1_000_000) is None
    assert process_time() - started < 1


def test_werkzeug_has_nothing_left_to_change() -> None:
    target = "/wiki/Straße/[1]/{2}|3^4`5'6\"?q=\\ü'&r=[1]|{2}#/a/[1]?b=ü".replace(" ", "")
    emitted = safe_next(target)
    with APP.test_request_context():
        assert emitted is not None
        assert redirect(emitted).get_wsgi_headers(request.environ)["Location"] == emitted
    assert safe_next(emitted) == emitted
