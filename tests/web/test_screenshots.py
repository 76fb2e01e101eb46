"""Takes the pictures of the account pages that the documentation shows.

To renew them: ACCOUNT_SCREENSHOTS=docs/images python -m pytest -m long THIS_FILE
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.examples.make_quickstart import make_quickstart
from tests.web.sample_pages import create_app

WIDE, NARROW = {"width": 960, "height": 640}, {"width": 390, "height": 700}
TALL = {"width": 1120, "height": 1000}
SHOWN = (
    ("login", "light", WIDE),
    ("login", "dark", WIDE),
    ("register_refused", "light", NARROW),
    ("account", "dark", WIDE),
    ("devices", "light", WIDE),
)


@pytest.mark.long
@pytest.mark.parametrize(("name", "scheme", "size"), SHOWN)
def test_a_page_can_be_shown(
    new_context: Callable[..., BrowserContext],
    serve: Callable[..., str],
    tmp_path: Path,
    name: str,
    scheme: str,
    size: dict[str, int],
) -> None:
    folder = Path(os.environ.get("ACCOUNT_SCREENSHOTS", tmp_path))
    window = new_context(base_url=serve(create_app()), viewport=size, color_scheme=scheme)
    page = window.new_page()
    page.goto(f"/{name}")
    path = folder / f"account-{name.replace('_', '-')}-{scheme}.png"
    picture = page.screenshot(path=path, animations="disabled", full_page=True)
    assert len(picture) < 200_000


@pytest.mark.long
def test_the_console_can_be_shown(
    new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    folder = Path(os.environ.get("ACCOUNT_SCREENSHOTS", tmp_path))
    with make_quickstart(tmp_path) as url:
        page = new_context(base_url=url, viewport=TALL, color_scheme="light").new_page()
        page.goto("/account/register")
        page.fill("[name=email]", "ada@example.com")
        page.fill("[name=password]", "seven brown owls at noon")
        page.click("main [type=submit]")
        page.goto("/account/development")
        while page.locator("iframe").count() == 0:
            page.reload()
        picture = page.screenshot(path=folder / "account-development-light.png")
    assert len(picture) < 200_000
