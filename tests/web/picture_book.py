"""Says which pictures of the account pages there are, and in which faces each is taken."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.services.small_pictures import reduced

DOCS = Path(__file__).parents[2] / "docs"
IMAGES = DOCS / "images"

#: How a picture is taken: the size of the window, and whether it is dark.
FACES: dict[str, tuple[int, int, str]] = {
    "light": (900, 420, "light"),
    "dark": (900, 420, "dark"),
    "narrow": (360, 420, "dark"),
    "console": (1120, 760, "light"),
}

#: Each picture: the template that it shows, the page of the documentation, and its faces.
PICTURES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "register": ("register.html", "reference/register", ("light",)),
    "register-refused": ("register.html", "reference/register", ("narrow",)),
    "check-your-mail": ("check_your_mail.html", "reference/verify_email", ("light",)),
    "code-refused": ("check_your_mail.html", "reference/verify_email", ("narrow",)),
    "verify-email": ("verify_email.html", "reference/verify_email", ("light",)),
    "verify-email-elsewhere": ("verify_email.html", "reference/verify_email", ("narrow",)),
    "verify-email-again": ("verify_email_again.html", "reference/verify_email", ("light",)),
    "verified": ("message.html", "reference/verify_email", ("light",)),
    "login": ("login.html", "reference/login", ("light", "dark")),
    "login-refused": ("login.html", "reference/login", ("narrow",)),
    "throttled": ("login.html", "reference/throttles", ("light",)),
    "logout": ("logout.html", "reference/logout", ("light",)),
    "reset-password": ("reset_password.html", "reference/reset_password", ("light",)),
    "reset-password-mail": ("check_your_mail.html", "reference/reset_password", ("narrow",)),
    "reset-password-finish": ("reset_password_finish.html", "reference/reset_password", ("light",)),
    "account": ("account.html", "reference/account", ("light", "dark", "narrow")),
    "change-password": ("change_password.html", "reference/change_password", ("light",)),
    "change-email": ("change_email.html", "reference/change_email", ("light",)),
    "devices": ("devices.html", "reference/devices", ("light", "narrow")),
    "activity": ("activity.html", "reference/activity", ("light",)),
    "reauthenticate": ("reauthenticate.html", "reference/reauthenticate", ("light",)),
    "resume-request": ("resume_request.html", "reference/reauthenticate", ("light",)),
    "not-me": ("not_me.html", "reference/not_me", ("light",)),
    "download-data": ("download_data.html", "reference/download_data", ("light",)),
    "close-account": ("close_account.html", "reference/close_account", ("light", "narrow")),
    "mailbox": ("development.html", "quickstart", ("console",)),
    "development": ("development.html", "reference/development", ("console",)),
    "mail": ("mail/verify_email.html", "how_to/mail", ("light",)),
    "mail-notice": ("mail/new_device.html", "reference/not_me", ("narrow",)),
    "api": ("api.html", "reference/api", ("console",)),
    "error": ("error.html", "reference/account", ("light",)),
}


def file_names() -> list[str]:
    """Return the name of each file."""
    return [file_name(name, face) for name in PICTURES for face in PICTURES[name][2]]


def file_name(name: str, face: str) -> str:
    """Return the name of the file of a picture in one of its faces."""
    return f"account-{name}-{face}.png"


class Photographer:
    """Takes the pictures, into a folder."""

    def __init__(self, folder: Path, blank: Page) -> None:
        self.folder = Path(os.environ.get("ACCOUNT_SCREENSHOTS", folder))
        self.taken: list[str] = []
        self._blank = blank

    def take(self, page: Page, name: str) -> None:
        """Take a picture of this page in each of its faces; the window stays as it was.

        A page for developers is shown as far as a window goes, the others to their ends.
        """
        before: Any = page.viewport_size
        for face in PICTURES[name][2]:
            width, height, scheme = FACES[face]
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.mouse.move(0, 0)
            page.evaluate("scrollTo(0, 0)")
            # What could be wider than its window would be cut off in the picture.
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            raw = page.screenshot(animations="disabled", full_page=face != "console")
            file = file_name(name, face)
            (self.folder / file).write_bytes(reduced(self._blank, raw))
            self.taken.append(file)
        page.set_viewport_size(before)
        page.emulate_media(color_scheme="light")
