"""What somebody gets whom a guard refuses, in the form their client understands, when hardened.

Sources: RFC 9457 (problem details); RFC 9110 sections 11.6.1 (challenge), 12.5.1 (Accept) and
12.5.5 (Vary); Fetch Metadata (Sec-Fetch-Dest); the htmx reference for its headers; OWASP Session
Management Cheat Sheet, "Web Content Caching".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from flask import abort, redirect
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response

from .current import current_request, request_state
from .redirects import expand_login_view, next_target, on_this_host
from .safe_next import safe_next

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request
    from werkzeug.datastructures import MIMEAccept
    from werkzeug.exceptions import HTTPException

    from .manager import LoginManager

#: What a client shall prove itself with, when the app names nothing else. No scheme that browsers
#: know: they would ask for a password in a window of their own.
CHALLENGE: Final = 'Cookie realm="login"'

_BASIC: Final = re.compile(r"(?:^|,)\s*basic\b", re.IGNORECASE)

_DETAILS: Final = {
    "login_required": "Please log in to access this.",
    "fresh_login_required": "Please log in again to access this.",
    "forbidden": "You may not access this.",
}
_TITLES: Final = {401: "Unauthorized", 403: "Forbidden"}


class Form(NamedTuple):
    """The form of an answer, and the request headers that it was chosen by."""

    name: str
    chosen_by: tuple[str, ...]


def form_for(request: Request) -> Form:
    """Return what the client understands: ``"htmx"``, ``"problem"`` or ``"page"``.

    A problem is for those who prefer JSON, and for scripts that do not name HTML. Turbo names it,
    and a client without headers is nobody's script.
    """
    headers = request.headers
    looked_at = ["HX-Request"]
    if headers.get("HX-Request") == "true":
        return Form("htmx", ("HX-Request", "HX-Current-URL"))
    looked_at.append("Accept")
    accept = request.accept_mimetypes
    if _prefers_json(accept):
        return Form("problem", tuple(looked_at))
    if not _names_html(accept):
        looked_at += ["X-Requested-With", "Sec-Fetch-Dest"]
        if headers.get("X-Requested-With") or headers.get("Sec-Fetch-Dest") == "empty":
            return Form("problem", tuple(looked_at))
    return Form("page", tuple(looked_at))


def ask_to_log_in(
    reason: str, view: str | None, challenge: str, way_to: Callable[[str | None], str]
) -> Response:
    """Answer a request that lacks a log-in.

    Args:
        reason: ``"login_required"`` or ``"fresh_login_required"``.
        view: the page to log in at, if there is one.
        challenge: the value of ``WWW-Authenticate``.
        way_to: tells the visitor why, and returns the URL of that page, which leads back to the
            given URL.

    Raises:
        Unauthorized: with a response, unless the answer is a redirect.
    """
    request = current_request()
    form = form_for(request)
    if form.name == "problem":
        login_url = expand_login_view(view) if view else None
        response = _problem(401, reason, login_url=login_url)
    elif not view:
        response = _plain(Unauthorized())
    elif form.name == "htmx":
        response = Response(status=401)
        response.headers["HX-Redirect"] = way_to(_page_of_htmx(request))
    else:
        response = redirect(way_to(next_target(request, hardened=True)), code=302)
        return _for_this_client_alone(response, form)
    response.headers["WWW-Authenticate"] = challenge
    raise Unauthorized(response=_for_this_client_alone(response, form))


def forbid(manager: LoginManager) -> NoReturn:
    """Answer a user who may not do this.

    Raises:
        Forbidden: always; hardened, with a response.
    """
    if not manager.hardened:
        abort(403)
    form = form_for(current_request())
    response = _problem(403, "forbidden") if form.name == "problem" else _plain(Forbidden())
    raise Forbidden(response=_for_this_client_alone(response, form))


def keep_out_of_caches(response: Response) -> None:
    """Forbid to keep what somebody known has been shown, unless the view has said how to keep it.

    Looks at what this request has found out anyway; the user is not asked, who may be expired in
    the database session by now.
    """
    if request_state().was_known and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"


def checked_challenge(challenge: str) -> str:
    """Return ``challenge`` if it may be sent.

    Raises:
        ValueError: it is not a challenge (RFC 9110 section 11.6.1), or for ``Basic``.
    """
    scheme = challenge.partition(" ")[0]
    if not scheme or not challenge.isprintable() or not challenge.isascii():
        raise ValueError(
            f"{challenge!r} is no challenge: write for example 'Bearer realm=\"api\"'."
        )
    if _BASIC.search(challenge):
        raise ValueError(
            "A browser answers the challenge 'Basic' with a window of its own, and keeps the"
            " password for good: name another scheme, for example 'Bearer realm=\"api\"'."
        )
    return challenge


def _prefers_json(accept: MIMEAccept) -> bool:
    """Tell whether JSON is worth more than HTML, or as much but named where HTML is not."""
    json_worth = max([accept.quality("application/json"), *_worths(accept, _is_json)])
    html_worth = max([accept.quality("text/html"), *_worths(accept, _is_html)])
    if json_worth != html_worth:
        return json_worth > html_worth
    return json_worth > 0 and bool(_worths(accept, _is_json)) and not _names_html(accept)


def _names_html(accept: MIMEAccept) -> bool:
    return any(worth > 0 for worth in _worths(accept, _is_html))


def _worths(accept: MIMEAccept, is_wanted: Callable[[str], bool]) -> list[float]:
    return [worth for kind, worth in accept if is_wanted(kind.partition(";")[0].strip().lower())]


def _is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json")


def _is_html(kind: str) -> bool:
    return kind in ("text/html", "application/xhtml+xml")


def _page_of_htmx(request: Request) -> str | None:
    """Return the page that the part was asked for from, if it is one of this site."""
    page = safe_next(request.headers.get("HX-Current-URL"))
    if page is None:
        return None
    # With a host, like the URL of any other request: the log-in page may be on another one.
    return on_this_host(request, page)


def _problem(status: int, reason: str, **members: Any) -> Response:
    body = {
        "title": _TITLES[status],
        "status": status,
        "reason": reason,
        "detail": _DETAILS[reason],
        **members,
    }
    response = Response(json.dumps(body), status, content_type="application/problem+json")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _plain(error: HTTPException) -> Response:
    """Return the very response that the error gives by itself."""
    return error.get_response()


def _for_this_client_alone(response: Response, form: Form) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(form.chosen_by)
    return response
