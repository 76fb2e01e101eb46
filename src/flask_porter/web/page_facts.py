"""What every template of ours is told of the app and of this request, as ``porter``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import current_app, has_request_context, make_response, request, url_for

from .request import accounts, language
from .response import csp_nonce

if TYPE_CHECKING:
    from flask import Response

    from ..settings import Settings
    from .rendering import Rendering

# Relative luminance above which black is easier to read than white (WCAG 2.2, contrast ratio).
_BRIGHT = 0.179


@dataclass(frozen=True, slots=True)
class PageFacts:
    """The value ``porter`` of every template."""

    settings: Settings
    language: str

    @property
    def app_name(self) -> str:
        """The name of the app."""
        return self.settings.app_name

    @property
    def brand_color(self) -> str:
        """The colour of buttons and links."""
        return self.settings.brand_color

    @property
    def brand_ink(self) -> str:
        """What is readable on it: ``#000`` or ``#fff``."""
        return ink_on(self.settings.brand_color)

    @property
    def logo_url(self) -> str | None:
        """Where the logo is, on this site."""
        return self.settings.logo_url

    @property
    def home_url(self) -> str:
        """Where one goes who has nothing else to do."""
        return self.settings.after_login

    @property
    def registration_open(self) -> bool:
        """Whether anybody may register."""
        return self.settings.registration == "open"

    @property
    def identifiers(self) -> str:
        """What people are named by: ``email``, ``username`` or ``both``."""
        return self.settings.identifiers

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that are offered."""
        return tuple(self.settings.languages)

    @property
    def min_length(self) -> int:
        """How many characters a password needs."""
        return self.settings.password_min_length

    @property
    def remember(self) -> bool:
        """Whether "keep me logged in" is offered."""
        return self.settings.remember

    @property
    def development(self) -> bool:
        """Whether the development console is there."""
        return "porter.development" in current_app.view_functions

    @property
    def csp_nonce(self) -> str:
        """The nonce of this response."""
        return csp_nonce() if has_request_context() else ""

    def url(self, name: str, **values: Any) -> str:
        """Return the path of one of our pages, by the name of its flow."""
        return url_for(f"porter.{name}", **values)


def render_page(template: str, code: int = 200, /, **values: Any) -> Response:
    """Return one of our pages, in the language of whoever asks."""
    rendering: Rendering = current_app.extensions["porter"].rendering
    facts = PageFacts(accounts().settings, language())
    context: dict[str, Any] = {"form": None, "request": request}
    current_app.update_template_context(context)
    html = rendering.render(template, facts.language, context | {"porter": facts} | values)
    response = make_response(html, code)
    response.headers["Content-Language"] = facts.language
    response.vary.add("Accept-Language")
    return response


def ink_on(color: str) -> str:
    """Return black or white, whichever is read more easily on ``color``, a hex triplet."""
    digits = color.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000" if luminance > _BRIGHT else "#fff"
