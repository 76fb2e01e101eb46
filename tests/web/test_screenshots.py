"""Takes the pictures of the account pages that the documentation shows.

To renew them: ACCOUNT_SCREENSHOTS=docs/images python -m pytest -m long THIS_FILE
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.web.sample_pages import create_app

WIDE, NARROW = {"width": 960, "height": 640}, {"width": 390, "height": 700}
SHOWN = (
    ("login", "light", WIDE),
    ("login", "dark", WIDE),
    ("register_refused", "light", NARROW),
    ("account", "dark", WIDE),
    ("devices", "light", WIDE),
    ("development", "light", WIDE),
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
