"""Reads what a script has sent: a JSON object of short texts, or a clear refusal."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import BadRequest, UnprocessableEntity

LONGEST = 256


class FieldsRefused(UnprocessableEntity):
    """Some fields cannot be right; `fields` says which and why."""

    description = "Please check what you typed."

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__()
        self.fields = fields


def read_fields(*names: str) -> dict[str, str]:
    """Return the named texts of the JSON body. Raises: FieldsRefused, BadRequest."""
    try:
        sent = request.get_json()
    except RecursionError:
        raise BadRequest("This JSON is nested too deeply.") from None
    if not isinstance(sent, dict):
        raise BadRequest("Send a JSON object.")
    problems = {name: problem for name in names if (problem := wrong_with(sent.get(name)))}
    if problems:
        raise FieldsRefused(problems)
    return {name: sent[name] for name in names}


def optional_text(name: str) -> str:
    """Return one text of the JSON body that need not be there."""
    value = request.get_json().get(name)
    return value if isinstance(value, str) else ""


def wrong_with(value: object) -> str | None:
    """Return what is wrong with a field, None for nothing."""
    if not isinstance(value, str) or not value.strip():
        return "Fill this in."
    if len(value) > LONGEST:
        return f"This has more than {LONGEST} characters."
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can spell it
        return "This is no text."
    return None
