"""Give the account another e-mail address: ask for it, and confirm it by its mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import make_response

from ...flows import change_email as flows
from ...flows.outcomes import LoggedIn
from ...login.guards import fresh_login_required
from ..own_paths import own_url
from ..page_facts import render_page
from ..request import caller, is_posted
from ..response import drop_link, held_link
from ..texts import text_of
from .form_page import FormPage, see_other
from .mailed_link import CodePage, dead_link, opened_link, peek_at_link

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import MailSent, Outcome
    from .form_page import ShownForm

_CONFIRM = "porter.change_email_finish"


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/change-email", "change_email", change_email, methods=["GET", "POST"])
    pages.add_url_rule(
        "/change-email/confirm", "change_email_finish", finish, methods=["GET", "POST"]
    )


def change_email() -> Response:
    """Ask for the new address, or take the link or the code of the mail, from anybody."""
    if (redirect := opened_link(flows.PURPOSE, _CONFIRM)) is not None:
        return redirect
    if is_posted("code"):
        return CodePage(flows.finish, _after, flows.PURPOSE)()
    return make_response(_ask())


def finish() -> Response:
    """Show the button behind the link, or change the address."""
    token = held_link(flows.PURPOSE)
    if token is None:
        return see_other(own_url("porter.change_email"))
    proven = peek_at_link(flows.PURPOSE)
    if proven is None:
        return dead_link(flows.PURPOSE)
    needs = flows.needs_password(caller("pages"), proven)
    values: dict[str, Any] = {
        "needs_password": needs,
        "address": None if needs else proven.row.email,
        "new_address": True,
    }
    page = FormPage("verify_email.html", flows.finish, _after, lambda: values)
    return page({"token": token})


@fresh_login_required
def _ask() -> Response:
    values = {"email": caller("pages").user.email}
    return FormPage("change_email.html", flows.ask, _mailed, lambda: values)()


def _mailed(outcome: MailSent, form: ShownForm) -> Response:  # noqa: ARG001
    return see_other(own_url("porter.check_your_mail", flow=flows.PURPOSE))


def _after(outcome: Outcome, form: ShownForm) -> Response:  # noqa: ARG001
    drop_link()
    is_in = isinstance(outcome, LoggedIn)
    return render_page(
        "message.html",
        title=text_of("email_changed_title"),
        text=text_of("email_changed"),
        kind="good",
        link_url=own_url("porter.account" if is_in else "porter.login"),
        link_text=text_of("your_account" if is_in else "log_in"),
    )
