"""Tests that the browser is watched: what goes wrong in a page fails its test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import BrowserContext, Page

from tests.services.page_errors import PageErrors


def app_with(body: str) -> Flask:
    app = Flask(__name__)
    icon = '<link rel="icon" href="data:,">'
    app.add_url_rule("/", view_func=lambda: f"<!doctype html><title>t</title>{icon}{body}")
    return app


def complaints_about(page: Page, url: str, errors: PageErrors) -> list[str]:
    page.goto(url)
    page.wait_for_load_state("networkidle")
    complaints = errors.complaints()
    errors.seen.clear()
    return complaints


def test_a_quiet_page_passes(
    page: Page, page_errors: PageErrors, serve: Callable[..., str]
) -> None:
    page.goto(serve(app_with("<p>quiet</p>")))
    assert page.text_content("p") == "quiet"
    assert page_errors.seen == []


def test_a_console_error_is_noted(
    page: Page, page_errors: PageErrors, serve: Callable[..., str]
) -> None:
    url = serve(app_with("<script>console.error('wrong turn')</script>"))
    (complaint,) = complaints_about(page, url, page_errors)
    assert "wrong turn" in complaint


def test_an_uncaught_exception_is_noted(
    page: Page, page_errors: PageErrors, serve: Callable[..., str]
) -> None:
    url = serve(app_with("<script>throw new Error('fell over')</script>"))
    assert any("fell over" in text for text in complaints_about(page, url, page_errors))


def test_a_failed_request_is_noted(
    page: Page, page_errors: PageErrors, serve: Callable[..., str]
) -> None:
    url = serve(app_with('<img alt="" src="http://127.0.0.1:9/nobody">'))
    assert any("request: GET" in text for text in complaints_about(page, url, page_errors))


def test_a_missing_file_is_noted(
    page: Page, page_errors: PageErrors, serve: Callable[..., str]
) -> None:
    url = serve(app_with('<img alt="" src="/missing.png">'))
    assert any("404" in text for text in complaints_about(page, url, page_errors))


def test_an_expected_error_passes_and_must_come(page_errors: PageErrors) -> None:
    errors = PageErrors()
    errors.expect("401")
    assert errors.complaints() == ["expected an error with '401', none came"]
    errors.seen.append("console: 401 (UNAUTHORIZED)")
    assert errors.complaints() == []
    errors.seen.append("console: 500")
    assert errors.complaints() == ["console: 500"]


def test_a_profile_keeps_long_cookies_across_a_restart(
    new_profile: Callable[..., BrowserContext], serve: Callable[..., str], tmp_path: Path
) -> None:
    url = serve(app_with("<p>hello</p>"))
    first = new_profile(tmp_path / "profile")
    page = first.new_page()
    page.goto(url)
    page.evaluate("document.cookie = 'brief=1'; document.cookie = 'kept=1; max-age=600'")
    first.close()

    second = new_profile(tmp_path / "profile")
    names = {cookie.get("name") for cookie in second.cookies(url)}
    assert names == {"kept"}


@pytest.fixture
def pause_at_the_end() -> Iterator[None]:
    """Give what a test has closed by then the time to be missed by a page still open."""
    yield
    time.sleep(0.3)


@pytest.mark.usefixtures("new_context", "pause_at_the_end", "serve")
def test_windows_close_before_their_server(
    new_context: Callable[..., BrowserContext], serve: Callable[..., str]
) -> None:
    app = app_with("<script>setInterval(() => fetch('/').catch(() => 0), 5)</script>")
    app.after_request(_without_keep_alive)
    new_context().new_page().goto(serve(app))


def _without_keep_alive(response: Response) -> Response:
    response.headers["Connection"] = "close"
    return response
