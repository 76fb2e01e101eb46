"""What one takes along, and the end of an account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask import make_response, request

from ...flows import close_account as close_flows
from ...flows import download_data as data_flows
from ...login.guards import fresh_login_required
from ..own_paths import site_path
from ..page_facts import render_page
from ..request import accounts, caller, run
from ..texts import text_of
from .form_page import FormPage, ShownForm

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.outcomes import Done


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    both = ["GET", "POST"]
    pages.add_url_rule(
        "/download-data", "download_data", fresh_login_required(download_data), methods=both
    )
    pages.add_url_rule(
        "/close-account", "close_account", fresh_login_required(close_account), methods=both
    )


def download_data() -> Response:
    """Say what is in the file, or send it."""
    if request.method != "POST":
        return render_page("download_data.html", form=ShownForm())
    data = run("pages", data_flows.download_data, {}).values
    response = make_response(
        json.dumps(data, indent=2, default=data_flows.as_text, ensure_ascii=False)
    )
    response.content_type = "application/json"
    response.headers["Content-Disposition"] = 'attachment; filename="account.json"'
    return response


def close_account() -> Response:
    """Ask for the last word, or close the account."""
    return FormPage("close_account.html", close_flows.close_account, _closed, _values)()


def _values() -> dict[str, Any]:
    return {"identifier": caller("pages").user.display_name}


def _closed(outcome: Done, form: ShownForm) -> Response:  # noqa: ARG001
    return render_page(
        "message.html",
        title=text_of("account_closed_title"),
        text=text_of("account_closed" if outcome.values["is_gone"] else "account_emptied"),
        kind="good",
        link_url=site_path(accounts().settings.after_logout),
        link_text=text_of("to_home"),
    )
