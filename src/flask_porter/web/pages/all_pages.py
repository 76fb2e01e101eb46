"""All pages of the account layer, as one blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint

from ...errors import Refusal
from ...login.require_login import public
from ..page_facts import render_page
from ..response import protect
from ..texts import text_of
from . import (
    account,
    development,
    leaving,
    login,
    logout,
    mailed_link,
    reauthenticate,
    register,
    theme,
    verify_email,
)
from .form_page import said, with_retry_after

if TYPE_CHECKING:
    from flask import Response

_PAGES: Final = (
    account,
    leaving,
    login,
    logout,
    mailed_link,
    reauthenticate,
    register,
    theme,
    verify_email,
)


def page_blueprint(url_prefix: str, *, is_development: bool) -> Blueprint:
    """Return the blueprint ``porter`` with every page, its templates and static files."""
    pages = Blueprint(
        "porter",
        "flask_porter.web",
        url_prefix=url_prefix,
        template_folder="templates",
        static_folder="static/porter",
        static_url_path="/static",
    )
    for page in _PAGES:
        page.add_to(pages)
    if is_development:
        development.add_to(pages)
    pages.register_error_handler(Refusal, refused)
    pages.after_request(protect)
    public(pages)
    return pages


def refused(refusal: Refusal) -> Response:
    """Show a refusal that no form has taken."""
    title = text_of(f"status_{refusal.status}")
    page = render_page(
        "error.html", refusal.status, status=refusal.status, title=title, text=said(refusal)
    )
    return with_retry_after(page, refusal)
