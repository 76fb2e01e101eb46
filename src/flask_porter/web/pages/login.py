"""Log in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...flows import login as flows
from ...flows.outcomes import MailSent
from ..own_paths import own_url, site_path
from ..request import accounts
from ..response import drop_next, hold_next
from .form_page import FormPage, next_url, see_other

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import Outcome
    from .form_page import ShownForm


def add_to(pages: Blueprint) -> None:
    """Add the page."""
    pages.add_url_rule("/login", "login", login, methods=["GET", "POST"])


def login() -> Response:
    """Show the form, or log in and go where the visitor was going."""
    return FormPage("login.html", flows.with_password, _after, going_to=next_url)()


def _after(outcome: Outcome, form: ShownForm) -> Response:
    if isinstance(outcome, MailSent):
        hold_next(form.next)
        return see_other(own_url("porter.check_your_mail", flow=outcome.flow, held=""))
    drop_next()
    return see_other(form.next or site_path(accounts().settings.after_login))
