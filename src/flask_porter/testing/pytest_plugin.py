"""Fixtures for those who test an app with accounts: its mail and its clock.

pytest loads this file in every run of an environment that has the package: it imports the account
layer only where a test asks for one of the fixtures.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .accounts import CapturedMail, FrozenClock


@pytest.fixture
def porter_mail(app: Any) -> Iterator[CapturedMail]:
    """Return what ``app`` would have sent: ``last()``, ``code()``, ``link()``."""
    with _of(app).captured_mail(app) as captured:
        yield captured


@pytest.fixture
def porter_clock(app: Any) -> Iterator[FrozenClock]:
    """Return the clock of ``app``'s accounts, which stands still: ``advance(minutes=5)``."""
    with _of(app).frozen_clock(app) as clock:
        yield clock


def _of(app: Any) -> Any:
    if "porter" not in getattr(app, "extensions", {}):
        raise pytest.UsageError(
            "'porter_mail' and 'porter_clock' want what the fixture 'app' returns to be a Flask"
            f" application with Porter(app, db), and it is {app!r}."
        )
    return import_module("flask_porter.testing.accounts")
