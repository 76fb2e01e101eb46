"""Mail and time of an app under test, in the hands of its tests."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..flows.deliver_mail import deliver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from ..flows.accounts import Accounts
    from ..outbound.messages import Message


class CapturedMail:
    """What the app would have sent. Mail that waits is delivered when a test asks for it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._sent: list[Message] = []

    def send(self, message: Message) -> None:
        """Keep ``message``."""
        self._sent.append(message)

    @property
    def all(self) -> list[Message]:
        """All mails, the first one first."""
        rooms = self._app.extensions["porter"]
        with self._app.app_context():
            rooms.prepare()
            deliver(rooms.accounts)
        return list(self._sent)

    def last(self, *, to: str | None = None, kind: str | None = None) -> Message:
        """Return the last mail, to this address or of this kind.

        Raises:
            LookupError: there is none; it names those that there are.
        """
        sent = self.all
        for mail in reversed(sent):
            if to in {None, mail.to} and kind in {None, mail.kind}:
                return mail
        there_are = ", ".join(f"{mail.kind} to {mail.to}" for mail in sent) or "no mail at all"
        raise LookupError(f"No such mail. There is {there_are}.")

    def code(self, *, to: str | None = None, kind: str | None = None) -> str:
        """Return the eight digits in the last mail.

        Raises:
            LookupError: there is no such mail, or no code in it.
        """
        mail = self.last(to=to, kind=kind)
        if mail.code is None:
            raise LookupError(f"There is no code in the mail {mail.kind!r}.")
        return mail.code

    def link(self, *, to: str | None = None, kind: str | None = None) -> str:
        """Return the link in the last mail, as a path for a test client.

        Raises:
            LookupError: there is no such mail, or no link in it.
        """
        mail = self.last(to=to, kind=kind)
        if mail.link is None:
            raise LookupError(f"There is no link in the mail {mail.kind!r}.")
        parts = urlsplit(mail.link)
        return f"{parts.path}?{parts.query}"


class FrozenClock:
    """The time of an app: it stands still until a test moves it."""

    def __init__(self) -> None:
        #: In UTC.
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, **parts: float) -> None:
        """Move on, as ``advance(minutes=5)``; the names are those of a timedelta."""
        self.now += timedelta(**parts)


@contextmanager
def captured_mail(app: Flask) -> Iterator[CapturedMail]:
    """Have ``app`` send nothing meanwhile; yields what it would have sent."""
    captured = CapturedMail(app)
    with _put_in_place(app, mailer=captured, wake_mail=lambda: None):
        yield captured


@contextmanager
def frozen_clock(app: Flask) -> Iterator[FrozenClock]:
    """Have the account layer of ``app`` live at one moment meanwhile."""
    clock = FrozenClock()
    with _put_in_place(app, clock=clock):
        yield clock


@contextmanager
def _put_in_place(app: Flask, **parts: Any) -> Iterator[None]:
    before: Accounts = app.extensions["porter"].accounts
    _keep(app, replace(before, **parts))
    try:
        yield
    finally:
        now: Accounts = app.extensions["porter"].accounts
        _keep(app, replace(now, **{name: getattr(before, name) for name in parts}))


def _keep(app: Flask, accounts: Accounts) -> None:
    app.extensions["porter"] = replace(app.extensions["porter"], accounts=accounts)
