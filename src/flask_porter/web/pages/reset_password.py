"""Choose a new password by mail: ask for it, type its code or follow its link, choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...flows import reset_password as flows
from ..own_paths import own_url
from ..page_facts import render_page
from ..request import is_posted
from ..response import drop_link, held_link, hold_link, hold_next
from ..texts import text_of
from .form_page import FormPage, next_url, see_other
from .mailed_link import CodePage, dead_link, opened_link, peek_at_link

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import MailSent, Outcome, TokenHeld
    from .form_page import ShownForm

_NEW = "porter.reset_password_finish"


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/reset-password", "reset_password", ask, methods=["GET", "POST"])
    pages.add_url_rule(
        "/reset-password/new", "reset_password_finish", finish, methods=["GET", "POST"]
    )


def ask() -> Response:
    """Ask whose password it is, or take the link or the code of the mail."""
    if (redirect := opened_link(flows.PURPOSE, _NEW)) is not None:
        return redirect
    if is_posted("code"):
        return CodePage(flows.take_code, _code_taken, flows.PURPOSE)()
    return FormPage("reset_password.html", flows.ask, _mailed, going_to=next_url)()


def finish() -> Response:
    """Ask for the new password, in a browser that has opened the link or shown the code."""
    token = held_link(flows.PURPOSE)
    if token is None:
        return see_other(own_url("porter.reset_password"))
    proven = peek_at_link(flows.PURPOSE)
    if proven is None:
        return dead_link(flows.PURPOSE)
    values: dict[str, Any] = {"identifier": proven.user.display_name}
    page = FormPage("reset_password_finish.html", flows.finish, _after, lambda: values, next_url)
    return page({"token": token})


def _mailed(outcome: MailSent, form: ShownForm) -> Response:  # noqa: ARG001
    hold_next(form.next)
    return see_other(own_url("porter.check_your_mail", flow=flows.PURPOSE))


def _code_taken(outcome: TokenHeld, form: ShownForm) -> Response:  # noqa: ARG001
    hold_link(outcome.purpose, outcome.token)
    return see_other(own_url(_NEW))


def _after(outcome: Outcome, form: ShownForm) -> Response:  # noqa: ARG001
    drop_link()
    # Who was logged in here is not any more, and the session was cleared.
    hold_next(form.next)
    return render_page(
        "message.html",
        title=text_of("password_reset_title"),
        text=text_of("password_reset"),
        kind="good",
        link_url=own_url("porter.login"),
        link_text=text_of("log_in"),
    )
