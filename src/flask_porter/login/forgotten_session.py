"""A session for a request that leaves nothing behind: read and written like any, never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask.sessions import NullSession, SecureCookieSession

from .cookie_session import replace_session

if TYPE_CHECKING:
    from flask import Request

# What Flask forbids to its sessions that are not saved.
_WRITING = ("__delitem__", "__setitem__", "clear", "pop", "popitem", "setdefault", "update")


class ForgottenSession(NullSession):
    """An empty session that Flask does not save, and that may be written to all the same."""

    vars().update({name: getattr(SecureCookieSession, name) for name in _WRITING})


def forget_session(request: Request) -> None:
    """Have the current ``request`` begin without a session, and end without a session cookie."""
    replace_session(request, ForgottenSession())
