"""Takes the pictures of the lesson application that the documentation shows.

To renew them: LESSON_SCREENSHOTS=docs/images python -m pytest -m long THIS_FILE
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.examples.make_lesson import make_lesson
from tests.services.page_errors import PageErrors

WIDE, NARROW = {"width": 960, "height": 560}, {"width": 390, "height": 780}


def send(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    with page.expect_navigation():
        page.click("main [type=submit]")


def show(page: Page, folder: Path, name: str) -> None:
    page.mouse.move(0, 0)
    path = folder / f"lesson-{name}.png"
    picture = page.screenshot(path=path, animations="disabled", full_page=True)
    assert len(picture) < 150_000, name


@pytest.mark.long
def test_the_pages_can_be_shown(
    new_context: Callable[..., BrowserContext], page_errors: PageErrors, tmp_path: Path
) -> None:
    page_errors.expect("status of 403")
    folder = Path(os.environ.get("LESSON_SCREENSHOTS", tmp_path))
    ada, grace = "ada@example.com", "grace@example.com"
    with make_lesson(tmp_path) as site:
        page = new_context(base_url=site.url, viewport=WIDE, color_scheme="light").new_page()
        page.goto("/")
        show(page, folder, "home")
        page.goto("/members")
        show(page, folder, "login")
        send(page, email=ada, password=site.passwords[ada])
        show(page, folder, "members")
        page.goto("/administrators")
        show(page, folder, "forbidden")

        page = new_context(base_url=site.url, viewport=WIDE, color_scheme="dark").new_page()
        page.goto("/members")
        send(page, email=grace, password=site.passwords[grace])
        page.goto("/")
        page.click("text=Fetch my profile")
        page.wait_for_selector("#profile:visible")
        show(page, folder, "home-dark")

        page = new_context(base_url=site.url, viewport=NARROW, color_scheme="dark").new_page()
        page.goto("/auth/register")
        send(page, username="mary", email=ada, password="a long password", repeat="another")
        show(page, folder, "register-narrow")
