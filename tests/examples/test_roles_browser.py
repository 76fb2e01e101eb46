"""Tests of the example `roles` by people with browsers: every trouble, tried and solved."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from flask_porter.login import timeouts
from tests.examples.night_desk import ADA, ALAN, GRACE, night_desk, password_of
from tests.services.page_errors import PageErrors
from tests.services.serving import serving

PAGES = ["/", "/troubles/stranger", "/troubles/expiry", "/troubles/fresh", "/troubles/programs"]
FOR_ALAN = ["/newsroom", "/staff", "/editors", "/people", "/account/password", "/prove"]
NARROW: ViewportSize = {"width": 320, "height": 640}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with night_desk(tmp_path, SHARED_IDLE_SECONDS=4) as app:
        yield app


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def open_browser(url: str, new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Return a function that opens a browser with cookies of its own."""
    return lambda **options: new_context(base_url=url, **options).new_page()


@pytest.fixture
def page(open_browser: Callable[..., Page]) -> Page:
    return open_browser()


def log_in(page: Page, app: Flask, email: str = ADA) -> None:
    if "/log-in" not in page.url:
        page.goto("/log-in")
    page.fill("#email", email)
    page.fill("#password", password_of(app, email))
    page.click("main button")
    expect(page.locator("header nav")).to_contain_text("Log out")


def type_password(page: Page, app: Flask, email: str = ADA) -> None:
    page.fill("#password", password_of(app, email))
    page.click("main button")


def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Move the clock by which log-ins age; the browser's stays."""
    now = timeouts._now
    monkeypatch.setattr(timeouts, "_now", lambda: now() + seconds)


def test_one_logs_in_and_out_by_script(page: Page, app: Flask, page_errors: PageErrors) -> None:
    page_errors.expect("status of 401", "status of 422")
    page.goto("/")
    page.click("main button")
    expect(page.locator("#email-error")).to_have_text("Fill this in.")
    expect(page.locator("#email")).to_be_focused()
    page.fill("#email", ADA)
    page.fill("#password", "wrong")
    page.click("main button")
    expect(page.locator("#messages")).to_have_text("Wrong e-mail or password.")
    expect(page.locator("#email-error")).to_be_empty()
    type_password(page, app)
    expect(page.locator("h1")).to_have_text("Good evening, Ada.")
    page.click("nav >> text=Log out")
    expect(page.locator("h1")).to_have_text("Good evening, stranger.")
    expect(page.locator("#messages")).to_have_text("You are logged out.")


def test_the_token_goes_in_a_header_and_a_page_out_of_date_says_so(
    page: Page, app: Flask, page_errors: PageErrors
) -> None:
    page_errors.expect("status of 400")
    with page.expect_request("**/session") as sent:
        log_in(page, app)
    assert sent.value.headers["x-csrftoken"]
    assert sent.value.headers["content-type"] == "application/json"
    # What is changed on the page before would be gone with it.
    expect(page.locator("header nav")).to_contain_text("Log out")
    page.wait_for_load_state("load")
    page.evaluate("document.querySelector('meta[name=csrf-token]').content = 'old'")
    page.click("nav >> text=Log out")
    expect(page.locator("#messages")).to_contain_text("This page is out of date.")
    page.reload()
    expect(page.locator("header nav")).to_contain_text("Log out")


def test_the_navigation_shows_what_ones_role_opens(
    open_browser: Callable[..., Page], app: Flask, page_errors: PageErrors
) -> None:
    page_errors.expect("status of 403")
    for email, opened in [(ADA, 1), (GRACE, 3), (ALAN, 4)]:
        page = open_browser()
        log_in(page, app, email)
        expect(page.locator(".list .state", has_text="open")).to_have_count(opened)
    page.click("nav >> text=People")
    expect(page.locator("table")).to_contain_text(GRACE)
    page.click("nav >> text=Log out")
    page.wait_for_url("**/")
    log_in(page, app, ADA)
    page.goto("/people")
    expect(page.locator("h1")).to_have_text("403 Forbidden")


def test_trouble_1_a_person_is_redirected_and_a_script_gets_json(
    page: Page, app: Flask, page_errors: PageErrors
) -> None:
    page_errors.expect("status of 401")
    page.goto("/troubles/stranger")
    page.click("text=Ask for it as a script")
    answer = page.locator("#script-answer")
    expect(answer).to_contain_text("401")
    expect(answer).to_contain_text('"error": "log_in_required"')
    page.click("text=Open the newsroom as a person")
    expect(page).to_have_url(re.compile("/log-in\\?next=%2Fnewsroom$"))
    expect(page.locator("#messages")).to_have_text("Please log in to open this page.")
    log_in(page, app)
    expect(page.locator("h1")).to_have_text("Newsroom")
    page.goto("/troubles/stranger")
    page.click("text=Ask for it as a script")
    expect(page.locator("#script-answer")).to_contain_text("200")


def test_trouble_2_an_expired_log_in_says_so_and_leads_back(page: Page, app: Flask) -> None:
    log_in(page, app)
    page.goto("/troubles/expiry")
    page.click("text=This is a shared computer")
    expect(page.locator("#countdown")).to_contain_text("the time is up")
    page.click("a.button >> text=Open the newsroom")
    expect(page).to_have_url(re.compile("/log-in\\?next=%2Fnewsroom$"))
    expect(page.locator("#messages")).to_contain_text("You were away for a while")
    log_in(page, app)
    expect(page.locator("h1")).to_have_text("Newsroom")
    expect(page.locator("#messages")).to_be_empty()


