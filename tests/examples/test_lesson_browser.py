"""Tests of the lesson application as `make lesson` starts it, by a person in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.examples.make_lesson import Site, make_lesson
from tests.services.page_errors import PageErrors

ADA = "ada@example.com"
GRACE = "grace@example.com"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with make_lesson(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def context(new_context: Callable[..., BrowserContext], site: Site) -> BrowserContext:
    """Return a window in which an address may begin with its path."""
    return new_context(base_url=site.url)


def fill_in(page: Page, **fields: str) -> None:
    """Fill in the form of this page and press its button."""
    for name, value in fields.items():
        page.fill(f"main [name={name}]", value)
    page.click("main [type=submit]")


def send(page: Page, **fields: str) -> None:
    """Fill in and send the form of this page, and wait for the next page."""
    with page.expect_navigation():
        fill_in(page, **fields)


def click(page: Page, what: str) -> None:
    """Click a link or a button, and wait for the next page."""
    with page.expect_navigation():
        page.click(what)


def log_in(page: Page, site: Site, email: str = ADA, *, remember: bool = False) -> None:
    if "/auth/login" not in page.url:
        page.goto("/auth/login")
    page.set_checked("[name=remember]", remember)
    send(page, email=email, password=site.passwords[email])


def path_of(page: Page, site: Site) -> str:
    assert page.url.startswith(f"{site.url}/")
    return page.url.removeprefix(site.url)


def test_a_newcomer_registers_mistypes_logs_in_and_logs_out(page: Page, site: Site) -> None:
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Hello, Anonymous!")
    click(page, "nav >> text=Register")
    typed = {"username": "mary", "email": "mary@example.com", "password": "a long password"}
    send(page, **typed, repeat="a lung password")
    expect(page.locator("#repeat-error")).to_have_text("The two passwords differ.")
    send(page, password="a long password", repeat="a long password")
    assert path_of(page, site) == "/auth/login"
    expect(page.locator("#messages")).to_contain_text("You can log in now.")

    send(page, email="mary@example.com", password="a lung password")
    expect(page.locator("#messages")).to_have_text("Wrong e-mail or password.")
    expect(page.locator("[name=email]")).to_have_value("mary@example.com")
    page.reload()
    expect(page.locator("#messages")).to_be_empty()
    send(page, email="nobody@example.com", password="a long password")
    expect(page.locator("#messages")).to_have_text("Wrong e-mail or password.")

    send(page, email="mary@example.com", password="a long password")
    assert path_of(page, site) == "/"
    expect(page.locator("h1")).to_have_text("Hello, mary!")
    click(page, "nav >> text=Log Out")
    expect(page.locator("h1")).to_have_text("Hello, Anonymous!")
    expect(page.locator("#messages")).to_have_text("You are logged out.")


def test_a_restricted_page_asks_first_and_is_where_one_comes_back_to(
    page: Page, site: Site
) -> None:
    page.goto("/members?tab=2")
    assert path_of(page, site) == "/auth/login?next=%2Fmembers%3Ftab%3D2"
    expect(page.locator("#messages")).to_have_text("Please log in to access this page.")
    log_in(page, site)
    assert path_of(page, site) == "/members?tab=2"
    expect(page.locator("dl")).to_contain_text(ADA)


def test_an_administrators_page_is_for_administrators(
    page: Page, site: Site, page_errors: PageErrors
) -> None:
    page_errors.expect("status of 403")
    log_in(page, site)
    page.goto("/administrators")
    expect(page.locator("main")).to_contain_text("This page is for administrators.")
    click(page, "nav >> text=Log Out")
    log_in(page, site, GRACE)
    click(page, "nav >> text=Administrators")
    expect(page.locator("table")).to_contain_text(ADA)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test/",
        "\t//evil.test/",
        "/%09/evil.test/",
        "http:evil.test",
        "https:/evil.test",
        "javascript:alert(1)",
        "data:text/html,evil",
        "//localhost:1@evil.test/",
    ],
)
def test_next_stays_on_this_site(page: Page, site: Site, target: str) -> None:
    page.goto("/")
    page.evaluate("next => location = '/auth/login?next=' + encodeURIComponent(next)", target)
    page.wait_for_url("**/auth/login?next=*")
    log_in(page, site)
    expect(page.locator("nav")).to_contain_text("Log Out")
    assert page.evaluate("location.origin") == site.url


def test_remember_me_outlives_the_browser_but_important_pages_ask_again(
    new_profile: Callable[..., BrowserContext], site: Site, tmp_path: Path
) -> None:
    window = new_profile(tmp_path / "profile", base_url=site.url)
    log_in(window.new_page(), site, remember=True)
    assert {cookie.get("name") for cookie in window.cookies()} == {"session", "remember_token"}
    window.close()

    window = new_profile(tmp_path / "profile", base_url=site.url)
    assert {cookie.get("name") for cookie in window.cookies()} == {"remember_token"}
    page = window.new_page()
    page.goto("/members")
    expect(page.locator("h1")).to_have_text("Members")
    page.goto("/auth/change-password")
    assert path_of(page, site) == "/auth/reauthenticate?next=%2Fauth%2Fchange-password"
    send(page, password="wrong")
    expect(page.locator("#messages")).to_have_text("Wrong password.")
    send(page, password=site.passwords[ADA])
    assert path_of(page, site) == "/auth/change-password"
    page.goto("/members/api-key")
    expect(page.locator("h1")).to_have_text("API key")


def test_without_remember_me_a_restart_logs_out(
    new_profile: Callable[..., BrowserContext], site: Site, tmp_path: Path
) -> None:
    window = new_profile(tmp_path / "profile", base_url=site.url)
    log_in(window.new_page(), site)
    window.close()
    page = new_profile(tmp_path / "profile", base_url=site.url).new_page()
    page.goto("/members")
    assert path_of(page, site).startswith("/auth/login")


def test_logging_out_in_one_tab_logs_the_other_out_at_its_next_click(
    context: BrowserContext, site: Site
) -> None:
    one, other = context.new_page(), context.new_page()
    log_in(one, site, remember=True)
    other.goto("/members")
    click(one, "nav >> text=Log Out")
    click(other, "text=Change my password")
    assert path_of(other, site).startswith("/auth/login?next=")


def test_a_new_password_logs_the_other_browser_out(
    new_context: Callable[..., BrowserContext], site: Site
) -> None:
    here, there = (new_context(base_url=site.url).new_page() for _ in range(2))
    account = {"email": "zoe@example.com", "password": "the first one"}
    here.goto("/auth/register")
    send(here, username="zoe", repeat="the first one", **account)
    for page in [here, there]:
        page.goto("/auth/login")
        send(page, **account)
    here.goto("/auth/change-password")
    send(here, password="the second one", repeat="the second one")
    expect(here.locator("h1")).to_have_text("Members")
    there.goto("/members")
    assert path_of(there, site).startswith("/auth/login")


def test_a_script_logs_in_and_out_without_a_page_load(
    page: Page, site: Site, page_errors: PageErrors
) -> None:
    page_errors.expect("status of 401", "status of 422")
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    page.goto("/")
    messages, title = page.locator("#messages"), page.locator("h1")

    page.click("text=Fetch my profile")
    expect(messages).to_have_text("Please log in to access this page.")
    fill_in(page, email="ada@example", password="wrong")
    expect(messages).to_have_text("Enter an e-mail address such as name@example.com.")
    fill_in(page, email=ADA, password="wrong")
    expect(messages).to_have_text("Wrong e-mail or password.")
    fill_in(page, email=ADA, password=site.passwords[ADA])
    expect(messages).to_have_text("You are logged in as ada.")
    expect(title).to_have_text("Hello, ada!")
    page.click("text=Fetch my profile")
    expect(page.locator("#profile")).to_contain_text('"email": "ada@example.com"')
    page.click("main form >> text=Log out")
    expect(messages).to_have_text("You are logged out.")
    expect(title).to_have_text("Hello, Anonymous!")
    assert loads == [f"{site.url}/"]


def test_the_form_works_without_a_script(
    new_context: Callable[..., BrowserContext], site: Site
) -> None:
    page = new_context(base_url=site.url, java_script_enabled=False).new_page()
    page.goto("/")
    send(page, email=ADA, password=site.passwords[ADA])
    expect(page.locator("h1")).to_have_text("Hello, ada!")
    click(page, "main form >> text=Log out")
    expect(page.locator("h1")).to_have_text("Hello, Anonymous!")


def test_an_api_key_works_in_a_program(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    log_in(page, site)
    page.goto("/members/api-key")
    click(page, "text=Issue a new key")
    key = page.inner_text("#api-key")
    context.clear_cookies()
    answer = context.request.get("/api/profile", headers={"X-API-Key": key})
    assert answer.json()["email"] == ADA
    assert context.request.get("/api/profile").status == 401


FOCUS = """() => {
  const box = document.activeElement, style = getComputedStyle(box);
  return [box.name || box.textContent.trim(), style.outlineStyle, box.getBoundingClientRect().top];
}"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until this field, link or button has the focus, and can be seen to have it."""
    passed = []
    for _ in range(30):
        page.keyboard.press("Tab")
        focused, outline, top = page.evaluate(FOCUS)
        assert outline != "none", focused
        assert top >= 0, focused
        if focused == name:
            return
        passed.append(focused)
    pytest.fail(f"{name} was not among {passed}")


