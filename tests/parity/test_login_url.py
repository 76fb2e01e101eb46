"""URLs of the log-in page: `login_url`, `make_next_param`, `expand_login_view`."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

PROTECTED = "http://localhost/protected"


@pytest.fixture
def keyless(library: ModuleType) -> Flask:
    """An app without a secret key: none is needed to make a URL."""
    app = Flask("keyless")
    library.LoginManager(app)
    app.add_url_rule("/login", "login", lambda: "")
    return app


@pytest.mark.parametrize(
    ("login_url", "current_url", "expected"),
    [
        ("/login", "http://localhost/profile", "/profile"),
        ("http://localhost/login", "http://localhost/profile", "/profile"),
        ("//localhost/login", "http://localhost/profile", "/profile"),
        ("https://localhost/login", "http://localhost/profile", "http://localhost/profile"),
        ("http://accounts.localhost/login", "http://localhost/profile", "http://localhost/profile"),
        ("http://localhost:5000/login", "http://localhost/profile", "http://localhost/profile"),
        ("/login", "http://localhost/profile?a=1&b=", "/profile?a=1&b="),
        ("/login", "http://localhost/profile#part", "/profile"),
        ("/login", "/profile", "/profile"),
        ("/login", "http://localhost", ""),
    ],
)
def test_next_is_shortened_on_the_same_site_only(
    library: ModuleType, login_url: str, current_url: str, expected: str
) -> None:
    assert library.make_next_param(login_url, current_url) == expected


@pytest.mark.parametrize("view", ["http://x.example/in", "https://x.example/in", "/in", "/"])
def test_a_url_is_its_own_expansion_outside_any_context(
    submodule: Callable[[str], Any], view: str
) -> None:
    assert submodule("utils").expand_login_view(view) == view


def test_any_other_view_is_the_name_of_an_endpoint(
    keyless: Flask, submodule: Callable[[str], Any]
) -> None:
    with keyless.test_request_context():
        assert submodule("utils").expand_login_view("login") == "/login"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("/login", PROTECTED), "/login?next=%2Fprotected"),
        (("/login", PROTECTED, "n"), "/login?n=%2Fprotected"),
        (("login", "/protected"), "/login?next=%2Fprotected"),
        (
            ("https://auth.localhost/login", PROTECTED),
            "https://auth.localhost/login?next=http%3A%2F%2Flocalhost%2Fprotected",
        ),
        (("/login?affil=cgnu", PROTECTED), "/login?affil=cgnu&next=%2Fprotected"),
        (("/login?affil=", PROTECTED), "/login?affil=&next=%2Fprotected"),
        (("/login?a=1&a=2", PROTECTED), "/login?a=1&a=2&next=%2Fprotected"),
        (("/login?next=old&a=1", PROTECTED), "/login?next=%2Fprotected&a=1"),
        (("/login#part", PROTECTED), "/login?next=%2Fprotected#part"),
        (("/login", "http://localhost/a b?c=é"), "/login?next=%2Fa+b%3Fc%3D%C3%A9"),
        (("/login", ""), "/login?next="),
    ],
)
def test_next_joins_the_query(
    keyless: Flask, library: ModuleType, arguments: tuple[str, ...], expected: str
) -> None:
    with keyless.test_request_context():
        assert library.login_url(*arguments) == expected


def test_the_arguments_have_names(keyless: Flask, library: ModuleType) -> None:
    with keyless.app_context():
        url = library.login_url(login_view="/login", next_url="/protected", next_field="n")
    assert url == "/login?n=%2Fprotected"


def test_a_literal_path_without_next_needs_no_context(library: ModuleType) -> None:
    assert library.login_url("/login") == "/login"
    assert library.login_url("/login?a=1") == "/login?a=1"


def test_a_view_name_without_next_is_expanded(keyless: Flask, library: ModuleType) -> None:
    with keyless.test_request_context():
        assert library.login_url("login") == "/login"


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("/login", "//good.com/login?next=%2Fsecret"),
        ("https://evil.com/login", "https://good.com/login?next=%2Fsecret"),
    ],
)
def test_a_forced_host_replaces_the_host(
    keyless: Flask, library: ModuleType, view: str, expected: str
) -> None:
    keyless.config["FORCE_HOST_FOR_REDIRECTS"] = "good.com"
    with keyless.app_context():
        assert library.login_url(view, "/secret") == expected


def test_a_forced_host_counts_only_with_next(keyless: Flask, library: ModuleType) -> None:
    keyless.config["FORCE_HOST_FOR_REDIRECTS"] = "good.com"
    with keyless.app_context():
        assert library.login_url("/login") == "/login"
