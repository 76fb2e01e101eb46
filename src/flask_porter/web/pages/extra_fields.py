"""The fields that an app adds to a form, as its input model describes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union, get_args, get_origin

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
    #: What stands there at first, as a form would send it; empty where nothing does.
    at_first: str

    @classmethod
    def of(cls, name: str, info: FieldInfo) -> ExtraField:
        """Read it from the model: its title, its description, its type.

        ``x-input`` and ``x-autocomplete`` in ``json_schema_extra`` are attributes of the field.
        """
        extra: Any = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        kinds = _kinds(info.annotation)
        choices = _choices(kinds)
        kind = "select" if choices else _input_type(kinds)
        return cls(
            name=name,
            title=info.title or name.replace("_", " ").capitalize(),
            hint=info.description or "",
            type=str(extra.get("x-input", kind)),
            required=info.is_required(),
            autocomplete=extra.get("x-autocomplete"),
            choices=choices,
            at_first=_as_sent(info.default) if choices or _is_written_as_it_is(kinds) else "",
        )


def _input_type(kinds: list[Any]) -> str:
    """Return the type of an ``<input>``: of a field that takes several kinds, that of text."""
    return _INPUT_TYPES.get(kinds[0], "text") if len(kinds) == 1 else "text"


def _choices(kinds: list[Any]) -> dict[str, str]:
    """Return the texts of ``Literal`` and enums, where there is nothing else to write.

    A form sends nothing but text, so those of another kind are no choice.
    """
    found: dict[Any, str] = {}
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Enum):
            found |= {each.value: each.name.replace("_", " ").capitalize() for each in kind}
        elif get_origin(kind) is Literal:
            found |= {value: value for value in get_args(kind)}
        else:
            return {}
    return found if all(isinstance(value, str) for value in found) else {}


def _kinds(annotation: Any) -> list[Any]:
    """Return the type, or those of a union, without None and what is only annotated."""
    if get_origin(annotation) is Annotated:
        return _kinds(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in _kinds(part)]
    return [] if annotation is NoneType else [annotation]


def _is_written_as_it_is(kinds: list[Any]) -> bool:
    return len(kinds) == 1 and kinds[0] in (str, *_INPUT_TYPES)


def _as_sent(default: Any) -> str:
    if isinstance(default, bool):
        return "true" if default else ""
    value = getattr(default, "value", default)
    return str(value) if isinstance(value, (str, int, date)) else ""
