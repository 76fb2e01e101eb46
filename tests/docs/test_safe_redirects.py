"""Holds the figures of `docs/how_to/safe_redirects.md` to what is measured."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from flask import Flask

from flask_porter.login.safe_next import MAX_LENGTH, safe_next
from tests.attacks.redirecting import ATTACKS, sites

PAGE = Path(__file__).parents[2] / "docs" / "how_to" / "safe_redirects.md"
ROW = re.compile(r"^\| (?P<kind>[a-z/ -]+) \| (\d+) \| (\d+) \| (\d+) \|", re.MULTILINE)


def refused_from(base: str) -> Counter[str]:
    with Flask("measured").test_request_context("/login", base_url=base):
        return Counter(attack.kind for attack in ATTACKS if safe_next(attack.value) is None)


def test_the_table_shows_what_is_refused() -> None:
    strings = Counter(attack.kind for attack in ATTACKS)
    http, https = refused_from("http://app.test"), refused_from("https://app.test")
    told = {
        row["kind"]: tuple(map(int, row.groups()[1:])) for row in ROW.finditer(PAGE.read_text())
    }
    assert told == {kind: (strings[kind], http[kind], https[kind]) for kind in strings}


def test_the_figures_in_the_text_are_right() -> None:
    text = PAGE.read_text()
    assert f"Measured: {len(ATTACKS)} strings" in text
    assert "at eleven kinds of address" in text
    assert len(sites(safe_next)) == 11
    assert f"more than {MAX_LENGTH:,} characters" in text
    passed = [
        attack.value
        for attack in ATTACKS
        if attack.kind != "legitimate" and safe_next(attack.value) is not None
    ]
    for value in [*passed, "https://app.test/"]:
        assert f"`{value}`" in text
    assert len(passed) == 4
