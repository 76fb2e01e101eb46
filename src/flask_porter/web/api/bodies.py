"""What the JSON API answers, as models: the answers are made of them, and so is their schema."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from ..texts import text_of

if TYPE_CHECKING:
    from ...errors import Refusal
    from ...flows.outcomes import Done, LoggedIn, MailSent
    from ...flows.resume import Resumed


class Body(BaseModel):
    """The base of all answers: nothing in them that is not named."""

    model_config = ConfigDict(extra="forbid")


class UserBody(Body):
    """Who is logged in."""

    id: str
    email: str | None
    username: str | None
    email_verified: bool
    roles: list[str]


class SessionBody(Body):
    """How they are logged in; times are in UTC (RFC 3339)."""

    user: UserBody
    auth_time: datetime = Field(description="When who they are was last proven.")
    amr: list[str] = Field(description="How (RFC 8176).")
    expires_at: datetime
    remembered: bool

    @classmethod
    def of(cls, resumed: Resumed | LoggedIn) -> SessionBody:
        """Describe a session record and its user."""
        user, record = resumed.user, resumed.record
        return cls(
            user=UserBody(
                id=str(user.id),
                email=user.email,
                username=user.username,
                email_verified=user.email_verified_at is not None,
                roles=sorted(role.name for role in user.roles),
            ),
            auth_time=record.auth_time,
            amr=list(record.amr),
            expires_at=record.expires_at,
            remembered=record.remembered,
        )


class LoggedInBody(Body):
    """A log-in, and for a client without cookies the token it shows from now on."""

    session: SessionBody
    session_token: str | None = Field(
        default=None, description="For `Authorization: Bearer`; null for a browser."
    )


class MailSentBody(Body):
    """If there is somebody to write to, a mail is on its way."""

    flow: str = Field(description="Which flow takes the code of the mail.")
    message: str

    @classmethod
    def of(cls, outcome: MailSent) -> MailSentBody:
        """Describe the outcome; it tells the same to all."""
        return cls(flow=outcome.flow, message=text_of("mail_sent"))


class DoneBody(Body):
    """It is done."""

    done: str = Field(description="The stable name of what was done.")
    values: dict[str, Any] = {}

    @classmethod
    def of(cls, outcome: Done) -> DoneBody:
        """Describe the outcome."""
        return cls(done=outcome.what, values=outcome.values)


class NextStep(Body):
    """Something that the client can do now."""

    flow: str
    method: str
    href: str


class FieldProblem(Body):
    """What is wrong with one field."""

    reason: str
    detail: str


class Problem(Body):
    """Why not (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    reason: str = Field(description="Stable; a client decides by it.")
    detail: str = Field(description="For people, in their language.")
    fields: dict[str, list[FieldProblem]] = {}
    next_steps: list[NextStep] = []
    retry_after: int | None = Field(default=None, description="Seconds.")

    @classmethod
    def of(cls, refusal: Refusal, next_steps: list[NextStep]) -> Problem:
        """Describe a refusal."""
        fields: dict[str, tuple[str, ...]] = getattr(refusal, "fields", {})
        return cls(
            title=text_of(f"status_{refusal.status}"),
            status=refusal.status,
            reason=refusal.reason,
            detail=text_of(refusal.reason, **refusal.details),
            fields={
                name: [FieldProblem(reason=reason, detail=text_of(reason)) for reason in reasons]
                for name, reasons in fields.items()
            },
            next_steps=next_steps,
            retry_after=getattr(refusal, "retry_after", None),
        )
