"""A client that shows a token in ``Authorization`` has no cookies, and is given none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request
from werkzeug.datastructures import ImmutableMultiDict

from ...login.forgotten_session import forget_session
from ..loaders import gives_a_token, is_bearer

if TYPE_CHECKING:
    from flask import Response


def forget_cookies(endpoint: str | None, values: Any) -> None:  # noqa: ARG001
    """Let the token alone say who asks, whatever cookies came along, and set none.

    Called before anything has asked who it is. RFC 6750 section 2: a client shows its token in one
    way; so a page that adds cookies of somebody else changes nothing.
    """
    if _is_without_cookies():
        request.__dict__["cookies"] = ImmutableMultiDict()
        forget_session(request._get_current_object())  # type: ignore[attr-defined]


def set_no_cookie(response: Response) -> Response:
    """Leave out what a flow would have a browser keep."""
    if _is_without_cookies():
        response.headers.pop("Set-Cookie", None)
    return response


def _is_without_cookies() -> bool:
    return is_bearer() or gives_a_token()
