"""Promises of `flask_porter.login.redirects`, beside those that Flask-Login makes too."""

from __future__ import annotations

import pytest
from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_porter.login.redirects import (
    expand_login_view,
    login_url,
    make_next_param,
    next_target,
)
from flask_porter.login.safe_next import safe_next


@pytest.fixture
def app() -> Flask:
    """An app without a secret key: none is needed to make a URL."""
    app = Flask("redirects")
    app.add_url_rule("/login", "login", lambda: "")
    return app


@pytest.mark.parametrize(
    ("login", "current", "expected"),
    [
        ("/login", "http://localhost/profile", "/profile"),
        ("https://localhost/login", "http://localhost/profile", "http://localhost/profile"),
        ("http://accounts.localhost/login", "http://localhost/p", "http://localhost/p"),
        ("//localhost/login", "http://localhost/p?a=#b", "/p?a="),
    ],
)
def test_next_is_shortened_on_the_same_site_only(login: str, current: str, expected: str) -> None:
    assert make_next_param(login, current) == expected


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        ("http://localhost//evil.test/x", "/evil.test/x"),
        ("http://localhost////evil.test", "/evil.test"),
        ("http://localhost/\\evil.test", "/%5Cevil.test"),
        ("http://localhost/\\/a\\b?q=\\", "/%5C/a%5Cb?q=\\"),
    ],
)
def test_next_never_starts_like_a_host(current: str, expected: str) -> None:
    assert make_next_param("/login", current) == expected


def test_a_path_without_next_needs_no_context() -> None:
    assert login_url("/login") == "/login"
    assert expand_login_view("http://auth.test/login") == "http://auth.test/login"


def test_a_view_needs_an_app_context_only(app: Flask) -> None:
    app.config["SERVER_NAME"] = "app.test"
    with app.app_context():
        assert expand_login_view("login") == "http://app.test/login"


@pytest.mark.parametrize(
    ("view", "next_url", "expected"),
    [
        ("login", "http://localhost/protected", "/login?next=%2Fprotected"),
        ("/login?affil=cgnu&x=", "/protected", "/login?affil=cgnu&x=&next=%2Fprotected"),
        ("/login?next=a&b=1&next=c#d", "/e", "/login?next=%2Fe&b=1#d"),
        ("https://auth.test/in", "http://a/b", "https://auth.test/in?next=http%3A%2F%2Fa%2Fb"),
    ],
)
def test_next_joins_the_query(app: Flask, view: str, next_url: str, expected: str) -> None:
    with app.test_request_context():
        assert login_url(view, next_url) == expected


def test_a_forced_host_is_read_when_it_is_used(app: Flask) -> None:
    with app.test_request_context():
        assert login_url("/login", "/secret", "n") == "/login?n=%2Fsecret"
        app.config["FORCE_HOST_FOR_REDIRECTS"] = "good.com"
        assert login_url("/login", "/secret") == "//good.com/login?next=%2Fsecret"
        assert login_url("/login") == "/login"


@pytest.mark.parametrize(
    "prefix", ["//evil.test", "/\\evil.test", "/\t/evil.test", "http://evil.test", "///evil.test"]
)
def test_a_prefix_that_a_visitor_made_up_is_not_where_one_logs_in(app: Flask, prefix: str) -> None:
    app.add_url_rule("/secret", "secret", lambda: login_url("login", request.url))
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    answer = app.test_client().get("/secret", headers={"X-Forwarded-Prefix": prefix})
    assert answer.text.startswith("/")
    assert answer.text[1] not in "/\\\t"
    assert "%2F%2Fevil" not in answer.text.partition("next=")[2][:12]


@pytest.mark.parametrize("prefix", ["/app", "/app/v1", "/ä", "/app/"])
def test_an_honest_prefix_is_kept(app: Flask, prefix: str) -> None:
    app.add_url_rule("/secret", "secret", lambda: login_url("login"))
    answer = app.test_client().get("/secret", base_url=f"http://app.test{prefix}")
    assert answer.text.startswith(prefix[:2]) or answer.text.startswith("/%C3%A4")
    assert answer.text.endswith("/login")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_asked_for_becomes_next(app: Flask, method: str) -> None:
    for hardened in (False, True):
        with app.test_request_context("/a?b=1", method=method) as context:
            assert next_target(context.request, hardened=hardened) == "http://localhost/a?b=1"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
def test_what_is_sent_becomes_next_only_where_nothing_is_hardened(app: Flask, method: str) -> None:
    with app.test_request_context("/a", method=method) as context:
        assert next_target(context.request, hardened=True) is None
        assert next_target(context.request, hardened=False) == "http://localhost/a"


# The first is "straße.test" as browsers write it; Python's IDNA 2003 codec reads neither.
@pytest.mark.parametrize("host", ["xn--strae-oqa.test", "xn--strae-oqa.test:8080", "xn--a.test"])
def test_a_host_that_python_cannot_decode_is_no_error(app: Flask, host: str) -> None:
    environ = {
        "HTTP_HOST": host,
        "SCRIPT_NAME": "/r",
        "PATH_INFO": "/ü b".encode().decode("latin-1"),
        "QUERY_STRING": "q=%C3%BC\\",
    }
    with app.test_request_context(environ_overrides=environ) as context:
        target = next_target(context.request, hardened=True)
        assert target is not None
        assert target.startswith(f"http://{host}/r/")
        assert safe_next(target) == "/r/%C3%BC%20b?q=%C3%BC%5C"
        assert safe_next(make_next_param("/login", target)) == "/r/%C3%BC%20b?q=%C3%BC%5C"
    with app.test_request_context("/a", base_url=f"http://{host}") as context:
        assert next_target(context.request, hardened=True) == f"http://{host}/a"


@pytest.mark.parametrize("host", ["[", "[::1", "a]b", "app.test:x", "app.test:99999", "xn--é", ""])
def test_no_host_whatever_is_an_error(app: Flask, host: str) -> None:
    for method, path in (("GET", "/"), ("POST", "/?a=b")):
        overrides = {"HTTP_HOST": host, "PATH_INFO": path}
        with app.test_request_context(method=method, environ_overrides=overrides) as context:
            target = next_target(context.request, hardened=False)
            assert target is not None
            assert login_url("/login", target).startswith("/login?next=")
