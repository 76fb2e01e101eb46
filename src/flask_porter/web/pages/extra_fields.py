"""The fields that an app adds to a form, as its input model describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, get_args, get_origin

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_INPUT_TYPES: Final = {bool: "checkbox", int: "number", date: "date"}


@dataclass(frozen=True)
class ExtraField:
    """A field that the app has added, as its input model describes it."""

    name: str
    title: str
    hint: str
    type: str
    required: bool
    autocomplete: str | None
    #: What can be chosen, in words by the value that is sent; empty where one types.
    choices: dict[str, str]
    #: Which of them is chosen at first.
    chosen: str

    @classmethod
    def of(cls, name: str, info: FieldInfo) -> ExtraField:
        """Read it from the model: its title, its description, its type.

        ``x-input`` and ``x-autocomplete`` in ``json_schema_extra`` are attributes of the field.
        """
        extra: Any = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        choices = _choices(info.annotation)
        default = None if info.is_required() else info.default
        kind = "select" if choices else _input_type(info.annotation)
        return cls(
            name=name,
            title=info.title or name.replace("_", " ").capitalize(),
            hint=info.description or "",
            type=str(extra.get("x-input", kind)),
            required=info.is_required(),
            autocomplete=extra.get("x-autocomplete"),
            choices=choices,
            chosen=str(getattr(default, "value", default) or ""),
        )


def _input_type(annotation: Any) -> str:
    """Return the type of an ``<input>``; an optional one is a union with None."""
    return next((name for kind, name in _INPUT_TYPES.items() if kind in _kinds(annotation)), "text")


def _choices(annotation: Any) -> dict[str, str]:
    """Return the texts of a ``Literal`` or an enum; a form sends nothing but text."""
    for kind in _kinds(annotation):
        if isinstance(kind, type) and issubclass(kind, Enum):
            found = {each.value: each.name.replace("_", " ").capitalize() for each in kind}
        elif get_origin(kind) is Literal:
            found = {value: value for value in get_args(kind)}
        else:
            continue
        if all(isinstance(value, str) for value in found):
            return found
    return {}


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """Return the type itself and those of a union."""
    return (annotation, *getattr(annotation, "__args__", ()))
