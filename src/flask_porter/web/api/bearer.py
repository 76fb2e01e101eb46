"""A client that shows a token in ``Authorization`` has no cookies, and is given none."""

from __future__ import annotations

from typing import Any, Final

from flask import request
from werkzeug.datastructures import ImmutableMultiDict

from ...login.forgotten_session import forget_session
from ..loaders import is_bearer

#: The endpoints that hand such a token out.
_GIVES_A_TOKEN: Final = frozenset({"porter_api.login_bearer"})


def is_without_cookies() -> bool:
    """Tell whether this request is one of a client without cookies."""
    return is_bearer() or request.endpoint in _GIVES_A_TOKEN


def forget_cookies(endpoint: str | None, values: Any) -> None:  # noqa: ARG001
    """Let the token alone say who asks, whatever cookies came along, and set none.

    Called before anything has asked who it is. RFC 6750 section 2: a client shows its token in one
    way; so a page that adds cookies of somebody else changes nothing.
    """
    if is_without_cookies():
        request.__dict__["cookies"] = ImmutableMultiDict()
        forget_session(request._get_current_object())  # type: ignore[attr-defined]
