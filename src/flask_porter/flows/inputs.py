"""The base of every flow's input model, which is its form, its JSON body and its arguments."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from ..authenticators.hidden import Hidden


def _hide(secret: SecretStr) -> SecretStr:
    """Have what is revealed hide itself too, in whatever variable it lies."""
    return SecretStr(Hidden(secret.get_secret_value()))


#: A name, an address, a link's token: one line, its length bounded before anything looks at it.
Line = Annotated[str, StringConstraints(max_length=320)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(Hidden)]
Code = Annotated[str, StringConstraints(max_length=320), AfterValidator(Hidden)]
#: A password or code as typed: no log or traceback shows one. 1,024 is a limit of transport;
#: what is too long for a password says :mod:`..authenticators.password_rules`.
Secret = Annotated[SecretStr, Field(min_length=1, max_length=1024), AfterValidator(_hide)]


class Input(BaseModel):
    """What a flow asks for. An app adds fields by subclassing the model of a flow.

    Nothing is taken over that no field names (OWASP Mass Assignment Cheat Sheet). The message of
    a validation error never repeats what was typed.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=False
    )


class Nothing(Input):
    """The input of a flow that asks for nothing."""


def secret_fields(model: type[Input]) -> set[str]:
    """Return the names of the fields of ``model`` that hold secrets."""
    return {name for name, field in model.model_fields.items() if _is_secret(field.annotation)}


def _is_secret(annotation: Any) -> bool:
    if annotation is SecretStr:
        return True
    return any(_is_secret(part) for part in getattr(annotation, "__args__", ()))
