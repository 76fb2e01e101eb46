"""Texts in the language of whoever reads: gettext catalogues, ours and those of the app.

English is in the source. An app adds a language, or changes a text, by a catalogue of its own:
``translations/<language>/LC_MESSAGES/flask_porter.mo`` beside the app's modules.
"""

from __future__ import annotations

import gettext as catalogues
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import current_app, has_app_context, has_request_context
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DOMAIN: Final = "flask_porter"
SOURCE_LANGUAGE: Final = "en"

_OURS: Final = Path(__file__).parent
_spoken: ContextVar[str | None] = ContextVar("flask_porter_language", default=None)


def translations_for(language: str) -> catalogues.NullTranslations:
    """Return the texts of ``language`` (BCP 47); what nobody has translated stays English."""
    return _read(language, _folder_of_the_app())


def best_language(accepted: str, offered: Sequence[str]) -> str:
    """Return the language to answer in.

    Where the app uses Flask-Babel, that decides; else the browser does (RFC 9110 section 12.5.4).

    Args:
        accepted: the header ``Accept-Language``.
        offered: BCP 47 tags, the first by default; those without a catalogue do not count.
    """
    folder = _folder_of_the_app()
    known = [language for language in offered if _is_known(language, folder)]
    default = known[0] if known else SOURCE_LANGUAGE
    chosen = _language_of_babel()
    for wanted in [chosen] if chosen else _wanted(accepted):
        language = _match(wanted, known)
        if language is not None:
            return language
    return default


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Have every text within the block be in ``language``."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str | None:
    """Return the language of the block that :func:`speaking` began, or None outside of one."""
    return _spoken.get()


def gettext(message: str, /, **values: Any) -> str:
    """Return ``message`` in the language that is spoken, with ``values`` filled in."""
    return _now().gettext(message) % values


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """Return the form of a text that ``num`` asks for; ``num`` is one of the values."""
    return _now().ngettext(one, many, num) % {"num": num, **values}


def marked(message: str) -> str:
    """Return ``message``: it is looked up later, and the catalogues have to know it."""
    return message


def counted(one: str, many: str) -> tuple[str, str]:
    """Return both forms of a text with a number, to be looked up later."""
    return one, many


def _now() -> catalogues.NullTranslations:
    return translations_for(_spoken.get() or SOURCE_LANGUAGE)


def _folder_of_the_app() -> Path | None:
    return Path(current_app.root_path, "translations") if has_app_context() else None


def _language_of_babel() -> str | None:
    """Return what Flask-Babel has chosen for this request; it is imported where it is in use."""
    if not has_request_context() or "babel" not in current_app.extensions:
        return None
    babel: Any = sys.modules.get("flask_babel")
    locale = None if babel is None else babel.get_locale()
    return None if locale is None else str(locale).replace("_", "-")


def _wanted(accepted: str) -> list[str]:
    """Return the languages of the header, the dearest first."""
    parsed = parse_accept_header(accepted[:500], LanguageAccept)
    return [language for language, quality in parsed if quality > 0]


def _match(wanted: str, known: Sequence[str]) -> str | None:
    """Return the known language that comes nearest: the same, a wider one, another of its kind."""
    tags = {language.lower(): language for language in reversed(known)}
    parts = wanted.lower().split("-")
    for length in range(len(parts), 0, -1):
        if (found := tags.get("-".join(parts[:length]))) is not None:
            return found
    return next((tags[tag] for tag in tags if tag.split("-")[0] == parts[0]), None)


def _is_known(language: str, folder: Path | None) -> bool:
    is_source = language.partition("-")[0] == SOURCE_LANGUAGE
    return is_source or type(_read(language, folder)) is not catalogues.NullTranslations


@lru_cache(maxsize=256)
def _read(language: str, folder: Path | None) -> catalogues.NullTranslations:
    ours = _of_folder(language, _OURS)
    if folder is None or not folder.is_dir():
        return ours
    theirs = _of_folder(language, folder)
    if type(theirs) is catalogues.NullTranslations:
        return ours
    theirs.add_fallback(ours)
    return theirs


def _of_folder(language: str, folder: Path) -> catalogues.NullTranslations:
    names = [language.replace("-", "_")]
    return catalogues.translation(DOMAIN, folder, names, fallback=True)
