"""Gives the attacks a site where Ada has an account, and an independent judge of URLs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.account_site import site as site
from tests.attacks import whatwg


@pytest.fixture(scope="session")
def judge(node: str) -> Iterator[whatwg.Judge]:
    """Yield the URL parser of the WHATWG standard."""
    with whatwg.running(node) as started:
        yield started
