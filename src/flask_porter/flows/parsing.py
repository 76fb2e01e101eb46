"""From what came in to a flow's input: every field that cannot be taken, by a stable reason."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import SecretStr, ValidationError

from ..authenticators.hidden import Hidden, HiddenValues
from ..errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .inputs import Input

F = TypeVar("F", bound="Input")

#: Half of a character, which JSON can spell and UTF-8 cannot.
_SURROGATE: Final = re.compile("[\ud800-\udfff]")

#: pydantic's types of error, by the reason that we give; another one is ``invalid``.
_REASONS: Final = {
    "missing": "required",
    "string_too_short": "required",
    "too_short": "required",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_type": "not_text",
    "string_unicode": "not_text",
    "extra_forbidden": "unknown_field",
}


def parse(
    model: type[F],
    given: Mapping[str, Any],
    *,
    strict: bool,
    extra: str = "forbid",
) -> F:
    """Return ``given`` as the input of a flow.

    Args:
        model: the input model of the flow.
        given: names and values.
        strict: take JSON types as they are, without turning text into numbers or ``"on"`` into
            True; a date is text, since JSON has none (RFC 3339). Forms carry only text and are
            read leniently. An empty field of a form is one that was left out, where it may be.
        extra: ``"forbid"`` refuses fields that the model does not name, ``"ignore"`` drops them,
            as a form's buttons.

    Raises:
        InvalidInput: with the reasons of each field, all at once.
    """
    if extra == "ignore":
        given = HiddenValues(
            {name: value for name, value in given.items() if name in model.model_fields}
        )
    if not strict:
        given = HiddenValues(
            {name: value for name, value in given.items() if not _is_left_out(model, name, value)}
        )
    try:
        form = _of_json(model, given) if strict else model.model_validate(given)
    except ValidationError as error:
        raise InvalidInput(**_reasons(model, error)) from None
    unreadable = {name: "not_text" for name, value in form if not _is_readable(value)}
    if unreadable:
        raise InvalidInput(**unreadable)
    return form


def _of_json(model: type[F], given: Mapping[str, Any]) -> F:
    # A parser of JSON takes no half of a character: what becomes of it is refused as no text.
    text = Hidden(_SURROGATE.sub(r"\\u0000", json.dumps(given, ensure_ascii=False)))
    return model.model_validate_json(text, strict=True)


def _is_left_out(model: type[Input], name: str, value: Any) -> bool:
    field = model.model_fields.get(name)
    return value == "" and field is not None and not field.is_required()


def _reasons(model: type[Input], error: ValidationError) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for detail in error.errors(include_url=False, include_context=True, include_input=False):
        # The name of an unknown field was typed by whoever asks: it is not repeated.
        name = str(detail["loc"][0]) if detail["loc"] else "form"
        name = name if name in model.model_fields else "form"
        reason = _REASONS.get(detail["type"], "invalid")
        if detail["type"] == "value_error":
            reason = getattr(detail.get("ctx", {}).get("error"), "reason", "invalid")
        if reason not in found.get(name, ()):
            found[name] = (*found.get(name, ()), reason)
    return found


def _is_readable(value: Any) -> bool:
    """Tell whether text has no control characters; PostgreSQL takes no NUL, logs no escapes."""
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
        # A password of old may hold anything but what is no text in any database.
        return "\x00" not in value and not _SURROGATE.search(value)
    if isinstance(value, str):
        return not any(unicodedata.category(character) == "Cc" for character in value)
    if isinstance(value, dict):
        return all(map(_is_readable, [*value, *value.values()]))
    if isinstance(value, (tuple, list, set, frozenset)):
        return all(map(_is_readable, value))
    return True
