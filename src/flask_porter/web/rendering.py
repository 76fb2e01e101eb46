"""Renders pages and mails: the app's templates before ours, in the language of whoever reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader

from .translations import SOURCE_LANGUAGE, speaking, spoken, translations_for
from .wording import add_filters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from gettext import NullTranslations

    from flask import Flask
    from jinja2 import Environment

_TEMPLATES: Final = Path(__file__).parent / "templates" / "porter"


class Rendering:
    """Renders the templates of one app's account layer."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._environment: Environment | None = None

    @property
    def environment(self) -> Environment:
        """The app's own environment, with gettext: what the app has put into it counts here."""
        if self._environment is None:
            made = self._app.jinja_env.overlay()
            # An overlay shares these with the app's environment, whose `gettext` may be another.
            made.globals, made.filters = dict(made.globals), dict(made.filters)
            made.loader = _with_ours(made.loader)
            made.add_extension("jinja2.ext.i18n")
            made.install_gettext_callables(  # type: ignore[attr-defined]
                lambda text: _translations().gettext(text),
                lambda one, many, count: _translations().ngettext(one, many, count),
                newstyle=True,
            )
            add_filters(made)
            self._environment = made
        return self._environment

    def render(self, name: str, language: str, values: Mapping[str, Any]) -> str:
        """Return ``porter/<name>`` with ``values``, in ``language`` (BCP 47)."""
        with speaking(language):
            return self.environment.get_template(f"porter/{name}").render(**values)


def _with_ours(loader: BaseLoader | None) -> BaseLoader:
    """Let a template that stands in the place of ours extend ours: ``flask_porter/login.html``."""
    ours = PrefixLoader({"flask_porter": FileSystemLoader(_TEMPLATES)})
    return ours if loader is None else ChoiceLoader([loader, ours])


def _translations() -> NullTranslations:
    return translations_for(spoken() or SOURCE_LANGUAGE)
