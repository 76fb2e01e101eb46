"""Choose another password, by the one there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...flows import change_password as flows
from ...flows.outcomes import LoggedIn
from ...login.guards import login_required
from ..own_paths import own_url
from ..page_facts import render_page
from ..request import caller
from ..texts import text_of
from .form_page import FormPage

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import Outcome
    from .form_page import ShownForm


def add_to(pages: Blueprint) -> None:
    """Add the page."""
    pages.add_url_rule(
        "/change-password",
        "change_password",
        login_required(change_password),
        methods=["GET", "POST"],
    )


def change_password() -> Response:
    """Show the form, or change the password."""
    return FormPage("change_password.html", flows.change_password, _after, _values)()


def _values() -> dict[str, Any]:
    return {"identifier": caller("pages").user.display_name}


def _after(outcome: Outcome, form: ShownForm) -> Response:  # noqa: ARG001
    is_in = isinstance(outcome, LoggedIn)
    return render_page(
        "message.html",
        title=text_of("password_changed_title"),
        text=text_of("password_changed" if is_in else "password_reset"),
        kind="good",
        link_url=own_url("porter.account" if is_in else "porter.login"),
        link_text=text_of("your_account" if is_in else "log_in"),
    )
