"""What an app keeps of its users beside ours: as its registration asks, so operators may give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..authenticators import tokens
from ..errors import InvalidInput
from .parsing import parse
from .register import OURS, Register

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .accounts import Accounts


def own_fields(accounts: Accounts) -> tuple[str, ...]:
    """Return the names of the fields that the app's registration adds to ours."""
    model = accounts.inputs.get("register", Register)
    return tuple(name for name in model.model_fields if name not in OURS)


def own_values(accounts: Accounts, given: Mapping[str, Any], **named: str | None) -> dict[str, Any]:
    """Return ``given`` as the app's registration reads it, for a new user's row.

    Nothing given is nothing kept, where the row can be without.

    Args:
        accounts: those of the app.
        given: values by the names of :func:`own_fields`.
        named: the ``email`` and the ``username`` of the user.

    Raises:
        InvalidInput: the reasons of each field.
    """
    names = own_fields(accounts)
    unknown = given.keys() - set(names)
    if unknown:
        raise InvalidInput(**dict.fromkeys(sorted(unknown), "unknown_field"))
    if not given and not any(map(accounts.models.must_have, names)):
        return {}
    model = accounts.inputs.get("register", Register)
    # It asks for a password too; this one is nobody's, and is forgotten here.
    filler = {"password": tokens.mint(), "username": "nobody"}
    filled = {**filler, **{name: value for name, value in named.items() if value}, **given}
    try:
        form = parse(model, filled, strict=False, extra="ignore")
    except InvalidInput as refusal:
        theirs = {name: why for name, why in refusal.fields.items() if name not in OURS}
        raise InvalidInput(**theirs or refusal.fields) from None
    values = {name: getattr(form, name) for name in names}
    unfit = accounts.users.unfit(values)
    if unfit:
        raise InvalidInput(**unfit)
    return values
