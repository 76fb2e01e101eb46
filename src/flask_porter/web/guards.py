"""What the account layer adds to the guards of the login floor."""

from __future__ import annotations

from typing import Any

from ..login.requires import Guard


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
