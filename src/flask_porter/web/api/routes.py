"""The rows of the JSON API: one a flow. What answers and the OpenAPI document both read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ...flows import (
    activity,
    change_email,
    change_password,
    close_account,
    devices,
    download_data,
    login,
    logout,
    not_me,
    reauthenticate,
    register,
    reset_password,
    verify_email,
)
from .bodies import (
    ActivityBody,
    CountBody,
    DataBody,
    DevicesBody,
    DoneBody,
    LoggedInBody,
    MailSentBody,
    OutcomeBody,
    RenewedBody,
    SecuredBody,
)

if TYPE_CHECKING:
    from ...flows.run import Flow
    from .bodies import Body


@dataclass(frozen=True, slots=True)
class Route:
    """One row.

    Args:
        method: of HTTP.
        path: below the prefix; a part in braces is a field of the input.
        flow: what runs.
        summary: what it does, for people.
        answers: the body by the status of a success.
        refuses: the reasons that the flow gives of its own, by status.
        needs_login: whether a stranger gets 401.
    """

    method: str
    path: str
    flow: Flow[Any, Any]
    summary: str
    answers: dict[int, type[Body] | None]
    refuses: dict[int, tuple[str, ...]]
    needs_login: bool = False

    @property
    def name(self) -> str:
        """The name of its endpoint, and its operationId."""
        return self.flow.name

    @property
    def done(self) -> type[OutcomeBody] | None:
        """The body of what is done, and neither a log-in nor a mail."""
        body = self.answers.get(200)
        return body if body is not None and issubclass(body, OutcomeBody) else None


Reasons = dict[int, tuple[str, ...]]

_THROTTLED: Final[Reasons] = {429: ("too_many_attempts",)}
_HASHING: Final[Reasons] = {**_THROTTLED, 503: ("busy",)}
_LOGGED_IN: Final[Reasons] = {401: ("login_required",)}
_FRESH: Final[Reasons] = {401: ("login_required", "reauthentication_required")}
_MAILED: Final[Reasons] = {401: ("code_invalid",), 410: ("link_invalid",), **_HASHING}
_MAILED_OR_PASSWORD: Final[Reasons] = {**_MAILED, 401: ("code_invalid", "wrong_password")}

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        "POST",
        "/register",
        register.register,
        "Begin an account",
        {202: MailSentBody},
        {403: ("registration_closed",), **_HASHING},
    ),
    Route(
        "POST",
        "/verify-email",
        verify_email.verify_email,
        "Verify the e-mail address, by the token of the link or the code of the mail",
        {200: DoneBody},
        _MAILED_OR_PASSWORD,
    ),
    Route(
        "POST",
        "/verify-email/again",
        verify_email.ask_again,
        "Ask for that mail again",
        {202: MailSentBody},
        _THROTTLED,
    ),
    Route(
        "POST",
        "/login",
        login.with_password,
        "Log in",
        {200: LoggedInBody, 202: MailSentBody},
        {401: ("wrong_credentials",), **_HASHING},
    ),
    Route(
        "POST",
        "/login/bearer",
        login.for_bearer,
        "Log in a client without cookies",
        {200: LoggedInBody, 202: MailSentBody},
        {401: ("wrong_credentials",), **_HASHING},
    ),
    Route("POST", "/logout", logout.logout, "Log out here", {204: None}, {}),
    Route(
        "POST",
        "/logout-everywhere",
        logout.logout_everywhere,
        "Log out on all devices",
        {204: None},
        _LOGGED_IN,
        needs_login=True,
    ),
    Route(
        "POST",
        "/reauthenticate",
        reauthenticate.reauthenticate,
        "Prove again who one is",
        {200: LoggedInBody},
        {401: ("login_required", "wrong_password", "session_over"), **_HASHING},
        needs_login=True,
    ),
    Route(
        "POST",
        "/reset-password",
        reset_password.ask,
        "Ask for a mail with which to choose a new password",
        {202: MailSentBody},
        _THROTTLED,
    ),
    Route(
        "POST",
        "/reset-password/finish",
        reset_password.finish,
        "Choose it, by the token of the link or the code of the mail",
        {200: DoneBody},
        _MAILED,
    ),
    Route(
        "POST",
        "/change-password",
        change_password.change_password,
        "Change the password, by the one there is",
        {200: RenewedBody},
        {
            401: ("login_required", "wrong_password"),
            403: ("no_password",),
            409: ("changed_meanwhile",),
            **_HASHING,
        },
        needs_login=True,
    ),
    Route(
        "POST",
        "/change-email",
        change_email.ask,
        "Ask for a mail to the new address",
        {202: MailSentBody},
        {**_FRESH, **_THROTTLED},
        needs_login=True,
    ),
    Route(
        "POST",
        "/change-email/finish",
        change_email.finish,
        "Take the new address, by the token of the link or the code of the mail",
        {200: RenewedBody},
        {**_MAILED_OR_PASSWORD, 409: ("email_taken",)},
    ),
    Route(
        "POST",
        "/not-me",
        not_me.not_me,
        "Take back what a security notice has told of",
        {200: SecuredBody},
        {410: ("link_invalid",), **_THROTTLED},
    ),
    Route(
        "GET",
        "/devices",
        devices.show,
        "See where one is logged in",
        {200: DevicesBody},
        _LOGGED_IN,
        needs_login=True,
    ),
    Route(
        "DELETE",
        "/devices/{handle}",
        devices.end,
        "Log out on one device; 204 if it was this one",
        {200: DoneBody, 204: None},
        {**_FRESH, 404: ("not_there",)},
        needs_login=True,
    ),
    Route(
        "DELETE",
        "/devices",
        devices.end_others,
        "Log out on all devices but this one",
        {200: CountBody},
        _FRESH,
        needs_login=True,
    ),
    Route(
        "GET",
        "/activity",
        activity.show,
        "See what happened lately",
        {200: ActivityBody},
        _LOGGED_IN,
        needs_login=True,
    ),
    Route(
        "GET",
        "/data",
        download_data.download_data,
        "Take all that is kept about oneself",
        {200: DataBody},
        {**_FRESH, **_THROTTLED},
        needs_login=True,
    ),
    Route(
        "POST",
        "/close-account",
        close_account.close_account,
        "Close the account",
        {200: DoneBody},
        {401: (*_FRESH[401], "wrong_password"), **_HASHING},
        needs_login=True,
    ),
)
