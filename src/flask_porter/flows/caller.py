"""Who asks for a flow: which user, from which client, through which surface."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ..stores.base import SessionRecord

Surface = Literal["pages", "api", "cli", "app", "python"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and what is known of the client. Nothing in it was typed into a form."""

    surface: Surface
    #: The logged-in user, as a row of the app's own database session; None for a stranger.
    user: Any = None
    #: The session record by which they are logged in; None in the CLI and in scripts.
    record: SessionRecord | None = None
    #: The network address of the connection, from ``request.remote_addr`` alone.
    address: str = ""
    user_agent: str = ""
    #: A secret of this browser, kept in its session; mailed codes are bound to it.
    browser: str | None = field(default=None, repr=False)
    #: Whom this browser last asked a mail for, as typed.
    asked_for: str = field(default="", repr=False)
    #: The token of a browser in which somebody has logged in before.
    known_device: str | None = field(default=None, repr=False)
    #: The language of the client (BCP 47).
    language: str = "en"

    @property
    def user_id(self) -> Any:
        """The key of the logged-in user, or None."""
        return None if self.user is None else self.user.id

    @property
    def is_operator(self) -> bool:
        """Whether it is the operator of the app: the command line or a script."""
        return self.surface in {"cli", "python"}
