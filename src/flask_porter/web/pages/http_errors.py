"""Errors of HTTP below our prefix in the look of our pages; the app's own pages keep the app's."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import current_app, make_response, redirect, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, default_exceptions
from werkzeug.routing import RequestRedirect

from ..own_paths import on_this_site
from ..page_facts import render_page
from ..request import accounts
from ..response import protect
from ..texts import TEXTS, text_of
from ..unavailable import told
from .form_page import said, with_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint, Response
    from werkzeug.wrappers import Response as AnyResponse

    from ...errors import Refusal, Unavailable


def answer_errors(pages: Blueprint) -> None:
    """Have ``pages`` show every error of HTTP that comes up in them."""
    for code in default_exceptions:
        # By their codes, since an app's handler of a code goes before one of all errors.
        pages.register_error_handler(code, show_error)


def show_error(error: HTTPException) -> AnyResponse:
    """Show an error of HTTP: ours, Flask's, or one that the app has raised."""
    if error.response is not None:
        return error.get_response()
    response = _page(error.code or 500, _told(error))
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def answer_unrouted() -> Response | None:
    """Answer a request below our prefix that nothing takes: 404, or 405 where only we take it.

    One whose path is misspelt by a slash is sent on.
    """
    error = request.routing_exception
    prefix = accounts().settings.url_prefix
    if not f"{request.path}/".startswith(f"{prefix}/"):
        return None
    if isinstance(error, NotFound) or (isinstance(error, MethodNotAllowed) and _takes_it(error)):
        return protect(make_response(show_error(error)))
    if isinstance(error, RequestRedirect):
        return protect(_sent_on(error))
    return None


def show_refusal(refusal: Refusal) -> Response:
    """Show a refusal that no form has taken."""
    return with_retry_after(_page(refusal.status, said(refusal)), refusal)


def show_refusal_elsewhere(refusal: Refusal) -> Response:
    """Show a refusal on a page of the app: by the app's handler of its status, or as ours are."""
    error = default_exceptions[refusal.status](said(refusal))
    answer = current_app.handle_http_exception(error)
    if answer is error:
        return show_refusal(refusal)
    return with_retry_after(make_response(answer), refusal)


def show_unavailable(away: Unavailable) -> Response:
    """Show that the database is away."""
    return _shown_or_said(show_refusal, told(away))


def show_unavailable_elsewhere(away: Unavailable) -> Response:
    """Show it on a page of the app, as any refusal there; no cache keeps it."""
    response = _shown_or_said(show_refusal_elsewhere, told(away))
    response.headers["Cache-Control"] = "no-store"
    return response


def _shown_or_said(show: Callable[[Refusal], Response], refusal: Refusal) -> Response:
    """Show a refusal, or say it in one line where what the app adds to each page fails as well."""
    try:
        return show(refusal)
    except Exception:
        current_app.logger.exception("The page of status %d cannot be shown.", refusal.status)
        plain = make_response(f"{said(refusal)}\n", refusal.status)
        plain.content_type = "text/plain; charset=utf-8"
        return with_retry_after(plain, refusal)


def _sent_on(error: RequestRedirect) -> Response:
    # As a path: Werkzeug names the host, which is whatever the Host header has said.
    path = urlsplit(error.new_url)._replace(scheme="", netloc="").geturl()
    return make_response(redirect(on_this_site(path), code=308))


def _page(status: int, text: str | None) -> Response:
    name = f"status_{status}"
    title = text_of(name) if name in TEXTS else HTTPStatus(status).phrase
    return render_page("error.html", status, status=status, title=title, text=text)


def _told(error: HTTPException) -> str | None:
    """Return what somebody has written about this error; what Werkzeug says of all is no news."""
    return None if error.description == type(error).description else error.description


def _takes_it(error: MethodNotAllowed) -> bool:
    """Tell whether the page that takes another method is ours."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None or not error.valid_methods:
        return False
    try:
        endpoint, _values = adapter.match(method=next(iter(error.valid_methods)))
    except RequestRedirect:
        # Only its slashes are wrong; to send a POST on would name the host of the request.
        return True
    return str(endpoint).startswith("porter.")
