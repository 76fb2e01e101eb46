"""Takes the pictures of the account pages that the documentation shows, from the quickstart.

To renew them: ACCOUNT_SCREENSHOTS=docs/images python -m pytest -m long THIS_FILE
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

import flask_porter
from tests.examples.make_quickstart import make_quickstart
from tests.examples.test_quickstart import open_mail, press, title
from tests.services.page_errors import PageErrors
from tests.services.small_pictures import size_of
from tests.web.picture_book import (
    DOCS,
    FACES,
    IMAGES,
    PICTURES,
    Photographer,
    file_name,
    file_names,
)

ADA, ADA_AT_WORK = "ada@example.com", "ada.lovelace@engines.example.com"
PASSWORD, NEW_PASSWORD = "seven brown owls at noon", "a kettle on the green roof"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1"
)


def mailed(page: Page, subject: str, to: str, link: str) -> str:
    """Return where a link of the newest mail with this subject leads."""
    tab = page.context.new_page()
    tab.goto("/account/development")
    open_mail(tab, subject, to)
    address = tab.frame_locator("iframe").get_by_role("link", name=link).get_attribute("href")
    tab.close()
    return address or ""


def show_mail(page: Page, subject: str, to: str) -> Page:
    """Return a page that is the newest mail with this subject, as a mail program shows it."""
    tab = page.context.new_page()
    tab.goto("/account/development")
    open_mail(tab, subject, to)
    mail = tab.locator("iframe").get_attribute("srcdoc") or ""
    tab.goto("about:blank")
    tab.set_content(mail)
    return tab


def log_in(page: Page, email: str, password: str) -> None:
    page.goto("/account/login")
    press(page, "Log in", identifier=email, password=password)


def eleven_minutes_later(database: Path) -> None:
    """Make every log-in of the quickstart as old as that."""
    with sqlite3.connect(database) as connection:
        connection.execute(
            "UPDATE porter_sessions SET auth_time = datetime(auth_time, '-660 seconds')"
        )
    connection.close()


def registering(page: Page, phone: Page, take: Callable[[Page, str], None]) -> None:
    page.goto("/account/register")
    take(page, "register")
    press(page, "Register", email=ADA, password="adalovelace")
    take(page, "register-refused")
    press(page, "Register", email=ADA, password=PASSWORD)
    take(page, "check-your-mail")
    tab = page.context.new_page()
    tab.goto("/account/development")
    open_mail(tab, "Confirm your e-mail address", ADA)
    take(tab, "mailbox")
    tab.close()
    press(page, "Continue", code="12345678")
    take(page, "code-refused")
    page.goto("/account/verify-email/again")
    take(page, "verify-email-again")
    link = mailed(page, "Confirm your e-mail address", ADA, "Confirm the address")
    take(show_mail(page, "Confirm your e-mail address", ADA), "mail")
    phone.goto(link)
    take(phone, "verify-email-elsewhere")
    page.goto(link)
    take(page, "verify-email")
    press(page, "Confirm")
    expect(title(page)).to_have_text("Thank you, that is confirmed")
    take(page, "verified")


def recovering(page: Page, take: Callable[[Page, str], None]) -> None:
    page.goto("/account/login")
    take(page, "login")
    press(page, "Log in", identifier=ADA, password="not her password")
    take(page, "login-refused")
    page.goto("/account/reset-password")
    take(page, "reset-password")
    press(page, "Send the mail", identifier=ADA)
    take(page, "reset-password-mail")
    page.goto(mailed(page, "Choose a new password", ADA, "Choose a new password"))
    take(page, "reset-password-finish")
    press(page, "Save the password", new_password=NEW_PASSWORD)


def at_home(page: Page, take: Callable[[Page, str], None]) -> None:
    for name in (
        *("account", "devices", "activity", "change-password", "change-email"),
        *("download-data", "close-account", "logout"),
    ):
        page.goto("/account/" if name == "account" else f"/account/{name}")
        take(page, name)


def interrupted(page: Page, take: Callable[[Page, str], None], database: Path) -> None:
    page.goto("/account/change-email")
    eleven_minutes_later(database)
    press(page, "Send the mail", email=ADA_AT_WORK)
    take(page, "reauthenticate")
    press(page, "Continue", password=NEW_PASSWORD)
    expect(title(page)).to_have_text("Shall we send this?")
    take(page, "resume-request")


def noticed(page: Page, take: Callable[[Page, str], None]) -> None:
    subject = "New log-in to your account"
    take(show_mail(page, subject, ADA), "mail-notice")
    page.goto(mailed(page, subject, ADA, "This wasn't me"))
    take(page, "not-me")


def around(page: Page, take: Callable[[Page, str], None]) -> None:
    page.goto("/account/api/")
    page.locator("summary", has_text="/register").click()
    take(page, "api")
    page.goto("/account/nothing")
    take(page, "error")
    page.goto("/account/development")
    page.reload()
    take(page, "development")


def waiting(page: Page, take: Callable[[Page, str], None]) -> None:
    for _ in range(7):
        log_in(page, "grace@example.com", "a guess of somebody")
    take(page, "throttled")


@pytest.mark.long
def test_each_page_can_be_shown(
    new_context: Callable[..., BrowserContext], page_errors: PageErrors, tmp_path: Path
) -> None:
    # A refused form answers 401, 422 or 429, which the browser writes into its console.
    page_errors.expect("Failed to load resource")
    photographer = Photographer(tmp_path, new_context().new_page())
    take = photographer.take
    with make_quickstart(tmp_path) as url:
        desk = new_context(base_url=url, user_agent=DESK).new_page()
        phone = new_context(base_url=url, user_agent=PHONE).new_page()
        registering(desk, phone, take)
        recovering(desk, take)
        log_in(desk, ADA, NEW_PASSWORD)
        log_in(phone, ADA, NEW_PASSWORD)
        at_home(desk, take)
        interrupted(desk, take, tmp_path / "quickstart" / "instance" / "quickstart.sqlite3")
        noticed(phone, take)
        around(desk, take)
        waiting(phone, take)
    assert sorted(photographer.taken) == sorted(file_names())


def test_each_page_has_its_picture() -> None:
    folder = Path(flask_porter.__file__).parent / "web" / "templates" / "porter"
    pages = {path.name for path in folder.glob("[!_]*.html")} - {"base.html"}
    assert pages - {template for template, _, _ in PICTURES.values()} == set()
    for template, _, _ in PICTURES.values():
        assert (folder / template).is_file()


def test_no_picture_is_missing_or_of_a_page_that_is_gone() -> None:
    assert sorted(path.name for path in IMAGES.glob("account-*")) == sorted(file_names())


def test_a_picture_is_small_and_as_wide_as_its_face() -> None:
    total = 0
    for name, (_, _, faces) in PICTURES.items():
        for face in faces:
            picture = (IMAGES / file_name(name, face)).read_bytes()
            assert len(picture) < 60_000, name
            assert size_of(picture)[0] == FACES[face][0], name
            total += len(picture)
    assert total < 1_500_000


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_stands_on_the_page_of_its_flow_with_its_words(name: str) -> None:
    _, page, faces = PICTURES[name]
    text = (DOCS / f"{page}.md").read_text()
    for face in faces:
        shown = rf"\{{image\}} (?:\.\./)?images/{file_name(name, face)}\n:alt: (.+)\n"
        found = re.search(shown, text)
        assert found is not None, file_name(name, face)
        assert len(found[1].split()) >= 8, found[1]
