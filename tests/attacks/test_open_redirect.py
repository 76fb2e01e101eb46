"""Attack: a `next` that takes the visitor who has just logged in to somebody else's site."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import pytest
from flask import Flask, render_template_string, request
from werkzeug.test import create_environ, run_wsgi_app

from flask_porter.login.manager import LoginManager
from flask_porter.login.safe_next import MAX_LENGTH, safe_next
from tests.attacks.redirecting import ATTACKS, Site, faults, make_app, sites
from tests.attacks.whatwg import Judge

VALUES = [attack.value for attack in ATTACKS]
SITES = list(sites(safe_next))

LEGITIMATE = [
    "/",
    "/account",
    "/account/",
    "/a/b/c%20d",
    "/s?u=https://other.test/",
    "/s?u=//other.test/&v=\\\\other.test",
    "/p/a:b",
    "/p?q=a\\b",
    "/p?q=%0D%0A",
    "/p?q=1+1&r=50%",
    "/p?a=1&b=2&a=3#part-2",
    "/p#/route?of=a&script=1",
    "/p?",
    "/p#",
    "/.well-known/change-password",
    "/a...b/..c/d..",
    "/~someone/(a);v=1,2/it's!*$&=@",
    "/wiki/Straße",
    "/wiki/čeština/naïve",
    "/wiki/東京?q=東京　タワー#概要",
    "/wiki/می‌خواهم",
    "/wiki/👩‍🚀",
    "/wiki/½/100%20%",
    "/wiki/%E6%9D%B1%E4%BA%AC",
    "/caf%E9",
    "/files/a%2Fb%5Cc",
    "/web/2026/https://other.test/page",
    "/feeds/https%3A%2F%2Fother.test%2Frss",
    "/100%",
    '/a|b^c`d{e}"f<g>h[i]',
    "/" + "a" * (MAX_LENGTH - 1),
]


def naive(target: object) -> str | None:
    """The check of a popular tutorial."""
    if not isinstance(target, str) or urlparse(target).netloc != "":
        return None
    return target


@pytest.mark.parametrize("name", SITES)
def test_no_string_of_the_catalogue_leaves_the_site(name: str, judge: Judge) -> None:
    assert faults(sites(safe_next)[name], VALUES, judge) == []


@pytest.mark.parametrize("name", ["http", "https port", "proxy with prefix"])
def test_the_same_test_sees_a_naive_check_leave_the_site(name: str, judge: Judge) -> None:
    found = faults(sites(naive)[name], VALUES, judge)
    assert len({fault.target for fault in found if fault.why.startswith("leaves")}) > 10
    assert any(fault.why.startswith("leaves by '//") for fault in found)
    assert any(fault.why == "status 500" for fault in found)


def reached(site: Site, target: str, judge: Judge) -> tuple[str | None, str | None]:
    """Return where the browser arrives, and where it would have if sent to `target` unchecked."""
    answer = next(site.answers(target))
    page = f"{site.address}/login"
    places = judge.places([answer.headers["Location"], target], page)
    arrived, wanted = (place.spelled if place else None for place in places)
    return arrived, wanted


@pytest.mark.parametrize("name", SITES)
def test_the_catalogue_is_refused_where_it_says_so(name: str, judge: Judge) -> None:
    site = sites(safe_next)[name]
    for attack in ATTACKS:
        arrived, wanted = reached(site, attack.value, judge)
        if attack.must_be_refused:
            assert arrived == f"{site.address}/", attack.id
        elif attack.must_be_accepted:
            assert arrived == wanted, attack.id


@pytest.mark.parametrize("name", SITES)
def test_legitimate_targets_arrive_where_they_point(name: str, judge: Judge) -> None:
    site = sites(safe_next)[name]
    own = f"{site.address}/wiki/東京?a=1#b"
    for target in [*LEGITIMATE, own, f"{site.address.upper()}?a=1", f"{site.address}#b"]:
        arrived, wanted = reached(site, target, judge)
        assert arrived == wanted


def test_the_judge_reads_the_catalogue_as_it_was_recorded(judge: Judge) -> None:
    for scheme in ("http", "https"):
        places = judge.places(VALUES, f"{scheme}://app.test/login")
        for attack, place in zip(ATTACKS, places, strict=True):
            if place is None:
                verdict = "invalid URL"
            elif place.protocol not in ("http:", "https:"):
                verdict = f"scheme {place.protocol}"
            elif place.origin == f"{scheme}://app.test":
                verdict = "same-origin"
            else:
                verdict = f"off: {place.origin}"
            assert verdict == getattr(attack, f"from_{scheme}"), attack.id


@pytest.mark.parametrize("name", SITES)
def test_what_passes_stays_here_when_it_is_followed_through_the_app(
    name: str, judge: Judge
) -> None:
    """The app adds and merges slashes, below a prefix that others take away."""
    site = sites(safe_next)[name]
    page = f"{site.address}/login"
    followed = 0
    for target in [*VALUES, *LEGITIMATE]:
        location = safe_next(f"{site.prefix}{target}")
        while location is not None:
            place, home = judge.places([location, "/"], page)
            assert place is not None
            assert home is not None
            assert place.origin == home.origin, target
            location = site.follow(place.pathname)
            followed += 1
    assert followed > len(LEGITIMATE)


def guarded() -> Flask:
    """Return an app that sends whoever asks for any page to log in."""
    app = Flask("guarded")
    app.secret_key = "guarded"
    manager = LoginManager[Any](app)
    manager.login_view = "login"
    app.add_url_rule("/login", "login", lambda: "")
    app.register_error_handler(404, lambda error: manager.unauthorized())
    return app


@pytest.mark.parametrize(
    "host", ["xn--strae-oqa.test", "xn--a.test", "[", "[::1", "a]b", "app.test:x", "a@b", "a/b", ""]
)
def test_no_host_makes_the_way_to_log_in_an_error(host: str) -> None:
    # A test client would decode the host itself.
    environ = create_environ("/secret", environ_overrides={"HTTP_HOST": host})
    _body, status, headers = run_wsgi_app(guarded(), environ)
    assert status[:3] in ("302", "303", "400")
    assert headers.get("Location", "/login?").startswith("/login?")


@pytest.mark.parametrize(
    "path",
    [
        "//evil.test/x",
        "///evil.test",
        "/\\evil.test",
        "/\\/evil.test",
        "/\t/evil.test",
        "/..//evil.test",
    ],
)
def test_no_path_makes_the_way_to_log_in_name_another_host(path: str, judge: Judge) -> None:
    answer = guarded().test_client().get("/", environ_overrides={"PATH_INFO": path})
    place = judge.place(answer.headers["Location"], "http://localhost/")
    assert place is not None
    assert (place.origin, place.pathname) == ("http://localhost", "/login")
    wanted = parse_qs(place.search[1:])["next"][0]
    there = judge.place(wanted, "http://localhost/login")
    assert there is not None
    assert there.origin == "http://localhost"


def test_a_host_that_the_visitor_made_up_is_never_in_a_redirect() -> None:
    client = make_app(safe_next).test_client()
    for target in ("http://evil.test/x", "https://evil.test/x", "//evil.test/x"):
        for headers in (
            {"Host": "evil.test"},
            {"X-Forwarded-Host": "evil.test"},
            {"Forwarded": "host=evil.test"},
            {"Referer": "https://evil.test/"},
        ):
            answer = client.get("/login", query_string={"next": target}, headers=headers)
            assert answer.headers["Location"] in ("/", "/x")


def test_a_next_of_any_length_gets_a_short_answer() -> None:
    client = make_app(safe_next).test_client()
    nested = "/login"
    for _ in range(50):
        nested = "/login?" + urlencode({"next": nested})[:200_000]
    for target in (nested, "/" + "a" * 100_000, "/" + "東" * MAX_LENGTH, "/" + "a" * 2_000):
        answer = client.post("/login", data={"next": target})
        assert answer.status_code in (302, 303)
        assert len(answer.data) + len(str(answer.headers)) < 8_000


@pytest.mark.parametrize(
    "value",
    ["\ud800", "/\ud800", "/a?\udfff", "/#\ud800\udc00", 1, 1.5, True, None, [], ["/x"], {}],
)
def test_no_json_value_is_an_error(value: object) -> None:
    answer = make_app(safe_next).test_client().post("/login.json", json={"next": value})
    assert answer.status_code in (302, 303)
    assert answer.headers["Location"].isascii()


def test_what_passed_is_judged_again_when_it_is_used() -> None:
    allowed = ["https://shop.test"]
    client = make_app(lambda target: safe_next(target, allowed)).test_client()
    stored = {"next": "https://shop.test/cart"}
    client.get("/start", query_string=stored)
    assert client.get("/finish").headers["Location"] == "https://shop.test/cart"
    client.get("/start", query_string=stored)
    allowed.clear()
    assert client.get("/finish").headers["Location"] == "/"


def test_a_cancel_link_never_holds_a_script() -> None:
    app = make_app(safe_next)

    @app.get("/cancel")
    def cancel() -> str:
        link = safe_next(request.args["next"]) or "/"
        return render_template_string("<a href='{{ link }}'>Cancel</a>", link=link)

    client = app.test_client()
    assert client.get("/cancel?next=javascript:alert(1)").text == "<a href='/'>Cancel</a>"
    answer = client.get("/cancel", query_string={"next": "/'onclick='alert(1)\"><script>"})
    assert answer.text.count("'") == 2
    assert answer.text.count("<") == 2
