"""Everything that a flow may touch, handed in: it reaches for nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from ..models.audit import Audit
from ..models.kept_requests import KeptRequests
from ..models.outbox import Outbox
from ..models.own_session import commit
from ..models.roles import Roles
from ..models.tokens import Tokens
from ..models.users import Users

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from ..authenticators.password_rules import PasswordRules
    from ..authenticators.passwords import PasswordHasher
    from ..models.base import Models
    from ..models.database import Database
    from ..outbound.mail import Mailer
    from ..settings import Settings
    from ..stores.base import SessionStore, Throttle
    from .caller import Caller
    from .events import Event
    from .inputs import Input


class Check(Protocol):
    """Looks at a log-in before it is let in, as for those invited or a country."""

    def __call__(self, user: Any, caller: Caller) -> str | None:
        """Return None to let it in, or the stable reason of the refusal."""


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Accounts:
    """The account layer of one app, as its flows see it.

    Without a database session it is what the extension keeps; :func:`..flows.run.run` hands a
    flow one that is bound to a session, with everything that is kept in the database.
    """

    settings: Settings
    models: Models
    database: Database
    hasher: PasswordHasher
    password_rules: PasswordRules
    throttle: Throttle
    #: Makes the store of session records from a database session.
    session_store: Callable[[Session], SessionStore]
    #: ``link("reset_password", token)``: the URL that a mail names.
    link: Callable[[str, str], str]
    #: ``render("mail/reset_password.txt", language, values)``: a text from a template.
    render: Callable[[str, str, Mapping[str, Any]], str]
    mailer: Mailer
    #: Encrypts and opens what is kept for a while; :class:`..authenticators.sealing.Sealer`.
    seal: Callable[[bytes], bytes]
    unseal: Callable[[bytes], bytes | None]
    #: Tells the app of events, once they are committed.
    publish: Callable[[Event], None]
    #: The input models that the app has put in the place of ours, by flow.
    inputs: Mapping[str, type[Input]] = field(default_factory=dict)
    checks: Sequence[Check] = ()
    #: Wakes the delivery of mail; by itself nothing delivers.
    wake_mail: Callable[[], None] = lambda: None
    clock: Callable[[], datetime] = now
    #: The mails of this process that have gone out, and could not be marked as sent.
    gone_out: set[int] = field(default_factory=set)
    bound: Bound | None = None

    def within(self, session: Session, *, is_own: bool = False) -> Accounts:
        """Return the same, bound to a database session; ``is_own`` if nobody else uses it."""
        return replace(self, bound=Bound.to(self, session, is_own=is_own))

    @property
    def kept(self) -> Bound:
        """What is kept in the database; only a flow that runs has it."""
        if self.bound is None:
            raise RuntimeError("Flows are called by flask_porter.flows.run.run().")
        return self.bound

    @property
    def users(self) -> Users:
        """The users."""
        return self.kept.users

    @property
    def roles(self) -> Roles:
        """Their roles."""
        return self.kept.roles

    @property
    def tokens(self) -> Tokens:
        """The one-time tokens."""
        return self.kept.tokens

    @property
    def outbox(self) -> Outbox:
        """The mails that wait."""
        return self.kept.outbox

    @property
    def audit(self) -> Audit:
        """The audit log."""
        return self.kept.audit

    @property
    def kept_requests(self) -> KeptRequests:
        """The requests that wait for their user to reauthenticate."""
        return self.kept.kept_requests

    @property
    def sessions(self) -> SessionStore:
        """The session records."""
        return self.kept.sessions


@dataclass(frozen=True, slots=True)
class Bound:
    """What is kept in the database, through one database session, and what it has led to."""

    session: Session
    users: Users
    roles: Roles
    tokens: Tokens
    outbox: Outbox
    audit: Audit
    kept_requests: KeptRequests
    sessions: SessionStore
    #: Whether the session is the flow's own.
    is_own: bool = False
    #: Events to publish after the commit.
    events: list[Event] = field(default_factory=list)
    #: What to do after the commit, as waking the delivery of mail.
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    @classmethod
    def to(cls, accounts: Accounts, session: Session, *, is_own: bool = False) -> Bound:
        """Bind to ``session``."""
        models = accounts.models
        return cls(
            session=session,
            users=Users(session, models),
            roles=Roles(session, models),
            tokens=Tokens(session, models),
            outbox=Outbox(session, models),
            audit=Audit(session, models),
            kept_requests=KeptRequests(session, models),
            sessions=accounts.session_store(session),
            is_own=is_own,
        )

    def release(self) -> None:
        """Give the connection back to its pool until the next query; what was read stays read.

        For a flow that has written nothing yet and now counts an attempt, which takes a connection
        of its own, or hashes. With one connection held by each, enough at once would wait for ever.
        """
        if self.is_own:
            commit(self.session)
