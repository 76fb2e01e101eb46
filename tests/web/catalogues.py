"""Brings the catalogues up to date with the texts: ``python -m tests.web.catalogues``.

It puts new texts into each ``.po``, drops those that are gone, and makes each ``.mo`` anew, and
the ``.pot`` from which others begin a language.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from flask_porter.web.translations import DOMAIN

SOURCE = Path(__file__).parents[2] / "src" / "flask_porter" / "web"
FOLDER = SOURCE / "translations"
TEMPLATE = FOLDER / f"{DOMAIN}.pot"
LANGUAGES = ("de",)

_KEYWORDS = DEFAULT_KEYWORDS | {"marked": None, "counted": (1, 2)}
_METHODS = [
    ("**.py", "python"),
    ("templates/**.html", "jinja2.ext:babel_extract"),
    ("templates/**.txt", "jinja2.ext:babel_extract"),
]
_OPTIONS = {name: {"silent": "false"} for name, method in _METHODS if "jinja2" in method}
# No date of the day: the files change when a text does.
_DATE = datetime(2026, 1, 1, tzinfo=UTC)


def extracted() -> Catalog:
    """Return every text of the source, without translations."""
    catalog = Catalog(project="Flask-Porter", creation_date=_DATE, charset="utf-8")
    found = extract_from_dir(SOURCE, _METHODS, _OPTIONS, keywords=_KEYWORDS)
    for _, _, message, _, context in found:
        catalog.add(message, context=context)
    return catalog


def path_of(language: str, kind: str) -> Path:
    """Return the path of a catalogue; ``kind`` is ``po`` or ``mo``."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.{kind}"


def read(language: str) -> Catalog:
    """Return the translations into a language; none when there is no file yet."""
    path = path_of(language, "po")
    if not path.exists():
        return Catalog(language, project="Flask-Porter", creation_date=_DATE, revision_date=_DATE)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def template() -> set[object]:
    """Return the texts from which others begin a language."""
    with TEMPLATE.open("rb") as file:
        return {message.id for message in read_po(file)}


def compiled(language: str) -> bytes:
    """Return what the ``.mo`` of a language has to hold."""
    made = BytesIO()
    write_mo(made, read(language))
    return made.getvalue()


def update(language: str) -> None:
    """Bring the catalogue of a language up to date."""
    catalog = read(language)
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path_of(language, "po").parent.mkdir(parents=True, exist_ok=True)
    with path_of(language, "po").open("wb") as file:
        write_po(file, catalog, width=100, no_location=True, sort_output=True)
    path_of(language, "mo").write_bytes(compiled(language))


if __name__ == "__main__":
    with TEMPLATE.open("wb") as opened:
        write_po(opened, extracted(), width=100, no_location=True, sort_output=True)
    for each in LANGUAGES:
        update(each)
