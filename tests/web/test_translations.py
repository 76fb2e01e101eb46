"""Tests of the catalogues, and of the choice of a language."""

from __future__ import annotations

import gettext as catalogues
import re
import sys
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from flask import Flask

from flask_porter.web.rendering import Rendering
from flask_porter.web.translations import (
    best_language,
    gettext,
    ngettext,
    speaking,
    spoken,
    translations_for,
)
from tests.web import catalogues as files
from tests.web.sample_pages import PAGES, create_app

PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+>")


def sayings(value: object) -> list[str]:
    """Return one text, or both forms of one."""
    return [value] if isinstance(value, str) else [str(form) for form in value or ()]  # type: ignore[attr-defined]


def untranslated(source: Catalog, translated: Catalog) -> list[str]:
    """Return the texts of the source that have no translation, or one that is in doubt."""
    return [
        str(message.id)
        for message in source
        if message.id and not _is_translated(message, translated)
    ]


def _is_translated(message: Message, translated: Catalog) -> bool:
    # A catalogue finds a text with two forms by the first.
    found = translated.get(message.id if isinstance(message.id, str) else message.id[0])
    if found is None or found.fuzzy or bool(message.pluralizable) != bool(found.pluralizable):
        return False
    forms = sayings(found.string)
    wanted = translated.num_plurals if found.pluralizable else 1
    return len(forms) == wanted and all(forms)


@pytest.mark.parametrize("language", files.LANGUAGES)
def test_every_text_is_translated_and_none_is_left_over(language: str) -> None:
    source, translated = files.extracted(), files.read(language)
    assert len(source) > 200
    assert untranslated(source, translated) == []
    assert not translated.obsolete
    assert len(translated) == len(source)


def test_a_text_without_a_translation_is_found() -> None:
    source = files.extracted()
    source.add("Something new")
    source.add(("One new thing", "%(num)d new things"))
    assert len(untranslated(source, files.read("de"))) == 2


def test_the_file_from_which_others_begin_has_every_text() -> None:
    assert files.template() == {message.id for message in files.extracted()}


@pytest.mark.parametrize("language", files.LANGUAGES)
def test_a_translation_names_what_the_text_names(language: str) -> None:
    for message in files.read(language):
        if message.id:
            known = [set(PLACES.findall(text)) for text in sayings(message.id)]
            for form in sayings(message.string):
                assert set(PLACES.findall(form)) in known, message.id


@pytest.mark.parametrize("language", files.LANGUAGES)
def test_the_machine_readable_file_is_made_of_the_readable_one(language: str) -> None:
    stored = catalogues.GNUTranslations(BytesIO(files.path_of(language, "mo").read_bytes()))
    made = catalogues.GNUTranslations(BytesIO(files.compiled(language)))
    assert _without_header(stored) == _without_header(made)


def _without_header(translations: catalogues.GNUTranslations) -> dict[object, str]:
    texts: Mapping[object, str] = vars(translations)["_catalog"]
    return {key: text for key, text in texts.items() if key != ""}


def test_a_number_takes_its_form() -> None:
    with speaking("de"):
        assert ngettext("%(num)d device", "%(num)d devices", 1) == "1 Gerät"
        assert ngettext("%(num)d device", "%(num)d devices", 3) == "3 Geräte"
    assert ngettext("%(num)d device", "%(num)d devices", 3) == "3 devices"


def test_a_block_speaks_its_language_and_no_longer() -> None:
    with speaking("de"):
        with speaking("en"):
            assert gettext("Log in") == "Log in"
        assert gettext("Log in") == "Anmelden"
    assert spoken() is None
    assert translations_for("de-AT").gettext("Log in") == "Anmelden"


def test_every_page_is_german_when_asked_for() -> None:
    client = create_app(language="de", development=True, identifiers="both").test_client()
    for name in PAGES:
        page = client.get(f"/{name}").text
        assert '<html lang="de">' in page
        assert "Zum Inhalt springen" in page
    assert "Neues Passwort" in client.get("/change_password").text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("fr, de;q=0.5", "de"),
        ("fr", "en"),
        ("en-GB, de;q=0.9", "en"),
        ("de-AT-1996, en;q=0.9", "de"),
        ("*", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("\x00;;;q=q,,", "en"),
        ("de;q=0.1," * 10_000, "de"),
    ],
)
def test_the_browser_chooses_among_what_is_offered(accepted: str, language: str) -> None:
    assert best_language(accepted, ("en", "de", "fr")) == language


def test_a_language_stands_for_its_regions_and_a_region_for_its_language() -> None:
    assert best_language("en-GB", ("de", "en-US")) == "en-US"
    assert best_language("en", ("de", "en-US")) == "en-US"
    assert best_language("DE-at", ("en", "de")) == "de"


def test_the_first_that_there_is_stands_in_for_the_others() -> None:
    assert best_language("fr", ("fr", "de")) == "de"
    assert best_language("fr", ("fr",)) == "en"
    assert best_language("fr", ()) == "en"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Return an application that brings a French catalogue and changes one German text."""
    texts = {"fr": {"Log in": "Se connecter"}, "de": {"Log in": "Einloggen"}}
    for language, pairs in texts.items():
        catalog = Catalog(language)
        for text, translation in pairs.items():
            catalog.add(text, translation)
        file = tmp_path / "translations" / language / "LC_MESSAGES" / "flask_porter.mo"
        file.parent.mkdir(parents=True)
        with file.open("wb") as opened:
            write_mo(opened, catalog)
    app = Flask("shop", root_path=str(tmp_path))
    with app.app_context():
        yield app


def test_an_app_adds_a_language_and_changes_a_text(app: Flask) -> None:
    assert best_language("fr", ("en", "fr")) == "fr"
    assert translations_for("fr").gettext("Log in") == "Se connecter"
    assert translations_for("fr").gettext("Register") == "Register"
    assert translations_for("de").gettext("Log in") == "Einloggen"
    assert translations_for("de").gettext("Register") == "Registrieren"
    assert translations_for("it").gettext("Register") == "Register"


class ChosenLocale:
    """Stands in for Flask-Babel: the locale that an app has chosen."""

    def __init__(self, locale: str | None) -> None:
        self.locale = locale

    def get_locale(self) -> str | None:
        return self.locale


@pytest.mark.parametrize(
    ("locale", "language"), [("de_AT", "de"), ("fr", "en"), (None, "de"), ("en", "en")]
)
def test_flask_babel_decides_where_it_is_in_use(
    monkeypatch: pytest.MonkeyPatch, locale: str | None, language: str
) -> None:
    app = Flask("shop")
    monkeypatch.setitem(sys.modules, "flask_babel", ChosenLocale(locale))
    with app.test_request_context():
        assert best_language("de", ("en", "de")) == "de"
        app.extensions["babel"] = SimpleNamespace()
        assert best_language("de", ("en", "de")) == language


def test_the_environment_of_the_app_stays_as_it_was() -> None:
    app = Flask("shop")
    app.jinja_env.globals["gettext"] = "its own"
    before = dict(app.jinja_env.globals), dict(app.jinja_env.filters)
    assert "when" in Rendering(app).environment.filters
    assert (dict(app.jinja_env.globals), dict(app.jinja_env.filters)) == before
