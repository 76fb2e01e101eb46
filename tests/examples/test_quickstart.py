"""The whole life of an account in the quickstart, by a person in a browser who has read nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.examples.make_quickstart import make_quickstart
from tests.services.page_errors import PageErrors

ANN = "ann@example.com"
FIRST = "seven brown owls at noon"
SECOND = "a kettle on the green roof"
THIRD = "nobody sings to the river"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with make_quickstart(tmp_path_factory.mktemp("quickstart")) as url:
        yield url


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext], site: str) -> Callable[[], Page]:
    """Return a function that opens a browser of its own at the home page."""

    def open_browser() -> Page:
        page = new_context(base_url=site).new_page()
        page.goto("/")
        return page

    return open_browser


def send(page: Page, button: str, **fields: str) -> None:
    """Fill in the form of this page, and press its button."""
    for name, value in fields.items():
        page.fill(f"main [name={name}]", value)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def follow(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=link).first.click()


def open_mail(page: Page, subject: str) -> None:
    """Open the newest mail with this subject in the mailbox of the console."""
    page.goto("/account/development")
    mail = page.locator(".mails").get_by_role("link", name=subject).first
    for _ in range(20):
        if mail.is_visible():
            break
        page.wait_for_timeout(250)
        page.reload()
    with page.expect_navigation():
        mail.click()


def follow_mailed_link(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.frame_locator("iframe").get_by_role("link", name=link).click()


def log_in(page: Page, password: str, email: str = ANN) -> None:
    page.goto("/account/login")
    send(page, "Log in", identifier=email, password=password)


def register(page: Page) -> None:
    follow(page, "Register")
    send(page, "Register", email=ANN, password="short")
    expect(page.get_by_role("alert")).to_contain_text("15 characters")
    send(page, "Register", password=FIRST)
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
    open_mail(page, "Confirm")
    follow_mailed_link(page, "Confirm the address")
    send(page, "Confirm")
    follow(page, "Log in")
    send(page, "Log in", identifier=ANN, password=FIRST)
    expect(page.get_by_role("heading", level=1)).to_contain_text(ANN)


def reset_by_code(page: Page) -> None:
    page.goto("/account/login")
    follow(page, "Forgotten?")
    send(page, "Send the mail", identifier=ANN)
    console = page.context.new_page()
    open_mail(console, "password")
    code = console.locator(".codes .digits").first.inner_text()
    send(page, "Continue", code=code)
    send(page, "Save the password", new_password=SECOND)


def test_a_whole_life(visit: Callable[[], Page], page_errors: PageErrors) -> None:
    # A refused form answers 401 or 422, which the browser writes into its console.
    page_errors.expect("Failed to load resource")
    desk, phone = visit(), visit()
    register(desk)
    desk.goto("/members")
    expect(desk.get_by_role("heading", level=1)).to_have_text("For members alone")

    reset_by_code(phone)
    desk.reload()
    expect(desk).to_have_url(f"{desk.url.partition('/account')[0]}/account/login?next=%2Fmembers")
    log_in(desk, FIRST)
    expect(desk.get_by_role("alert")).to_be_visible()
    log_in(desk, SECOND)
    log_in(phone, SECOND)

    desk.goto("/account/devices")
    expect(desk.locator(".rows .row")).to_have_count(2)
    send(desk, "End all others")
    expect(desk.locator(".rows .row")).to_have_count(1)
    phone.goto("/members")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Log in")

    desk.goto("/account/change-password")
    send(desk, "Change the password", password=SECOND, new_password=THIRD)
    desk.goto("/account/activity")
    expect(desk.locator(".events li").first).to_be_visible()
    with desk.expect_download() as download:
        desk.goto("/account/download-data")
        desk.get_by_role("button", name="Download").click()
    assert ANN in Path(download.value.path()).read_text()

    desk.goto("/account/close-account")
    send(desk, "Close the account for good", password=THIRD)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("closed")
    log_in(desk, THIRD)
    expect(desk.get_by_role("alert")).to_be_visible()
