"""Prove again who one is, and go on with what was interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...flows import kept_requests
from ...flows import reauthenticate as flows
from ...login.guards import fresh_login_required, login_required
from ..own_paths import site_path
from ..page_facts import render_page
from ..request import accounts, caller, run
from ..response import drop_next
from .form_page import FormPage, next_url, see_other

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import LoggedIn
    from .form_page import ShownForm


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule(
        "/reauthenticate",
        "reauthenticate",
        login_required(reauthenticate),
        methods=["GET", "POST"],
    )
    pages.add_url_rule("/resume/<id>", "resume_request", fresh_login_required(resume_request))


def reauthenticate() -> Response:
    """Ask for the password, and go back."""
    return FormPage("reauthenticate.html", flows.reauthenticate, _after, _values, next_url)()


def resume_request(id: str) -> Response:
    """Show what was interrupted, once, with a button that sends it."""
    kept = run("pages", kept_requests.take, {"id": id}).values
    return render_page(
        "resume_request.html", method="POST", path=kept["path"], fields=kept["fields"]
    )


def _values() -> dict[str, Any]:
    waits = next_url() or ""
    return {
        "identifier": caller("pages").user.display_name,
        "kept": "/resume/" in waits,
    }


def _after(outcome: LoggedIn, form: ShownForm) -> Response:  # noqa: ARG001
    drop_next()
    return see_other(form.next or site_path(accounts().settings.after_login))
