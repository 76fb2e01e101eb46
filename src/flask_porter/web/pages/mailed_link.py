"""The two ends of a mail: the link that was opened, and the page on which its code is typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import abort, request

from ...authenticators.hidden import HiddenValues
from ...errors import Refusal, Refused
from ...flows.mailed_proof import peek
from ...flows.run import ask
from ..own_paths import own_url
from ..page_facts import render_page
from ..request import accounts, caller, form_fields, run
from ..response import apply, drop_link, held_link, hold_link
from ..texts import text_of
from .form_page import ShownForm, refused_form, see_other, with_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Blueprint, Response

    from ...flows.mailed_proof import Proven
    from ...flows.run import Flow

#: The flows whose mails carry a code.
_WITH_CODE = frozenset({"verify_email", "reset_password", "change_email"})


def add_to(pages: Blueprint) -> None:
    """Add the page that says that a mail is on its way."""
    pages.add_url_rule("/check-your-mail/<flow>", "check_your_mail", check_your_mail)


def check_your_mail(flow: str) -> Response:
    """Say that a mail is on its way, to anybody, and ask for its code."""
    if flow not in _WITH_CODE:
        abort(404)
    return show_code_form(flow, ShownForm(), needs_password="again" in request.args)


def opened_link(flow: str, then: str | None = None) -> Response | None:
    """Take the token of a link out of the address, if it is there, by a redirect.

    It leads to the endpoint ``then``, or to the same page.
    So it is in no Referer, no bookmark and over no shoulder (OWASP Forgot Password Cheat Sheet).
    """
    token = request.args.get("token")
    if request.method not in {"GET", "HEAD"} or token is None:
        return None
    hold_link(flow, token)
    return see_other(own_url(then or f"porter.{flow}"))


def peek_at_link(flow: str) -> Proven | None:
    """Return what the link that this browser has opened proves now; nothing is used up."""
    token = held_link(flow)
    if token is None:
        return None
    who = caller("pages")
    proven: Proven | None = ask(accounts(), lambda kept: peek(kept, who, flow, token))
    return proven


@dataclass(frozen=True)
class CodePage:
    """Takes the code of a mail for one flow.

    Args:
        flow: what a POST runs.
        succeed: makes the answer to a success; the outcome has been applied already.
        mail: the kind of the mail, if it is not the name of the flow.
    """

    flow: Flow[Any, Any]
    succeed: Callable[[Any, ShownForm], Response]
    mail: str | None = None

    def __call__(self) -> Response:
        """Answer the current POST."""
        posted = HiddenValues()
        try:
            posted = form_fields()
            outcome = run("pages", self.flow, posted)
        except Refusal as refusal:
            form = refused_form(refusal, self.flow.model, posted)
            needs_password = "password" in posted or "password" in form.errors
            page = show_code_form(
                self.mail or self.flow.name, form, refusal.status, needs_password=needs_password
            )
            return with_retry_after(page, refusal)
        apply(outcome)
        return self.succeed(outcome, ShownForm())


def show_code_form(
    flow: str, form: ShownForm, status: int = 200, *, needs_password: bool = False
) -> Response:
    """Return the page that asks for the code of a mail."""
    return render_page(
        "check_your_mail.html",
        status,
        form=form,
        flow=flow,
        address=caller("pages").asked_for or None,
        needs_password=needs_password,
        again_url=own_url(_AGAIN.get(flow, f"porter.{flow}")),
        is_held="held" in request.args,
    )


def dead_link(flow: str, again: str = "ask_again") -> Response:
    """Say that a link is good for nothing, the same for each thing that may be wrong with it.

    ``again`` names the text of what leads on: a mail of ``flow``.
    """
    drop_link()
    refusal = Refused("link_invalid", status=410)
    return render_page(
        "message.html",
        refusal.status,
        title=text_of("link_invalid_title"),
        text=text_of(refusal.reason, **refusal.details),
        kind="bad",
        link_url=own_url(_AGAIN.get(flow, f"porter.{flow}")),
        link_text=text_of(again),
        other_url=own_url("porter.login"),
        other_text=text_of("log_in"),
    )


_AGAIN = {"verify_email": "porter.verify_email_again"}
