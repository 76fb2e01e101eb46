"""Times in the words of people; templates use it as the filter ``when``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from flask import current_app, has_app_context
from markupsafe import Markup

from .translations import gettext, marked, ngettext

if TYPE_CHECKING:
    from jinja2 import Environment

_MONTHS: Final = (
    marked("January"),
    marked("February"),
    marked("March"),
    marked("April"),
    marked("May"),
    marked("June"),
    marked("July"),
    marked("August"),
    marked("September"),
    marked("October"),
    marked("November"),
    marked("December"),
)


def add_filters(environment: Environment) -> None:
    """Give the templates ``when``."""
    environment.filters["when"] = when


def when(moment: datetime | None, now: datetime | None = None) -> str:
    """Return a ``<time>`` in words: "5 minutes ago", "in 8 minutes", "12 March 2026".

    Args:
        moment: in UTC; without a time zone it is taken as UTC.
        now: from when one looks; the clock of the app when left out.
    """
    if moment is None:
        return ""
    moment = _in_utc(moment)
    ago = _in_utc(now or _clock()) - moment
    words = gettext("just now") if ago < timedelta() else _past(ago, moment)
    if ago <= timedelta(seconds=-1):
        words = _future(-ago, moment)
    stamp = moment.replace(microsecond=0, tzinfo=None).isoformat()
    exact = f"{date_words(moment)}, {moment:%H:%M} UTC"
    return Markup('<time datetime="{}Z" title="{}">{}</time>').format(stamp, exact, words)


def date_words(moment: datetime) -> str:
    """Return a date as it is written: "12 March 2026"."""
    month = gettext(_MONTHS[moment.month - 1])
    return gettext("%(day)d %(month)s %(year)d", day=moment.day, month=month, year=moment.year)


def _past(ago: timedelta, moment: datetime) -> str:
    minutes = ago // timedelta(minutes=1)
    if minutes < 1:
        return gettext("just now")
    if minutes < 60:
        return ngettext("%(num)d minute ago", "%(num)d minutes ago", minutes)
    hours = minutes // 60
    if hours < 24:
        return ngettext("%(num)d hour ago", "%(num)d hours ago", hours)
    if ago < timedelta(days=7):
        return ngettext("%(num)d day ago", "%(num)d days ago", ago.days)
    return date_words(moment)


def _future(ahead: timedelta, moment: datetime) -> str:
    # Ten minutes that began this second are ten minutes, not nine.
    minutes = (ahead + timedelta(seconds=30)) // timedelta(minutes=1)
    if minutes < 1:
        return gettext("in less than a minute")
    if minutes < 60:
        return ngettext("in %(num)d minute", "in %(num)d minutes", minutes)
    hours = minutes // 60
    if hours < 24:
        return ngettext("in %(num)d hour", "in %(num)d hours", hours)
    return date_words(moment)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _clock() -> datetime:
    porter = current_app.extensions.get("porter") if has_app_context() else None
    return datetime.now(UTC) if porter is None else porter.accounts.clock()
