"""Times, devices and events in the words of people; templates use the first two as filters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from flask import current_app, has_app_context
from markupsafe import Markup

from .translations import gettext, marked, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping

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

#: What a person reads of each event; operators read its name.
_EVENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "authn_login_success": marked("You logged in"),
        "authn_login_successafterfail": marked("You logged in, after failed attempts"),
        "authn_login_fail": marked("A log-in failed"),
        "authn_login_lock": marked("Log-ins had to wait, after many failed attempts"),
        "authn_password_change": marked("The password changed"),
        "authn_password_change_fail": marked("A change of the password failed"),
        "authn_token_created": marked("A link or a key was made"),
        "authn_token_revoked": marked("A link or a key was ended"),
        "authn_token_reuse": marked("Something that works once was tried twice"),
        "authn_reauthenticate_success": marked("You typed your password again"),
        "authn_reauthenticate_fail": marked("A wrong password was typed by somebody logged in"),
        "authz_admin": marked("Somebody who runs the site did something in your account"),
        "authz_change": marked("What you are allowed to do changed"),
        "authz_fail": marked("Something was asked for that you are not allowed to do"),
        "excess_rate_limit_exceeded": marked("Too many attempts; some had to wait"),
        "input_validation_fail": marked("A form was refused"),
        "malicious_csrf": marked("Another site tried to act in your name, and was refused"),
        "sensitive_read": marked("Your data was downloaded"),
        "session_created": marked("A device was logged in"),
        "session_renewed": marked("The log-in of a device was renewed"),
        "session_expired": marked("The log-in of a device ran out"),
        "session_ended": marked("A device was logged out"),
        "session_use_after_expire": marked("A log-in that was over was used again"),
        "user_archived": marked("The account was disabled"),
        "user_created": marked("You registered"),
        "user_deleted": marked("The account was closed"),
        "user_enabled": marked("The account was enabled again"),
        "user_updated": marked("The account was changed"),
        "user_verified": marked("The e-mail address was confirmed"),
        "mail_failed": marked("A mail to you could not be delivered"),
    }
)


def add_filters(environment: Environment) -> None:
    """Give the templates ``when`` and ``event_words``."""
    environment.filters["when"] = when
    environment.filters["event_words"] = event_words


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


def event_words(name: str) -> str:
    """Return what a person reads of an audit event."""
    words = _EVENTS.get(name)
    return name if words is None else gettext(words)


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
