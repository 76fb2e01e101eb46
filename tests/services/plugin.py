"""Skips the tests whose service is missing, in one line a group; in CI that is a failure."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Generator, Iterable

import pytest

from tests.services.groups import GROUPS, Group, all_required


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about other versions, mark by fixtures, run the browser's tests last.

    Playwright keeps an event loop running in the main thread; an async view tested after it in the
    same thread would find that loop and fail.
    """
    elsewhere = [item for item in items if not _belongs_here(item)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]
    for item in items:
        for group in GROUPS:
            if group.fixtures.intersection(getattr(item, "fixturenames", ())):
                item.add_marker(group.mark)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_collection_finish() -> None:
    """Keep thousands of collected tests out of each collection of garbage."""
    _set_aside()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(
    item: pytest.Item, nextitem: pytest.Item | None
) -> Generator[None, object, object]:
    """Collect the garbage of a file at its end, and keep what it leaves out of all collections.

    What thousands of tests leave, mapped classes above all, made each collection take seconds.
    """
    try:
        return (yield)
    finally:
        if nextitem is None or nextitem.path != item.path:
            _set_aside()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Stop a test before its fixtures when a service it is marked with is not here."""
    for group in missing_groups(item):
        if all_required():
            pytest.fail(group.advice, pytrace=False)
        pytest.skip(group.advice)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once for each reason how many tests it cost."""
    for reason, count in skip_reasons(terminalreporter.stats.get("skipped", [])).items():
        tests = "1 test" if count == 1 else f"{count} tests"
        terminalreporter.write_line(f"Skipped {tests}: {reason}", yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped something where nothing may be skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped") if reporter else None
    if skipped and all_required() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def missing_groups(item: pytest.Item) -> list[Group]:
    """Return the groups that `item` is marked with and that are not on this machine."""
    return [
        group for group in GROUPS if item.get_closest_marker(group.mark) and not group.is_here()
    ]


def skip_reasons(reports: Iterable[pytest.TestReport]) -> Counter[str]:
    """Count skipped reports by reason."""
    return Counter(_reason(report) for report in reports)


def _set_aside() -> None:
    gc.collect()
    gc.freeze()


def _belongs_here(item: pytest.Item) -> bool:
    return all(mark.args[0] for mark in item.iter_markers("only_where"))


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return str(report.longrepr)
