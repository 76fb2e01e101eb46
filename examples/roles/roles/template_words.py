"""What every template may say: `has_role`, `is holding`, and how long a time is in words."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from flask_porter import current_user

from . import endings
from .models import User
from .settings import FRESH_FOR


def has_role(name: str) -> bool:
    """Tell whether whoever reads this page holds a role; an anonymous reader holds none."""
    return bool(current_user.is_authenticated and current_user.has_role(name))


def holding(user: User, name: str) -> bool:
    """Tell whether this person holds a role; a template test: `person is holding "editor"`."""
    return user.has_role(name)


def in_words(time: timedelta | float) -> str:
    """Return a time as people say it: `{{ 1800 | in_words }}` is "30 minutes"."""
    seconds = int(time.total_seconds() if isinstance(time, timedelta) else time)
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}{'' if seconds == size else 's'}"
    return f"{seconds} seconds"


def why_log_in_ended() -> str | None:
    """Return the sentence for a log-in that ended with this very request."""
    return endings.MESSAGES.get(endings.reason())


def init_app(app: Flask) -> None:
    app.add_template_test(holding)
    app.add_template_filter(in_words)

    @app.context_processor
    def words() -> dict[str, object]:
        return {
            "has_role": has_role,
            "why_log_in_ended": why_log_in_ended,
            "fresh_for": FRESH_FOR,
        }