def test_trouble_2_a_script_on_an_open_page_is_told_too(
    page: Page, app: Flask, page_errors: PageErrors, monkeypatch: pytest.MonkeyPatch
) -> None:
    page_errors.expect("status of 401")
    log_in(page, app)
    page.goto("/troubles/fresh")
    later(monkeypatch, 1800)
    page.click("text=Log my other browsers out")
    expect(page.locator("#messages")).to_contain_text("You were away for a while")
    page.click("#messages >> text=Continue")
    log_in(page, app)
    expect(page).to_have_url(re.compile("/troubles/fresh$"))


def test_trouble_3_a_new_password_asks_and_logs_the_other_browser_out(
    open_browser: Callable[..., Page], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = open_browser(), open_browser()
    log_in(here, app)
    log_in(elsewhere, app)
    later(monkeypatch, 60)
    here.goto("/troubles/fresh")
    here.click("main >> text=Change password")
    expect(here).to_have_url(re.compile("/prove\\?next=%2Faccount%2Fpassword$"))
    expect(here.locator("#messages")).to_contain_text("enter your password again")
    type_password(here, app)
    expect(here.locator("h1")).to_have_text("Change password")
    here.fill("#password", "another long one")
    here.fill("#repeat", "another long one")
    here.click("main button")
    expect(here.locator("#messages")).to_contain_text("Your other browsers are logged out.")
    here.goto("/newsroom")
    expect(here.locator("h1")).to_have_text("Newsroom")

    elsewhere.goto("/newsroom")
    expect(elsewhere.locator("h1")).to_have_text("Log in")
    expect(elsewhere.locator("#messages")).to_contain_text("logged out from another browser")


def test_trouble_3_a_button_asks_for_the_password_and_then_works(
    open_browser: Callable[..., Page],
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    page_errors: PageErrors,
) -> None:
    page_errors.expect("status of 401")
    here, elsewhere = open_browser(), open_browser()
    log_in(here, app)
    log_in(elsewhere, app)
    later(monkeypatch, 60)
    here.goto("/troubles/fresh")
    here.click("text=Log my other browsers out")
    here.click("#messages >> text=Continue")
    type_password(here, app)
    expect(here).to_have_url(re.compile("/troubles/fresh$"))
    here.click("text=Log my other browsers out")
    expect(here.locator("#messages")).to_have_text("Your other browsers are logged out.")
    # A public page tells as well, and leads back.
    elsewhere.goto("/troubles/stranger")
    expect(elsewhere.locator("#messages")).to_contain_text("logged out from another browser")
    elsewhere.click("#messages >> text=Log in and come back here")
    log_in(elsewhere, app)
    expect(elsewhere).to_have_url(re.compile("/troubles/stranger$"))


def test_trouble_4_a_key_is_made_and_opens_the_api_without_cookies(
    page: Page, app: Flask, page_errors: PageErrors
) -> None:
    page_errors.expect("status of 401", "status of 403")
    log_in(page, app)
    page.goto("/troubles/programs")
    answer = page.locator("#program-answer")
    page.click("text=Ask as a program")
    expect(answer).to_contain_text("401")
    page.click("text=Make me a key")
    expect(page.locator("#key")).to_have_value(re.compile(r"^[0-9a-f]{16}\.\S{43}$"))
    for header in ["X-API-Key", "Authorization"]:
        page.select_option("#header", header)
        with page.expect_request("**/api/me") as asked:
            page.click("text=Ask as a program")
        assert "cookie" not in asked.value.all_headers()
        response = asked.value.response()
        assert response is not None
        assert "set-cookie" not in response.all_headers()
        expect(answer).to_contain_text(ADA)
    page.select_option("#url", "/api/people")
    page.click("text=Ask as a program")
    expect(answer).to_contain_text("403")
    page.fill("#key", "schlüssel\u2713")
    page.click("text=Ask as a program")
    page.select_option("#header", "X-API-Key")
    page.click("text=Ask as a program")
    expect(answer).to_contain_text("The browser cannot send this")


def test_all_of_it_works_with_the_keyboard_alone(page: Page, app: Flask) -> None:
    page.goto("/log-in")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type(ADA)
    page.keyboard.press("Tab")
    page.keyboard.type(password_of(app, ADA))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Good evening, Ada.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("email", [None, ALAN])
def test_every_page_is_accessible_and_fits_a_narrow_screen(
    open_browser: Callable[..., Page],
    app: Flask,
    page_errors: PageErrors,
    scheme: str,
    email: str | None,
) -> None:
    page_errors.expect("status of 404")
    page = open_browser(color_scheme=scheme)
    if email:
        log_in(page, app, email)
    for path in [*PAGES, *(FOR_ALAN if email else ["/log-in", "/people"]), "/nowhere"]:
        page.goto(path)
        if path == "/troubles/programs":
            page.evaluate("show($('#program-answer'), 401, 'UNAUTHORIZED', '{}')")
        results = Axe().run(page)
        assert results.violations_count == 0, f"{path}: {results.generate_report()}"
        page.set_viewport_size(NARROW)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, path
        page.set_viewport_size({"width": 1280, "height": 720})
