"""Tests of times in the words of people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from flask_porter.web.translations import speaking
from flask_porter.web.wording import when

NOW = datetime(2026, 3, 12, 14, 5, 30, tzinfo=UTC)


def words(moment: datetime) -> str:
    """Return what stands between the tags."""
    return str(when(moment, NOW)).rpartition("</time>")[0].rpartition(">")[2]


@pytest.mark.parametrize(
    ("seconds", "english", "german"),
    [
        (0, "just now", "gerade eben"),
        (59, "just now", "gerade eben"),
        (60, "1 minute ago", "vor 1 Minute"),
        (3599, "59 minutes ago", "vor 59 Minuten"),
        (3600, "1 hour ago", "vor 1 Stunde"),
        (86399, "23 hours ago", "vor 23 Stunden"),
        (86400, "1 day ago", "vor 1 Tag"),
        (6 * 86400, "6 days ago", "vor 6 Tagen"),
        (7 * 86400, "5 March 2026", "5. März 2026"),
        (-0.5, "just now", "gerade eben"),
        (-20, "in less than a minute", "in weniger als einer Minute"),
        (-60, "in 1 minute", "in 1 Minute"),
        (-599, "in 10 minutes", "in 10 Minuten"),
        (-7200, "in 2 hours", "in 2 Stunden"),
        (-3 * 86400, "15 March 2026", "15. März 2026"),
    ],
)
def test_a_time_is_told_as_people_tell_it(seconds: float, english: str, german: str) -> None:
    moment = NOW - timedelta(seconds=seconds)
    assert words(moment) == english
    with speaking("de"):
        assert words(moment) == german


def test_the_exact_time_is_in_the_element() -> None:
    expected = (
        '<time datetime="2026-03-12T14:05:30Z" title="12 March 2026, 14:05 UTC">just now</time>'
    )
    assert when(NOW, NOW) == expected
    assert when(NOW.replace(tzinfo=None), NOW) == expected
    assert when(NOW.astimezone(timezone(timedelta(hours=5))), NOW) == expected


def test_no_time_is_nothing() -> None:
    assert when(None) == ""


def test_without_an_app_the_machine_tells_the_time() -> None:
    assert "just now" in when(datetime.now(UTC))
