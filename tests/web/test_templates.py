"""Tests of how the pages look and behave in a browser, with and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.services.page_errors import PageErrors
from tests.web.sample_pages import PAGES, create_app

PASSWORD = "a password of several words"
BRANDS = {"#ffe14d": "#000", "#000000": "#fff", "#ffffff": "#000", "#e11d48": "#fff"}
FACES = ("login", "account")

FOCUSED = """() => {
    const at = document.activeElement;
    if (at === document.body) return null;
    const all = [...document.querySelectorAll("a, button, input")];
    return { which: all.indexOf(at), tag: at.outerHTML.slice(0, 120),
             outline: getComputedStyle(at).outlineStyle };
}"""


def faults(page: Page, axe: Axe, *rules: str) -> list[str]:
    """Return what axe-core finds on this page, by all its rules or by some."""
    found = axe.run(page, options={"runOnly": list(rules)} if rules else None)
    return [
        f"{page.url}: {violation['id']}: {node['html'][:200]}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    new_context: Callable[..., BrowserContext], serve: Callable[..., str], scheme: str
) -> None:
    page = new_context(base_url=serve(create_app()), color_scheme=scheme).new_page()
    axe, found = Axe(), []
    for name in PAGES:
        page.goto(f"/{name}")
        found += faults(page, axe)
    assert found == []


def test_whatever_the_brand_is_words_can_be_read(
    new_context: Callable[..., BrowserContext], serve: Callable[..., str]
) -> None:
    axe, found = Axe(), []
    for color, ink in BRANDS.items():
        address = serve(create_app(brand_color=color, brand_ink=ink))
        for scheme in ("light", "dark"):
            page = new_context(base_url=address, color_scheme=scheme).new_page()
            for name in FACES:
                page.goto(f"/{name}")
                found += [
                    f"{color} {scheme} {fault}" for fault in faults(page, axe, "color-contrast")
                ]
    assert found == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_page_is_wider_than_a_small_telephone(
    new_context: Callable[..., BrowserContext], serve: Callable[..., str], language: str
) -> None:
    viewport = {"width": 320, "height": 640}
    app = create_app(language=language, identifiers="both", development=True)
    page = new_context(base_url=serve(app), viewport=viewport).new_page()
    wide = []
    for name in PAGES:
        page.goto(f"/{name}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)
    assert wide == []


@pytest.fixture
def site(new_context: Callable[..., BrowserContext], serve: Callable[..., str]) -> Page:
    """Return an empty page of the sample application."""
    return new_context(base_url=serve(create_app(development=True))).new_page()


def test_a_password_can_be_looked_at_and_is_sent_as_one(site: Page) -> None:
    site.goto("/login")
    password = site.locator("#password")
    password.fill(PASSWORD)
    show = site.get_by_role("button", name="Show the password")
    expect(show).to_have_attribute("aria-pressed", "false")
    show.click()
    expect(password).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    site.evaluate("document.forms[0].addEventListener('submit', event => event.preventDefault())")
    site.click("main [type=submit]")
    expect(password).to_have_attribute("type", "password")


def test_the_length_of_a_new_password_is_told_while_typing(site: Page) -> None:
    site.goto("/register")
    expect(site.locator(".length")).to_be_hidden()
    site.fill("#password", "seven e\N{COMBINING ACUTE ACCENT}")
    expect(site.locator(".length")).to_have_text("7 of 15 characters")
    expect(site.get_by_role("status")).to_be_empty()
    site.fill("#password", PASSWORD)
    expect(site.locator(".length")).to_have_text("Long enough")
    expect(site.get_by_role("status")).to_have_text("Long enough")


def test_a_form_is_sent_once(site: Page) -> None:
    site.goto("/login")
    site.evaluate("""() => {
        window.sent = 0;
        document.addEventListener("submit", event => {
            window.sent += event.defaultPrevented ? 0 : 1;
            event.preventDefault();
        });
    }""")
    button = site.locator("main form > [type=submit]")
    button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    button.evaluate("button => button.click()")
    assert site.evaluate("window.sent") == 1


def test_a_time_is_told_exactly_by_the_clock_of_whoever_reads(
    new_context: Callable[..., BrowserContext], serve: Callable[..., str]
) -> None:
    address = serve(create_app(language="de"))
    page = new_context(base_url=address, timezone_id="Asia/Tokyo").new_page()
    page.goto("/activity")
    time = page.locator("time").last
    moment = datetime.fromisoformat(time.get_attribute("datetime") or "")
    there = moment.astimezone(timezone(timedelta(hours=9)))
    expect(time).to_have_attribute("title", re.compile(f"^{there.day}. .* um {there:%H:%M}$"))


@pytest.mark.parametrize("name", ["login", "register_refused", "account", "devices"])
def test_the_keyboard_reaches_everything_and_one_sees_where_it_is(site: Page, name: str) -> None:
    site.goto(f"/{name}")
    site.locator(".skip").focus()
    reached: list[object] = []
    while (focused := site.evaluate(FOCUSED)) is not None and focused not in reached:
        assert focused["outline"] != "none", focused
        reached.append(focused)
        site.keyboard.press("Tab")
    everything = site.locator("a, button, input, select").filter(visible=True).count()
    assert len(reached) == everything


def test_without_a_script_nothing_is_missing_but_the_show_button(
    new_context: Callable[..., BrowserContext], serve: Callable[..., str]
) -> None:
    address = serve(create_app())
    page = new_context(base_url=address, java_script_enabled=False).new_page()
    page.goto("/register")
    expect(page.locator("[data-porter-show]")).to_be_hidden()
    expect(page.locator(".length")).to_be_hidden()
    expect(page.get_by_role("button", name="Register")).to_be_enabled()
    page.fill("#email", "ada@example.com")
    page.fill("#password", PASSWORD)
    page.click("main [type=submit]")
    expect(page.locator("h1")).to_have_text("Register")


def test_what_is_wrong_is_tied_to_its_field_and_has_the_focus(site: Page) -> None:
    site.goto("/register_refused")
    expect(site.locator("#problems")).to_be_focused()
    expect(site).to_have_title("Error: Register – Analytical Engines")
    email = site.locator("#email")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(
        "This is no e-mail address, such as name@example.com."
    )
    site.click("#problems a[href='#email']")
    expect(email).to_be_focused()
    assert site.input_value("[name=next]") == "/members"


def test_password_managers_are_told_what_is_what(site: Page) -> None:
    expected = {
        "login": {"identifier": "username", "password": "current-password"},
        "register": {"email": "email", "password": "new-password"},
        "reset_password": {"identifier": "username"},
        "reset_password_finish": {"new_password": "new-password"},
        "change_password": {"password": "current-password", "new_password": "new-password"},
        "reauthenticate": {"password": "current-password"},
        "close_account": {"password": "current-password"},
        "check_your_mail": {"code": "one-time-code"},
        "change_email": {"email": "email"},
    }
    for name, fields in expected.items():
        site.goto(f"/{name}")
        for field, token in fields.items():
            expect(site.locator(f"#{field}")).to_have_attribute("autocomplete", token)
        assert site.locator("main [maxlength]").count() == 0
        if "password" in fields:
            expect(site.locator("#password")).to_have_attribute("type", "password")


def test_a_mail_in_the_console_runs_no_script_and_leads_out_of_its_frame(
    site: Page, page_errors: PageErrors
) -> None:
    page_errors.expect("Blocked script execution in 'about:srcdoc'")
    site.goto("/development_hostile")
    frame = site.frame_locator("iframe")
    expect(frame.locator("h1")).to_have_text("Confirm your e-mail address")
    assert site.evaluate("document.title") != "owned"
    frame.get_by_role("link", name="Confirm").click()
    site.wait_for_url("**/verify_email")
