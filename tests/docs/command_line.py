"""Does what `docs/how_to/command_line.md` says, in a shop of its own, and writes what is printed.

``python -m tests.docs.command_line`` puts it into the page, in place of what stands there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask
from flask.cli import FlaskGroup

from flask_porter import Porter
from flask_porter.flows import login
from flask_porter.outbound.messages import MailFailed, Message
from tests.account_site import PASSWORD, Clock, Site
from tests.authenticators.quick import quick_hasher
from tests.docs.transcripts import Step, files, steps, without_moments
from tests.settings.configurations import STRONG_KEY

PAGE = Path(__file__).parents[2] / "docs" / "how_to" / "command_line.md"
FILES = ("people.csv", "more_people.csv")
IN_PRODUCTION: dict[str, Any] = {
    "SECRET_KEY": STRONG_KEY,
    "PORTER_MAIL_DELIVERY": "manual",
    "PORTER_MODE": "production",
    "PORTER_BASE_URL": "https://shop.example.com",
    "TRUSTED_HOSTS": ["shop.example.com"],
}


class Shop(Site):
    """An app in production without tables, whose mail server can be taken away."""

    def __init__(self, folder: Path) -> None:
        app = Flask("shop", instance_path=str(folder))
        app.config |= IN_PRODUCTION
        clock = Clock()
        self.mail_server_is_away = False
        porter = Porter(app, mailer=self._send, clock=clock, hasher=quick_hasher())
        super().__init__(app, porter, clock, [])

    def _send(self, message: Message) -> None:
        if self.mail_server_is_away:
            raise MailFailed("535 5.7.8 wrong password", temporary=False)

    def type(self, command: str) -> Result:
        """Run one line that begins with ``flask``."""
        _, *arguments = command.split()
        group = FlaskGroup(create_app=lambda: self.app)
        return self.app.test_cli_runner().invoke(group, arguments, catch_exceptions=False)

    def before(self, command: str) -> None:
        """Have happen what the page takes for granted before a command."""
        if "sessions list" in command:
            chosen = self.accounts.hasher.hash(PASSWORD)
            ada = self.user("ada@example.com")
            self.change(ada, password_hash=chosen, email_verified_at=self.clock())
            self.run(login.with_password, identifier="ada@example.com", password=PASSWORD)
        elif "send-reset" in command:
            self.type("flask porter mail deliver")
        elif command == "flask porter mail list":
            self.mail_server_is_away = True
            self.type("flask porter mail deliver")
        elif "mail test" in command:
            self.mail_server_is_away = False


def happenings(folder: Path) -> Iterator[tuple[Step, Result]]:
    """Do what the page says, in order; yield each step with what came of it."""
    for name, text in zip(FILES, files(PAGE), strict=True):
        (folder / name).write_text(text)
    shop = Shop(folder)
    with chdir(folder):
        for step in steps(PAGE):
            if step.command.startswith("flask "):
                shop.before(step.command)
                yield step, shop.type(step.command)


def _rewrite() -> None:
    text = PAGE.read_text()
    with tempfile.TemporaryDirectory() as folder:
        for step, result in happenings(Path(folder)):
            old = f"$ {step.command}\n{step.printed}"
            text = text.replace(old, f"$ {step.command}\n{without_moments(result.output)}", 1)
    PAGE.write_text(text)


if __name__ == "__main__":
    _rewrite()
