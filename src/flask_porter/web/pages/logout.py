"""Log out, here or everywhere; never by a link (OWASP CSRF Prevention, "login and logout")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...flows import logout as flows
from ..own_paths import site_path
from ..request import accounts
from .form_page import FormPage, see_other

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import Outcome
    from .form_page import ShownForm


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/logout", "logout", logout, methods=["GET", "POST"])
    pages.add_url_rule(
        "/logout-everywhere", "logout_everywhere", logout_everywhere, methods=["GET", "POST"]
    )


def logout() -> Response:
    """Ask, or log out here."""
    return FormPage("logout.html", flows.logout, _after)()


def logout_everywhere() -> Response:
    """Ask, or log out on all devices."""
    return FormPage("logout.html", flows.logout_everywhere, _after)()


def _after(outcome: Outcome, form: ShownForm) -> Response:  # noqa: ARG001
    return see_other(form.next or site_path(accounts().settings.after_logout))
