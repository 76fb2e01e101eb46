"""All pages of the account layer, as one blueprint."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

from ...errors import Refusal, Unavailable
from ...login.require_login import public
from ..cross_site import need_no_tokens
from ..request import PAGES
from ..response import protect
from . import (
    account,
    change_email,
    change_password,
    development,
    leaving,
    login,
    logout,
    mailed_link,
    not_me,
    reauthenticate,
    register,
    reset_password,
    theme,
    verify_email,
)
from .http_errors import answer_errors, show_refusal, show_unavailable

_PAGES: Final = (
    account,
    change_email,
    change_password,
    leaving,
    login,
    logout,
    mailed_link,
    not_me,
    reauthenticate,
    register,
    reset_password,
    theme,
    verify_email,
)


def page_blueprint(url_prefix: str, *, is_development: bool) -> Blueprint:
    """Return the blueprint ``porter`` with every page, its templates and static files."""
    pages = Blueprint(
        PAGES,
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
    pages.register_error_handler(Refusal, show_refusal)
    pages.register_error_handler(Unavailable, show_unavailable)
    answer_errors(pages)
    need_no_tokens(pages)
    pages.after_request(protect)
    public(pages)
    return pages
