"""Somebody who guesses, and a hasher that notes which guesses it was shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask_porter.authenticators.passwords import PasswordHasher, Verdict
from flask_porter.errors import Refusal, TooManyAttempts
from flask_porter.flows import login
from flask_porter.flows.caller import Caller
from flask_porter.flows.outcomes import LoggedIn
from flask_porter.flows.run import run
from tests.account_site import ADA, PASSWORD, STRANGER, Site, make_site

WRONG = "a wrong password of fair length"


class CountedHasher:
    """A hasher that notes what it was shown; ``real`` does the work."""

    def __init__(self, real: PasswordHasher) -> None:
        self._real = real
        #: Whether there was a stored hash to hold each guess against.
        self.shown: list[bool] = []

    @property
    def looked_at(self) -> int:
        """How many guesses were held against a password."""
        return sum(self.shown)

    def hash(self, password: str) -> str:
        """Return a new hash."""
        return self._real.hash(password)

    def verify(self, password: str, stored: str | None) -> Verdict:
        """Hold a guess against a hash, and note it."""
        self.shown.append(stored is not None)
        return self._real.verify(password, stored)


@dataclass(frozen=True)
class Answer:
    """What a guess was told."""

    reason: str
    status: int = 200
    retry_after: int = 0


IN = Answer("in")
WRONG_ONE = Answer("wrong_credentials", 401)


class Guesser:
    """Guesses at the small site, from any browser and address."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.hasher = CountedHasher(site.accounts.hasher)
        self.accounts = replace(site.accounts, hasher=self.hasher)
        #: The token by which the browser of the last log-in is known.
        self.known_device: str | None = None

    def guess(self, password: str = WRONG, identifier: str = ADA, **facts: Any) -> Answer:
        """Try a password by the flow of the login page; ``facts`` are the caller's."""
        return self.ask(
            login.with_password,
            replace(STRANGER, **facts),
            identifier=identifier,
            password=password,
        )

    def ask(self, flow: Any, caller: Caller, **values: Any) -> Answer:
        """Run a flow, and return what it answered."""
        with self.site.app.app_context():
            form = flow.read(self.accounts, values, strict=False)
            try:
                outcome = run(self.accounts, caller, flow, form)
            except TooManyAttempts as no:
                return Answer(no.reason, no.status, no.retry_after)
            except Refusal as no:
                return Answer(no.reason, no.status)
        if isinstance(outcome, LoggedIn):
            self.known_device = outcome.known_device or caller.known_device
        return IN

    def know_this_browser(self, identifier: str = ADA) -> str:
        """Log in as its owner, and return what makes the browser known."""
        assert self.guess(PASSWORD, identifier, address="203.0.113.77") == IN
        assert self.known_device is not None
        return self.known_device

    def wait_out(self, answer: Answer) -> None:
        """Let the time pass that an answer asks for."""
        self.site.clock.advance(seconds=answer.retry_after)


def guesser_at(tmp_path: Path, **settings: Any) -> Guesser:
    """Return somebody who guesses at a site where Ada has an account."""
    url = settings.pop("url", None)
    site = make_site(tmp_path, url=url, **settings)
    site.register()
    return Guesser(site)
