"""Verify the e-mail address: where the link leads, and where the code is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...flows import verify_email as flows
from ..own_paths import own_url
from ..page_facts import render_page
from ..request import caller, is_posted
from ..response import drop_link, held_link, hold_next
from ..texts import text_of
from .form_page import FormPage, next_url, see_other
from .mailed_link import CodePage, dead_link, opened_link, peek_at_link

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import MailSent, Outcome
    from .form_page import ShownForm


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/verify-email", "verify_email", verify_email, methods=["GET", "POST"])
    pages.add_url_rule(
        "/verify-email/again", "verify_email_again", ask_again, methods=["GET", "POST"]
    )


def verify_email() -> Response:
    """Show the button behind the link, or take the link or the code."""
    if (redirect := opened_link("verify_email")) is not None:
        return redirect
    if is_posted("code"):
        return CodePage(flows.verify_email, _after)()
    token = held_link("verify_email")
    if token is None:
        return see_other(own_url("porter.check_your_mail", flow="verify_email"))
    proven = peek_at_link("verify_email")
    if proven is None:
        return dead_link("verify_email")
    needs_password = flows.needs_password(caller("pages"), proven)
    values: dict[str, Any] = {
        "needs_password": needs_password,
        "address": None if needs_password else proven.row.email,
    }
    page = FormPage("verify_email.html", flows.verify_email, _after, lambda: values)
    return page({"token": token})


def ask_again() -> Response:
    """Ask whose mail is to be sent again."""
    return FormPage("verify_email_again.html", flows.ask_again, _mailed, going_to=next_url)()


def _after(outcome: Outcome, form: ShownForm) -> Response:  # noqa: ARG001
    drop_link()
    return render_page(
        "message.html",
        title=text_of("email_verified_title"),
        text=text_of("email_verified"),
        kind="good",
        link_url=own_url("porter.login"),
        link_text=text_of("log_in"),
    )


def _mailed(outcome: MailSent, form: ShownForm) -> Response:
    hold_next(form.next)
    return see_other(own_url("porter.check_your_mail", flow=outcome.flow, again=1))
