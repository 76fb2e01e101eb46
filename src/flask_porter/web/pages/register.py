"""Register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...flows import register as flows
from ..own_paths import own_url
from ..response import hold_next
from .form_page import FormPage, next_url, see_other

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import MailSent
    from .form_page import ShownForm


def add_to(pages: Blueprint) -> None:
    """Add the page."""
    pages.add_url_rule("/register", "register", register, methods=["GET", "POST"])


def register() -> Response:
    """Show the form, or begin an account."""
    return FormPage("register.html", flows.register, _after, going_to=next_url)()


def _after(outcome: MailSent, form: ShownForm) -> Response:
    hold_next(form.next)
    return see_other(own_url("porter.check_your_mail", flow=outcome.flow))
