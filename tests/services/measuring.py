"""Lets coverage rest in tests that show it nothing new: they take half the time without it."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from coverage import Coverage

#: Where each line has been run by the tests of its own room already, or runs in another process.
UNMEASURED = (
    "tests/architecture/",
    "tests/attacks/test_open_redirect",
    "tests/bench/",
    "tests/dependents/",
    "tests/docs/",
    "tests/examples/",
    "tests/fuzz/",
    "tests/parity/test_redirect_parity",
    "tests/parity/test_rolling_",
    "tests/services/",
    "tests/typing/",
)


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
    return in_browser or item.nodeid.startswith(UNMEASURED)
