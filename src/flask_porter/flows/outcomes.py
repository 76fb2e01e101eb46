"""What a flow answers when it says yes; the surface makes a page, JSON or a line of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..stores.base import SessionRecord


@dataclass(frozen=True, slots=True)
class Outcome:
    """The base of all outcomes."""


@dataclass(frozen=True, slots=True)
class LoggedIn(Outcome):
    """A session record has been opened, or replaced, for this client."""

    user: Any
    record: SessionRecord
    #: The whole session token, ``id.secret``: for this client alone.
    token: str = field(repr=False)
    #: Marks the browser as one in which this user has logged in.
    known_device: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FactorDue(Outcome):
    """The first factor is right, and a second one is due."""

    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoggedOut(Outcome):
    """The session record of this client is over."""

    user_id: Any = None
    #: Marks the browser as one that the user has used.
    known_device: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class MailSent(Outcome):
    """If there is somebody to write to, a mail is on its way; it says no more than that."""

    #: The flow that takes the code of the mail.
    flow: str
    #: The secret that this browser must show with the code.
    browser: str | None = field(default=None, repr=False)
    #: Whom it was asked for, as typed: attempts at the code count on that account.
    asked_for: str = ""


@dataclass(frozen=True, slots=True)
class TokenHeld(Outcome):
    """A mailed code was right: this browser holds a token in its place, for the next step."""

    #: What the token is for.
    purpose: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done(Outcome):
    """It is done. ``values`` is what the surface shows: plain data, made for this caller."""

    #: The stable name of what was done; texts are looked up by it.
    what: str
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    #: Whether this browser is logged out by it.
    logged_out: bool = False
    #: Marks the browser as one that the user has used.
    known_device: str | None = field(default=None, repr=False)
