"""Attacks HC, IN and RX on what the floor answers: caches, headers, sizes, hostile URLs."""

import ast
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse, create_environ, run_wsgi_app
from werkzeug.wrappers import Request

from flask_porter import LoginManager, login_required
from tests.login.vault import Vault, open_vault

SOURCE = Path(__file__).parents[2] / "src" / "flask_porter"


def site(*, hardened: bool) -> Vault:
    vault = open_vault(hardened=hardened)
    vault.manager.login_view = "/login-page"

    @vault.app.route("/secret", methods=["GET", "POST"])
    @login_required
    def secret() -> str:
        return "secret"

    @vault.app.get("/deep/<path:rest>")
    @login_required
    def deep(rest: str) -> str:
        return rest

    return vault


def raw(app: Flask, path: str = "/secret", **environ: Any) -> Any:
    # A test client of an older Werkzeug would decode a hostile host itself.
    sent = create_environ(path, environ_overrides=environ)
    return TestResponse(*run_wsgi_app(app, sent, buffered=True), request=Request(sent))


@pytest.mark.parametrize("hardened", [False, True])
def test_hc01_what_somebody_known_sees_is_not_kept_in_a_cache(hardened: bool) -> None:
    client = site(hardened=hardened).client()
    answers = [client.get("/login/1"), client.get("/secret"), client.get("/logout")]
    for answer in answers:
        assert (answer.headers.get("Cache-Control") == "no-store") is hardened
        assert "Cookie" in answer.vary


def test_hc01_a_refusal_is_not_kept_in_a_cache() -> None:
    response = site(hardened=True).client().get("/secret")
    assert response.headers["Cache-Control"] == "no-store"
    assert "Cookie" in response.vary


@pytest.mark.parametrize("hardened", [False, True])
@pytest.mark.parametrize(
    "text", ["a\r\nSet-Cookie: x=y", "a%0d%0aSet-Cookie: x=y", "a\nb", "a\x00b"]
)
def test_hc15_no_path_or_header_can_add_a_header(hardened: bool, text: str) -> None:
    app = site(hardened=hardened).app
    for response in (
        raw(app, PATH_INFO=f"/deep/{text}"),
        raw(app, QUERY_STRING=text),
        raw(app, HTTP_USER_AGENT=text, HTTP_X_FORWARDED_FOR=text),
        raw(app, HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=f"http://localhost/{text}"),
        raw(app, HTTP_ACCEPT=text),
    ):
        assert response.status_code < 500
        assert not any("x=y" in line for line in response.headers.getlist("Set-Cookie"))
        assert all("\n" not in value and "\r" not in value for _, value in response.headers)


@pytest.mark.parametrize("hardened", [False, True])
@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_COOKIE": "a=b; " * 200_000},
        {"HTTP_COOKIE": "session=" + "A" * 1_000_000},
        {"HTTP_COOKIE": "remember_token=" + "A." * 500_000},
        {"HTTP_AUTHORIZATION": "Bearer " + "x" * 1_000_000},
        {"HTTP_USER_AGENT": "x" * 1_000_000, "HTTP_X_FORWARDED_FOR": "1," * 500_000},
        {"HTTP_ACCEPT": "text/html;q=0.1," * 20_000},
        {f"HTTP_X_{number}": "x" * 8192 for number in range(100)},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_in10_huge_headers_are_an_answer_and_no_error(
    hardened: bool, environ: dict[str, str]
) -> None:
    response = raw(site(hardened=hardened).app, **environ)
    assert response.status_code in {302, 400, 401, 413, 431}


def test_in14_nothing_is_unpickled_or_evaluated() -> None:
    dangerous = {"pickle", "marshal", "shelve", "yaml", "subprocess"}
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                assert not dangerous & {each.name for each in node.names}, file
            if isinstance(node, ast.ImportFrom):
                assert node.module not in dangerous, file
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in {"eval", "exec", "compile"}, file


def next_of(location: str) -> str | None:
    return parse_qs(urlsplit(location).query).get("next", [None])[0]


def test_rx05_a_referer_is_never_where_somebody_is_sent() -> None:
    for hardened in (False, True):
        response = raw(site(hardened=hardened).app, HTTP_REFERER="https://evil.test/")
        assert "evil" not in response.headers["Location"]


@pytest.mark.parametrize("hardened", [False, True])
@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_HOST": "evil.test"},
        {"HTTP_X_FORWARDED_HOST": "evil.test"},
        {"HTTP_FORWARDED": "host=evil.test"},
        {"HTTP_HOST": "evil.test:x"},
        {"HTTP_HOST": "["},
    ],
)
def test_rx06_a_forged_host_is_nowhere_in_the_redirect(
    hardened: bool, environ: dict[str, str]
) -> None:
    response = raw(site(hardened=hardened).app, **environ)
    assert response.status_code in {302, 400}
    assert "evil" not in response.headers.get("Location", "")


@pytest.mark.parametrize("path", ["//evil.test/x", "///evil.test", "/%2fevil.test", "/\\evil.test"])
def test_rx08_next_never_starts_like_a_host(path: str) -> None:
    app = Flask("catch-all")
    app.secret_key = "any"
    app.url_map.merge_slashes = False
    manager: LoginManager[Any] = LoginManager(app)
    manager.user_loader(lambda user_id: None)
    manager.login_view = "/login"

    @app.get("/<path:rest>")
    @login_required
    def anything(rest: str) -> str:
        return rest

    for hardened in (False, True):
        manager.hardened = hardened
        response = raw(app, PATH_INFO=path)
        if response.status_code == 302:
            target = next_of(response.headers["Location"]) or ""
            assert not target.startswith(("//", "/\\"))


@pytest.mark.parametrize(("hardened", "has_next"), [(False, True), (True, False)])
def test_only_what_can_be_asked_for_again_becomes_next(hardened: bool, has_next: bool) -> None:
    response = site(hardened=hardened).client().post("/secret")
    assert (next_of(response.headers["Location"]) is not None) is has_next


@pytest.mark.parametrize(("hardened", "is_short"), [(False, False), (True, True)])
def test_rx11_a_huge_next_is_left_out(hardened: bool, is_short: bool) -> None:
    response = site(hardened=hardened).client().get("/deep/" + "x" * 100_000)
    assert (len(response.headers["Location"]) + len(response.data) < 8192) is is_short


def test_rx16_a_post_is_not_sent_again_to_the_log_in_page() -> None:
    for hardened in (False, True):
        assert site(hardened=hardened).client().post("/secret").status_code in {302, 303}
