"""Lets coverage rest in tests that show it nothing new: they take half the time without it."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from coverage import Coverage

#: Where the login floor is tried to its last branch. What others run of it they run anyway.
MEASURED = ("tests/login/", "tests/parity/", "tests/testing/")
#: In them, what walks the same lines a thousand times.
UNMEASURED = ("tests/parity/test_redirect_parity", "tests/parity/test_rolling_")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run one test, with coverage as it is or at rest."""
    measuring = Coverage.current() if rests(item) else None
    if measuring is None:
        return (yield)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()


def rests(item: pytest.Item) -> bool:
    """Tell whether coverage rests in a test: by its folder, and in the browser."""
    in_browser = item.get_closest_marker("browser") is not None
    in_its_room = item.nodeid.startswith(MEASURED) and not item.nodeid.startswith(UNMEASURED)
    return in_browser or not in_its_room
