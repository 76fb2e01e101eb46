"""An expected no, or an error of HTTP, as ``problem+json`` (RFC 9457), with what leads on."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import make_response, request
from pydantic import Field
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.routing import RequestRedirect

from ...errors import InvalidInput, Refusal, Refused, Unavailable
from ..loaders import is_bearer
from ..request import accounts, language
from ..response import protect
from ..texts import TEXTS, text_of
from ..unavailable import told
from .bearer import forget_cookies
from .bodies import Body, NextStep
from .next_steps import next_steps

if TYPE_CHECKING:
    from flask import Blueprint, Response
    from werkzeug.wrappers import Response as AnyResponse


#: Of what Flask or the app refuses. Not the phrases of the status, which differ among Pythons.
_REASONS: Final = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "internal_error",
    502: "bad_gateway",
    503: "unavailable",
    504: "gateway_timeout",
}


class FieldProblem(Body):
    """What is wrong with one field."""

    reason: str = Field(description="Stable; a client decides by it.")
    detail: str = Field(description="For people, in their language.")


class Problem(Body):
    """Why not (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    reason: str = Field(description="Stable; a client decides by it.")
    detail: str = Field(description="For people, in their language.")
    fields: dict[str, list[FieldProblem]] = Field(default_factory=dict)
    next_steps: list[NextStep] = Field(default_factory=list)
    retry_after: int | None = Field(default=None, description="Seconds.")


def answer_errors(api: Blueprint) -> None:
    """Have ``api`` answer every refusal and every error of HTTP in JSON."""
    api.register_error_handler(Refusal, refuse)
    api.register_error_handler(Unavailable, answer_unavailable)
    for code in default_exceptions:
        # By their codes, since an app's handler of a code goes before one of all errors.
        api.register_error_handler(code, show_error)


def refuse(refusal: Refusal) -> Response:
    """Answer an expected no."""
    retry_after = getattr(refusal, "retry_after", None)
    problem = Problem(
        title=_title(refusal.status),
        status=refusal.status,
        reason=refusal.reason,
        detail=text_of(refusal.reason, **refusal.details),
        fields=_fields(refusal) if isinstance(refusal, InvalidInput) else {},
        next_steps=next_steps(refusal.next_steps) if isinstance(refusal, Refused) else [],
        retry_after=retry_after,
    )
    response = _answer(problem)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = _challenge(refusal.reason)
    return response


def answer_unavailable(away: Unavailable) -> Response:
    """Answer that the database is away."""
    return refuse(told(away))


def show_error(error: HTTPException) -> AnyResponse:
    """Answer an error of HTTP: ours, Flask's, or one that the app has raised."""
    if error.response is not None:
        return error.get_response()
    status = error.code or 500
    title = _title(status)
    reason = _REASONS.get(status, f"http_{status}")
    response = _answer(Problem(title=title, status=status, reason=reason, detail=title))
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def answer_unrouted() -> Response | None:
    """Answer a request below our prefix that no row takes: 404, or 405 with the methods."""
    error = request.routing_exception
    if error is None or isinstance(error, RequestRedirect) or not is_for_us():
        return None
    forget_cookies(None, None)
    return protect(make_response(show_error(error)))


def is_for_us() -> bool:
    """Tell whether this request is below the prefix of the API, whatever it asks for."""
    settings = accounts().settings
    return settings.api and f"{request.path}/".startswith(f"{settings.api_prefix}/")


def _answer(problem: Problem) -> Response:
    response = make_response(problem.model_dump_json(), problem.status)
    response.content_type = "application/problem+json"
    response.content_language.add(language())
    response.vary.add("Accept-Language")
    return response


def _title(status: int) -> str:
    name = f"status_{status}"
    return text_of(name) if name in TEXTS else HTTPStatus(status).phrase


def _fields(refusal: InvalidInput) -> dict[str, list[FieldProblem]]:
    return {
        name: [FieldProblem(reason=reason, detail=text_of(reason)) for reason in reasons]
        for name, reasons in refusal.fields.items()
    }


def _challenge(reason: str) -> str:
    """Return what ``WWW-Authenticate`` says (RFC 9110 section 11.6.1, RFC 6750 3, RFC 9470 3)."""
    if not is_bearer():
        # No scheme for which a browser would ask by a window of its own.
        return 'Cookie realm="login"'
    if reason == "reauthentication_required":
        seconds = int(accounts().settings.fresh_for.total_seconds())
        return f'Bearer error="insufficient_user_authentication", max_age="{seconds}"'
    return 'Bearer error="invalid_token"' if reason == "login_required" else "Bearer"
