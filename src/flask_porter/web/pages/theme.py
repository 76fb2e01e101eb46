"""The stylesheet with the app's own colour, which a strict policy allows and a style tag is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..page_facts import render_page

if TYPE_CHECKING:
    from flask import Blueprint, Response


def add_to(pages: Blueprint) -> None:
    """Add the stylesheet."""
    pages.add_url_rule("/theme.css", "theme", theme)


def theme() -> Response:
    """Return the variables that the settings fill."""
    response = render_page("theme.css")
    response.content_type = "text/css; charset=utf-8"
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response
