"""Which roles a user object has, however its class says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .errors import SetUpError
from .verdicts import is_true

_NONE: Any = object()


def has_role(user: Any, name: str) -> bool:
    """Tell whether ``user`` has the role ``name``: asks ``has_role``, ``roles`` or ``role``.

    Raises:
        SetUpError: the user object has none of them, or ``roles`` is no collection.
    """
    ask = getattr(user, "has_role", None)
    if callable(ask):
        return is_true(ask, name)
    return name in _names(user)


def _names(user: Any) -> set[Any]:
    held = getattr(user, "roles", _NONE)
    if held is _NONE:
        held = getattr(user, "role", _NONE)
        if held is _NONE:
            raise SetUpError(
                f"{type(user).__name__} has no roles: give it 'roles', a list of names or of"
                " objects with a name, or 'role', or a method 'has_role(name)'."
            )
        held = [held]
    if held is None:
        return set()
    if isinstance(held, str):
        held = [held]
    if not isinstance(held, Iterable):
        raise SetUpError(
            f"{type(user).__name__}.roles must be a list of names or of objects with a name,"
            f" not {held!r}."
        )
    return {role if isinstance(role, str) else getattr(role, "name", None) for role in held}
