"""Holds the reference of the JSON API to its rows and bodies."""

from __future__ import annotations

import re
from pathlib import Path

from flask_porter.web.api.routes import ROUTES
from flask_porter.web.texts import COUNTED, TEXTS
from tests.docs.api_table import tables

PAGE = (Path(__file__).parents[2] / "docs/reference/api.md").read_text()


def test_each_row_stands_in_the_reference_with_its_reasons() -> None:
    # What the page lacks is printed by `python -m tests.docs.api_table`.
    assert tables() in PAGE


def test_each_row_that_is_named_exists() -> None:
    rows = {f"{route.method} {route.path}" for route in ROUTES} | {"GET /session"}
    named = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`]*)`", PAGE))
    assert named == rows


def test_each_reason_has_a_text() -> None:
    reasons = {why for route in ROUTES for whys in route.refuses.values() for why in whys}
    assert reasons - TEXTS.keys() - COUNTED.keys() == set()
