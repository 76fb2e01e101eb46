"""What the JSON API answers, as models: the answers are made of them, and so is their schema."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from ...flows.download_data import as_text

if TYPE_CHECKING:
    from ...flows.outcomes import Done


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
    def of(cls, user: Any, record: Any, roles: list[str]) -> Self:
        """Describe a session record, its user, and what roles they have."""
        return cls(
            user=UserBody(
                id=str(user.id),
                email=user.email,
                username=user.username,
                email_verified=user.email_verified_at is not None,
                roles=sorted(roles),
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
        default=None, repr=False, description="For `Authorization: Bearer`; null for a browser."
    )


class RenewedBody(Body):
    """A change has ended every log-in but this one, which goes on under a new token."""

    session: SessionBody | None = Field(
        description="Null where the change was made by who was not logged in to this account."
    )
    session_token: str | None = Field(
        default=None, repr=False, description="For `Authorization: Bearer`; null for a browser."
    )


class NextStep(Body):
    """Something that the client can do now."""

    flow: str
    method: str
    href: str


class MailSentBody(Body):
    """If there is somebody to write to, a mail is on its way."""

    message: str = Field(description="For people, in their language.")
    next_steps: list[NextStep] = Field(description="What takes the token or code of the mail.")


class OutcomeBody(Body):
    """What a flow has done."""

    @classmethod
    def of(cls, outcome: Done) -> Self:
        """Describe an outcome, by those of its values that have a place here."""
        known = {"done": outcome.what, **outcome.values}
        given = {name: known[name] for name in cls.model_fields}
        return cls.model_validate(given, from_attributes=True)


class DoneBody(OutcomeBody):
    """It is done."""

    done: str = Field(description="The stable name of what was done.")


class CountBody(DoneBody):
    """It is done, so many times."""

    count: int


class SecuredBody(DoneBody):
    """An account has been given back to its owner."""

    is_mailed: bool = Field(description="Whether a mail for a new password is on its way.")


class DeviceBody(Body):
    """One place where somebody is logged in."""

    handle: str = Field(description="What ends it; good for nothing else.")
    name: str = Field(description="As `Firefox (Linux)`; empty for one that nobody knows.")
    address: str
    first_seen: datetime
    last_seen: datetime
    is_this: bool
    remembered: bool


class DevicesBody(OutcomeBody):
    """Where somebody is logged in, the device last seen first."""

    devices: list[DeviceBody]


class EntryBody(Body):
    """One thing that happened in an account."""

    at: datetime
    event: str = Field(description="In the words of the OWASP Logging Vocabulary.")
    reason: str = Field(description="Empty for an event that needs none.")
    address: str
    device: str
    serious: bool = Field(description="Whether somebody should look twice.")


class ActivityBody(OutcomeBody):
    """What happened lately, the newest first."""

    events: list[EntryBody]


class DataBody(OutcomeBody):
    """All that is kept about somebody."""

    account: dict[str, JsonValue] = Field(description="With what the app keeps of its own.")
    roles: list[str]
    devices: list[DeviceBody]
    activity: list[EntryBody]

    @field_validator("account", mode="before")
    @classmethod
    def _as_json(cls, account: object) -> Any:
        # What an app adds may be of any type.
        return json.loads(json.dumps(account, default=as_text))
