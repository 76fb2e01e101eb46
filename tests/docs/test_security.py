"""Each default that keeps an account safe stands in `docs/security.md`, with reason and source."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from flask_porter.settings import Settings
from flask_porter.settings.keys import config_key
from tests.docs.settings_table import default

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
#: What they say keeps nobody out: names, looks, paths, and how mail is carried.
NOT_ABOUT_SECURITY = {
    "PORTER_APP_NAME",
    "PORTER_BRAND_COLOR",
    "PORTER_LANGUAGES",
    "PORTER_URL_PREFIX",
    "PORTER_API_PREFIX",
    "PORTER_AFTER_LOGIN",
    "PORTER_AFTER_LOGOUT",
    "PORTER_DATABASE_AT_START",
    "PORTER_SESSION_TOUCH_EVERY",
    "PORTER_MAIL_FROM",
    "PORTER_MAIL_DELIVERY",
    "PORTER_MAIL_ATTEMPTS",
}
SETTINGS = {config_key(field.name): field for field in fields(Settings)}
_ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)


def rows() -> dict[str, tuple[str, str, str]]:
    """Return default, reason and source by the key."""
    return {key: (value, why, source) for key, value, why, source in _ROW.findall(PAGE.read_text())}


def test_each_key_about_security_stands_there_and_no_other() -> None:
    assert rows().keys() == SETTINGS.keys() - NOT_ABOUT_SECURITY
    assert NOT_ABOUT_SECURITY - SETTINGS.keys() == set()


@pytest.mark.parametrize("key", sorted(SETTINGS.keys() - NOT_ABOUT_SECURITY))
def test_a_default_has_its_value_a_reason_and_the_source_of_the_code(key: str) -> None:
    told, why, source = rows()[key]
    assert told == default(SETTINGS[key])
    assert len(why.split()) >= 5, why
    assert source == SETTINGS[key].metadata["source"]
