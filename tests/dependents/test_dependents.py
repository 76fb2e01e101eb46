"""Unmodified extensions that `import flask_login` run on ours, and so does what they promise.

Every promise is also put to the original, so that none is true of ours alone: a mended one must
still fail there.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.dependents.runs import (
    ORIGINAL,
    OURS,
    OURS_ONLY,
    Check,
    Promise,
    Report,
    Runs,
    checks,
    promises,
)

Reported = Callable[[Check, str], Report]


def cases(found: list[Any], check_of: Callable[[Any], Check]) -> list[Any]:
    return [
        pytest.param(
            one, id=str(one), marks=[pytest.mark.redis] if check_of(one).backend == "redis" else []
        )
        for one in found
    ]


CHECKS = checks()
PROMISES = [promise for check in CHECKS for promise in promises(check)]
SHARED = [promise for promise in PROMISES if promise.check.name not in OURS_ONLY]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    runs = Runs(tmp_path_factory.mktemp("dependents"))
    yield runs
    runs.close()


@pytest.fixture
def reported(runs: Runs, request: pytest.FixtureRequest) -> Reported:
    def report(check: Check, login: str) -> Report:
        needs_redis = check.backend == "redis"
        url = request.getfixturevalue("redis_server") if needs_redis else ""
        return runs.report(check, login, url)

    return report


@pytest.mark.parametrize("promise", cases(PROMISES, lambda promise: promise.check))
def test_on_ours(promise: Promise, reported: Reported) -> None:
    outcome, text = reported(promise.check, OURS).outcome(promise)
    assert outcome == "passed", text


@pytest.mark.parametrize("promise", cases(SHARED, lambda promise: promise.check))
def test_on_the_original(promise: Promise, reported: Reported) -> None:
    outcome, text = reported(promise.check, ORIGINAL).outcome(promise)
    assert outcome == ("failed" if promise.is_mended else "passed"), text


@pytest.mark.parametrize("check", cases(CHECKS, lambda check: check))
def test_the_original_is_never_imported_beside_ours(check: Check, reported: Reported) -> None:
    report = reported(check, OURS)
    assert report.real_modules == [], report.output


def test_that_check_would_notice_the_original(reported: Reported) -> None:
    report = reported(Check("names"), ORIGINAL)
    assert "flask_login.utils" in report.real_modules
