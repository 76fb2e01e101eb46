"""This wasn't me: where the link of a security notice leads. Only the button changes anything."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...flows import not_me as flows
from ...flows.run import ask
from ..own_paths import own_url, site_path
from ..page_facts import render_page
from ..request import accounts, caller
from ..response import drop_link, held_link
from ..texts import text_of
from .form_page import FormPage, see_other
from .mailed_link import dead_link, opened_link

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import Done
    from .form_page import ShownForm


def add_to(pages: Blueprint) -> None:
    """Add the page."""
    pages.add_url_rule("/not-me", "not_me", not_me, methods=["GET", "POST"])


def not_me() -> Response:
    """Show what the button takes back, or take it back."""
    if (redirect := opened_link("not_me")) is not None:
        return redirect
    token = held_link("not_me")
    if token is None:
        return see_other(own_url("porter.reset_password"))
    who = caller("pages")
    proven = ask(accounts(), lambda kept: flows.look(kept, who, token))
    if proven is None:
        return dead_link("reset_password", "choose_password")
    told = proven.row.data
    values: dict[str, Any] = {
        "what": text_of(f"not_me_{told['change']}"),
        "when": datetime.fromisoformat(told["at"]),
    }
    return FormPage("not_me.html", flows.not_me, _after, lambda: values)({"token": token})


def _after(outcome: Done, form: ShownForm) -> Response:  # noqa: ARG001
    drop_link()
    is_mailed = outcome.values["is_mailed"]
    return render_page(
        "message.html",
        title=text_of("account_secured_title"),
        text=text_of("account_secured" if is_mailed else "account_secured_without_mail"),
        kind="good" if is_mailed else "bad",
        link_url=site_path(accounts().settings.after_logout),
        link_text=text_of("continue"),
    )
