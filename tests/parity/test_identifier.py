"""The text that stands for a client in session protection."""

from collections.abc import Callable
from hashlib import sha512
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

RELEASED = (
    "8ea538957e626c21c713927f1b3af5716a0740f814e29fc18fa337b817bd5d49"
    "d23930dd35d8a9205a442efc8aea0c9dc9e03e561ce24cca405dab11d8fcd4e4"
)
MAIN = (
    "71dc221b30f010587f39a2932bce57311852fe69ac7f57942ac088a902d22842"
    "137c74f39e38696391986fbe1af6b35f042f2aeed3dcd1cbffe1e119d497320e"
)
Environ = dict[str, str]

CASES: list[tuple[Environ, str, str]] = [
    ({"REMOTE_ADDR": "1.2.3.4", "HTTP_USER_AGENT": "UA"}, "b'1.2.3.4'|b'UA'", "1.2.3.4|UA"),
    ({"REMOTE_ADDR": "1.2.3.4"}, "b'1.2.3.4'|None", "1.2.3.4|"),
    ({"REMOTE_ADDR": "1.2.3.4", "HTTP_USER_AGENT": ""}, "b'1.2.3.4'|b''", "1.2.3.4|"),
    ({"HTTP_USER_AGENT": "UA"}, "None|b'UA'", "None|UA"),
    ({}, "None|None", "None|"),
    ({"REMOTE_ADDR": "::1", "HTTP_USER_AGENT": "it's"}, "b'::1'|b\"it's\"", "::1|it's"),
    ({"REMOTE_ADDR": "::1", "HTTP_USER_AGENT": "é"}, "b'::1'|b'\\xc3\\xa9'", "::1|é"),
    (
        {"REMOTE_ADDR": "1.2.3.4", "HTTP_X_FORWARDED_FOR": "9.9.9.9", "HTTP_USER_AGENT": "UA"},
        "b'9.9.9.9'|b'UA'",
        "1.2.3.4|UA",
    ),
    (
        {"REMOTE_ADDR": "1.2.3.4", "HTTP_X_FORWARDED_FOR": " 9.9.9.9 , 8.8.8.8"},
        "b'9.9.9.9'|None",
        "1.2.3.4|",
    ),
    ({"REMOTE_ADDR": "1.2.3.4", "HTTP_X_FORWARDED_FOR": ""}, "b''|None", "1.2.3.4|"),
    ({"REMOTE_ADDR": "1.2.3.4", "HTTP_X_FORWARDED_FOR": ",8.8.8.8"}, "b''|None", "1.2.3.4|"),
]


def digest(text: str) -> str:
    return sha512(text.encode()).hexdigest()


def identify(app: Flask, environ: Environ, submodule: Callable[[str], Any]) -> str:
    everything = {"REQUEST_METHOD": "GET", "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    request = everything | {"wsgi.url_scheme": "http", "PATH_INFO": "/"} | environ
    with app.request_context(request):
        return str(submodule("utils")._create_identifier())


def test_the_published_vectors_are_what_they_say() -> None:
    assert digest("b'1.2.3.4'|b'UA'") == RELEASED
    assert digest("1.2.3.4|UA") == MAIN


@pytest.mark.parametrize(("environ", "released", "main"), CASES)
def test_the_released_form_is_written(
    app: Flask, submodule: Callable[[str], Any], environ: Environ, released: str, main: str
) -> None:
    assert identify(app, environ, submodule) == digest(released)


@pytest.mark.ours_only("0.6.3 knows its own form only")
@pytest.mark.parametrize("setting", ["main", None])
@pytest.mark.parametrize(("environ", "released", "main"), CASES)
def test_the_form_of_the_main_branch_is_a_setting(
    app: Flask,
    manager: Any,
    submodule: Callable[[str], Any],
    setting: str | None,
    environ: Environ,
    released: str,
    main: str,
) -> None:
    manager.legacy_identifier = setting
    assert identify(app, environ, submodule) == digest(main)


def test_the_manager_asks_the_generator_it_holds(
    app: Flask, library: ModuleType, manager: Any, members: dict[str, Any]
) -> None:
    client = app.test_client()
    manager._session_identifier_generator = lambda: "yesterday"
    client.get("/login?id=1")
    assert client.get("/who").text == "Ada"
    assert client.get("/fresh").text == "True"
    manager._session_identifier_generator = lambda: "today"
    assert client.get("/who").text == "Ada"
    assert client.get("/fresh").text == "False"


def test_calling_the_generator_gives_what_a_login_stores(
    app: Flask, manager: Any, submodule: Callable[[str], Any]
) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": "1.2.3.4"}):
        assert manager._session_identifier_generator() == submodule("utils")._create_identifier()


FORWARDED = "X-Forwarded-For"


@pytest.mark.parametrize(
    ("first", "second", "who"),
    [
        ("10.1.1.1", "10.1.1.1", "Ada"),
        ("10.1.1.1", "10.1.1.1, 10.1.1.2", "Ada"),
        ("10.1.1.1, 10.1.1.2", "10.1.1.1, 10.1.1.3", "Ada"),
        ("10.1.1.1", "10.1.1.2", "nobody"),
        ("10.1.1.1, 10.1.1.2", "10.1.1.2, 10.1.1.1", "nobody"),
    ],
)
def test_only_the_first_forwarded_address_counts_in_strong_protection(
    app: Flask, library: ModuleType, first: str, second: str, who: str
) -> None:
    app.config["SESSION_PROTECTION"] = "strong"
    client = app.test_client()
    client.get("/login?id=1", headers={FORWARDED: first})
    assert client.get("/who", headers={FORWARDED: second}).text == who
