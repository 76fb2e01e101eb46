"""What the account layer adds to the guards of the login floor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import request

from ..flows.forbidden import Forbidden, note
from ..flows.run import run
from ..login.requires import Guard
from .request import accounts, caller

if TYPE_CHECKING:
    from flask import Flask

#: In characters: the log need not hold all the roles that a guard names.
_LONGEST: Final = 200


def permission_required(*names: str) -> Guard:
    """Let only users in whom one of their roles permits all of ``names``, looked at each time.

    On a view, a view class or a blueprint; others get 403, visitors are asked to log in
    (ASVS 5.0 8.2.1 and 8.3.2).

    Raises:
        TypeError: no name is given.
    """
    if not names:
        raise TypeError("permission_required needs a name: '@permission_required(\"edit\")'.")

    def has_all(user: Any) -> bool:
        return all(user.has_permission(name) for name in names)

    return Guard(f"permission_required({', '.join(names)})", (has_all,))


def note_forbidden(app: Flask, user: Any, guard: str) -> None:  # noqa: ARG001
    """Have the audit log say that ``guard`` has refused the user of this request."""
    form = Forbidden(guard=guard[:_LONGEST], endpoint=(request.endpoint or "")[:_LONGEST])
    run(accounts(), caller("app"), note, form)
