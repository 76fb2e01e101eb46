"""Writes the tables of the settings' reference from the code, which says all of it once.

``python -m tests.docs.settings_table`` prints them, to be put into docs/reference/settings.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields
from datetime import timedelta
from typing import Any

from flask_porter.settings import Settings
from flask_porter.settings.keys import config_key
from flask_porter.settings.kinds import in_words

#: The headings, by the field that each begins with.
HEADINGS = {
    "app_name": "How it looks",
    "mode": "Where it runs",
    "registration": "Who may come",
    "session_preset": "How long a log-in lasts",
    "password_min_length": "Passwords",
    "verify_ttl": "Links, codes and kept forms",
    "throttles": "How many attempts",
    "mail_url": "Mail and audit",
    "secret_key": "Keys of Flask",
}


def tables() -> str:
    """Return a table for each heading, in the order of the code."""
    lines: list[str] = []
    for field in fields(Settings):
        if field.name in HEADINGS:
            lines += ["", f"## {HEADINGS[field.name]}", ""]
            lines += ["| Key | Type | Default | Meaning | Source |", "|---|---|---|---|---|"]
        lines.append("| " + " | ".join(cells(field)) + " |")
    return "\n".join(lines).strip() + "\n"


def cells(field: Field[Any]) -> Iterator[str]:
    yield f"`{config_key(field.name)}`"
    yield field.metadata["kind"].words
    yield default(field)
    yield field.metadata["why"]
    yield field.metadata["source"]


def default(field: Field[Any]) -> str:
    """Return a default as the reference writes it: a length of time in words."""
    if field.metadata["otherwise"]:
        return str(field.metadata["otherwise"])
    if isinstance(field.default, timedelta):
        return in_words(field.default)
    return f"`{field.default!r}`"


if __name__ == "__main__":
    print(tables())
