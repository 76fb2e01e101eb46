"""The whole life of an account in the quickstart, by people in a browser who have read nothing.

They start at the home page and press what they see there; no address is typed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.examples.make_quickstart import make_quickstart
from tests.services.page_errors import PageErrors

ANN, ANN_AT_WORK = "ann@example.com", "ann.at.work@example.com"
ADA, THIEF = "ada@example.test", "thief@example.com"
FIRST = "seven brown owls at noon"
SECOND = "a kettle on the green roof"
THIRD = "nobody sings to the river"

# Small, dark and without a script: a telephone that has the worst of everything.
PHONE: dict[str, Any] = {
    "viewport": {"width": 320, "height": 640},
    "color_scheme": "dark",
    "java_script_enabled": False,
    "user_agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile",
}

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with make_quickstart(tmp_path_factory.mktemp("quickstart")) as url:
        yield url


@pytest.fixture
def visit(new_context: Callable[..., BrowserContext], site: str) -> Visit:
    """Return a function that opens a browser of its own at the home page."""

    def open_browser(**options: Any) -> Page:
        page = new_context(base_url=site, **options).new_page()
        page.goto("/")
        return page

    return open_browser


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def press(page: Page, button: str, **fields: str) -> None:
    """Fill in the form of this page, and press its button."""
    for name, value in fields.items():
        page.fill(f"main [name={name}]", value)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def follow(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=link, exact=True).first.click()


def open_mail(page: Page, subject: str, to: str) -> None:
    """Choose the newest mail with this subject in the mailbox, once it is there."""
    mail = page.locator(".mails a", has_text=subject).filter(has_text=to).first
    for _ in range(20):
        if mail.is_visible():
            break
        page.wait_for_timeout(250)
        page.reload()
    with page.expect_navigation():
        mail.click()
    expect(page.get_by_role("article").get_by_role("heading")).to_have_text(subject)


def mailbox_beside(page: Page) -> Page:
    """Open the mailbox in another tab of this browser, by the link of this page."""
    address = page.get_by_role("link", name="Open the mailbox").get_attribute("href")
    tab = page.context.new_page()
    tab.goto(address or "")
    return tab


def code_for(page: Page, subject: str, to: str) -> str:
    """Return the code that the mailbox shows, as somebody would copy it."""
    tab = mailbox_beside(page)
    open_mail(tab, subject, to)
    code = tab.locator(".codes li", has_text=to).locator(".digits").first.inner_text()
    tab.close()
    return code


def follow_mailed(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.frame_locator("iframe").get_by_role("link", name=link).press("Enter")


def type_into(page: Page, name: str, text: str) -> None:
    """Type where the focus is, once it is in the field ``name``: a page may take it late."""
    expect(page.locator(f"main [name={name}]")).to_be_focused()
    page.keyboard.type(text)


def log_in(page: Page, email: str, password: str) -> None:
    press(page, "Log in", identifier=email, password=password)


def register(page: Page) -> None:
    """Register by the keyboard alone, with a password too short at first."""
    follow(page, "See the members' page")
    follow(page, "Register")
    type_into(page, "email", ANN)
    page.keyboard.press("Tab")
    type_into(page, "password", "short")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("15 characters")
    press(page, "Register", password=FIRST)
    expect(title(page)).to_have_text("Check your mail")
    follow(page, "Open the mailbox")
    open_mail(page, "Confirm your e-mail address", ANN)
    follow_mailed(page, "Confirm the address")
    press(page, "Confirm")
    expect(title(page)).to_have_text("Thank you, that is confirmed")
    follow(page, "Log in")
    type_into(page, "identifier", ANN)
    page.keyboard.press("Tab")
    type_into(page, "password", FIRST)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(title(page)).to_have_text("For members alone")


def reset_password(page: Page) -> None:
    """Choose a new password by the code of a mail."""
    follow(page, "Log in")
    follow(page, "Forgotten? Choose a new password")
    press(page, "Send the mail", identifier=ANN)
    press(page, "Continue", code=code_for(page, "Choose a new password", ANN))
    press(page, "Save the password", new_password=SECOND)
    expect(title(page)).to_have_text("You have a new password")
    follow(page, "Log in")


def end_devices(desk: Page, phone: Page) -> None:
    """End the telephone, and after it has come back all others."""
    log_in(phone, ANN, SECOND)
    follow(desk, ANN)
    follow(desk, "Devices")
    devices = desk.locator(".rows .row")
    expect(devices).to_have_count(2)
    expect(devices.first).to_contain_text("this device")
    press(desk, "End Chrome (Android)")
    expect(devices).to_have_count(1)
    follow(phone, "Members")
    expect(title(phone)).to_have_text("Log in")
    log_in(phone, ANN, SECOND)
    expect(title(phone)).to_have_text("For members alone")
    desk.reload()
    press(desk, "End all others")
    expect(devices).to_have_count(1)
    phone.reload()
    expect(title(phone)).to_have_text("Log in")


def change_password_and_address(page: Page) -> None:
    follow(page, "Password")
    press(page, "Change the password", password=SECOND, new_password=THIRD)
    follow(page, "Your account")
    follow(page, "E-mail address")
    press(page, "Send the mail", email=ANN_AT_WORK)
    code = code_for(page, "Confirm your new e-mail address", ANN_AT_WORK)
    press(page, "Continue", code=code)
    expect(title(page)).to_have_text("Your e-mail address has changed")
    follow(page, "Your account")
    expect(page.locator(".person")).to_contain_text(ANN_AT_WORK)


def look_back(page: Page) -> None:
    """See what happened, and take it along."""
    follow(page, "Activity")
    events = page.locator(".events li .what")
    expect(events.last).to_have_text("You registered")
    expect(events.filter(has_text="The password changed")).to_have_count(2)
    follow(page, "Your data")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    written = Path(download.value.path()).read_text()
    assert ANN_AT_WORK in json.dumps(json.loads(written))
    assert "argon2" not in written


def close_account(page: Page) -> None:
    follow(page, "Close the account")
    press(page, "Close the account for good", password=SECOND)
    expect(page.get_by_role("alert")).to_be_visible()
    press(page, "Close the account for good", password=THIRD)
    expect(title(page)).to_have_text("Your account is closed")
    follow(page, "To the home page")
    follow(page, "Log in")
    log_in(page, ANN_AT_WORK, THIRD)
    expect(page.get_by_role("alert")).to_contain_text("That is not right")


def test_a_whole_life(visit: Visit, page_errors: PageErrors) -> None:
    # A refused form answers 401 or 422, which the browser writes into its console.
    page_errors.expect("Failed to load resource")
    desk, phone = visit(), visit(**PHONE)
    register(desk)

    reset_password(phone)
    desk.reload()
    expect(title(desk)).to_have_text("Log in")
    log_in(desk, ANN, FIRST)
    expect(desk.get_by_role("alert")).to_contain_text("That is not right")
    log_in(desk, ANN, SECOND)
    expect(title(desk)).to_have_text("For members alone")

    end_devices(desk, phone)
    change_password_and_address(desk)
    look_back(desk)
    with desk.expect_navigation():
        desk.get_by_role("button", name="Log out", exact=True).first.click()
    follow(desk, "Log in")
    log_in(desk, ANN_AT_WORK, THIRD)
    follow(desk, ANN_AT_WORK)
    close_account(desk)


def test_what_a_thief_has_done_is_taken_back(visit: Visit) -> None:
    thief, ada = visit(), visit(**PHONE)
    follow(thief, "mailbox")
    with thief.expect_navigation():
        thief.locator(".people").get_by_role("button", name="Ada").click()
    follow(thief, ADA)
    follow(thief, "E-mail address")
    press(thief, "Send the mail", email=THIEF)
    press(thief, "Continue", code=code_for(thief, "Confirm your new e-mail address", THIEF))

    follow(ada, "mailbox")
    open_mail(ada, "Your e-mail address has changed", ADA)
    follow_mailed(ada, "This wasn't me")
    press(ada, "Secure my account")
    expect(title(ada)).to_have_text("Your account is yours again")
    follow(thief, "Your account")
    expect(title(thief)).to_have_text("Log in")

    follow(ada, "Mailbox, codes and test people")
    open_mail(ada, "Choose a new password", ADA)
    follow_mailed(ada, "Choose a new password")
    press(ada, "Save the password", new_password=FIRST)
    follow(ada, "Log in")
    log_in(ada, ADA, FIRST)
    expect(title(ada)).to_have_text(f"Hello, {ADA}")
