"""Prove again who one is, and go on with what was interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import make_response, redirect, request

from ...flows import kept_requests
from ...flows import reauthenticate as flows
from ...login.guards import fresh_login_required, login_required
from ..kept_requests import PAGE
from ..own_paths import own_url, site_path
from ..page_facts import render_page
from ..request import accounts, caller, run
from ..response import drop_next
from .form_page import FormPage, next_url, see_other
from .interrupted import what_it_does

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import LoggedIn
    from .form_page import ShownForm


#: How much longer a form may be than what is kept of it: ``%`` and two digits for a byte.
_ENCODED: Final = 3
_PIECE: Final = 64 * 1024


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule(
        "/reauthenticate",
        "reauthenticate",
        login_required(reauthenticate),
        methods=["GET", "POST"],
    )
    pages.add_url_rule(
        "/resume/<id>",
        "resume_request",
        fresh_login_required(resume_request),
        methods=["GET", "POST"],
    )


def reauthenticate() -> Response:
    """Ask for the password, and go back."""
    return FormPage("reauthenticate.html", flows.reauthenticate, _after, _values, next_url)()


def resume_request(id: str) -> Response:
    """Show what was interrupted, with a button that sends it, once."""
    if request.method == "POST":
        # Read to its end, or some servers cut off the browser that is still sending.
        _read_away(accounts().settings.kept_request_max_bytes * _ENCODED)
        kept = run("pages", kept_requests.take, {"id": id}).values
        # The browser sends the same body on to there (RFC 9110 section 15.4.8).
        return make_response(redirect(kept["path"], code=307))
    kept = run("pages", kept_requests.show, {"id": id}).values
    what = what_it_does(kept["path"], kept["fields"])
    page = make_response(render_page("resume_request.html", method="POST", what=what, **kept))
    # It goes on to a view of the app, whose own check may want to know where it comes from.
    page.headers["Referrer-Policy"] = "same-origin"
    return page


def _read_away(left: int) -> None:
    """Read ``left`` bytes of the body at most, and keep none of them."""
    while left > 0 and (piece := request.stream.read(min(left, _PIECE))):
        left -= len(piece)


def _values() -> dict[str, Any]:
    waits = next_url() or ""
    return {
        "identifier": caller("pages").user.display_name,
        "kept": waits.startswith(own_url(PAGE, id="")),
    }


def _after(outcome: LoggedIn, form: ShownForm) -> Response:  # noqa: ARG001
    drop_next()
    return see_other(form.next or site_path(accounts().settings.after_login))
