"""What every template of ours is told of the app and of this request, as ``porter``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import current_app, has_request_context, make_response, request

from ..outbound.mailbox import Mailbox
from ..settings.colors import ink_on
from .own_paths import own_url, site_path
from .request import accounts, language
from .response import csp_nonce

if TYPE_CHECKING:
    from flask import Response

    from ..settings import Settings
    from .rendering import Rendering


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
        logo = self.settings.logo_url
        return None if logo is None else site_path(logo)

    @property
    def home_url(self) -> str:
        """Where one goes who has nothing else to do."""
        return site_path(self.settings.after_login)

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
    def mailbox(self) -> bool:
        """Whether mail stays here, and is shown in that console."""
        return self.development and isinstance(accounts().mailer, Mailbox)

    @property
    def csp_nonce(self) -> str:
        """The nonce of this response."""
        return csp_nonce() if has_request_context() else ""

    def url(self, name: str, **values: Any) -> str:
        """Return the path of one of our pages, by the name of its flow."""
        return own_url(f"porter.{name}", **values)


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
