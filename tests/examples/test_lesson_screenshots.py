"""Takes the pictures of the lesson application that the documentation shows.

To renew them: LESSON_SCREENSHOTS=docs/images python -m pytest -m long THIS_FILE
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.examples.make_run import make_run
from tests.services.page_errors import PageErrors

WIDE, NARROW = {"width": 960, "height": 560}, {"width": 390, "height": 780}


@pytest.mark.long
def test_the_pages_can_be_shown(
    new_context: Callable[..., BrowserContext], page_errors: PageErrors, tmp_path: Path
) -> None:
    page_errors.expect("status of 403")
    folder = Path(os.environ.get("LESSON_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)

    def show(page: Page, name: str) -> None:
        page.mouse.move(0, 0)
        picture = page.screenshot(
            path=folder / f"lesson-{name}.png", animations="disabled", full_page=True
        )
        assert len(picture) < 150_000, name

    def send(page: Page) -> None:
        with page.expect_navigation():
            page.click("main [type=submit]")

    with make_run(tmp_path) as site:

        def visit(size: dict[str, int], scheme: str) -> Page:
            return new_context(base_url=site.url, viewport=size, color_scheme=scheme).new_page()

        def log_in(page: Page, email: str) -> None:
            page.fill("[name=email]", email)
            page.fill("[name=password]", site.passwords[email])
            send(page)

        page = visit(WIDE, "light")
        page.goto("/")
        show(page, "home")
        page.goto("/members")
        show(page, "login")
        log_in(page, "ada@example.com")
        show(page, "members")
        page.goto("/administrators")
        show(page, "forbidden")

        page = visit(WIDE, "dark")
        page.goto("/members")
        log_in(page, "grace@example.com")
        page.goto("/")
        page.click("text=Fetch my profile")
        page.wait_for_selector("#profile:visible")
        show(page, "home-dark")

        page = visit(NARROW, "dark")
        page.goto("/auth/register")
        for field in ["username", "email", "password", "repeat"]:
            page.fill(f"[name={field}]", "ada@example.com" if field == "email" else field)
        send(page)
        show(page, "register-narrow")