def test_the_keyboard_is_enough(page: Page, site: Site) -> None:
    page.goto("/")
    tab_to(page, "Skip to the content")
    page.keyboard.press("Enter")
    tab_to(page, "Members")
    page.keyboard.press("Enter")
    page.wait_for_url("**/auth/login?next=*")
    tab_to(page, "email")
    page.keyboard.type(ADA)
    page.keyboard.press("Tab")
    page.keyboard.type(site.passwords[ADA])
    tab_to(page, "remember")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/members")
    tab_to(page, "Change my password")
    page.keyboard.press("Enter")
    page.wait_for_url("**/auth/change-password")
    page.goto("/")
    tab_to(page, "Log Out")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Hello, Anonymous!")


def test_after_a_script_logged_in_the_focus_is_on_the_new_content(page: Page, site: Site) -> None:
    page.goto("/")
    tab_to(page, "email")
    page.keyboard.type(ADA)
    tab_to(page, "password")
    page.keyboard.type(site.passwords[ADA])
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Hello, ada!")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, "Members")


def faults(page: Page, axe: Axe) -> list[str]:
    """Return what axe-core finds, and whether a small screen must be scrolled sideways."""
    found = [
        f"{page.url}: {violation['id']}: {node['html']}"
        for violation in axe.run(page).response["violations"]
        for node in violation["nodes"]
    ]
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{page.url}: wider than 320 pixels")
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    new_context: Callable[..., BrowserContext], site: Site, page_errors: PageErrors, scheme: str
) -> None:
    page_errors.expect("status of 404", "status of 400")
    axe = Axe()
    page = new_context(base_url=site.url, color_scheme=scheme).new_page()

    def check(path: str) -> list[str]:
        page.goto(path)
        return faults(page, axe)

    found = [*check("/"), *check("/auth/login"), *check("/nowhere")]
    page.goto("/auth/register")
    send(page, username="Ünï", email=ADA, password="short", repeat="differs")
    assert page.locator(".field-error").count() == 4
    found += faults(page, axe)
    page.goto("/members")
    send(page, email=ADA, password="wrong")
    found += faults(page, axe)
    log_in(page, site, GRACE)
    for path in ["/", "/members", "/administrators", "/auth/change-password"]:
        found += check(path)
    found += [*check("/auth/reauthenticate"), *check("/auth/logout"), *check("/members/api-key")]
    click(page, "text=Issue a new key")
    found += faults(page, axe)
    page.goto("/")
    page.click("text=Fetch my profile")
    expect(page.locator("#profile")).to_be_visible()
    found += faults(page, axe)
    page.eval_on_selector_all("[name=csrf_token]", "all => all.forEach(one => one.remove())")
    click(page, "nav >> text=Log Out")
    expect(page.locator("h1")).to_have_text(re.compile("400"))
    found += faults(page, axe)
    assert found == []
