"""Joins the login floor to the session records: who a session or a token stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request, session

from ..authenticators.hidden import Hidden, hidden
from ..errors import Refusal, SetUpError
from ..flows.inputs import Nothing
from ..flows.login import AppLogin, by_app
from ..flows.logout import logout
from ..flows.reauthenticate import by_app as proven_by_app
from ..flows.resume import age_of_proof, is_fresh
from ..flows.run import run
from ..login.current import _get_user
from ..login.records import TOKEN
from .request import API, PAGES, accounts, around, blueprint, caller
from .response import begun
from .unavailable import resume_once

if TYPE_CHECKING:
    from datetime import timedelta

    from flask import Request

    from ..flows.resume import Resumed
    from ..login.records import Begun


def load_user(user_id: str) -> Any:
    """Return the user of the session if a live record of theirs stands behind it, else None."""
    resumed = resume_once(hidden(session.get(TOKEN)), "cookie")
    if resumed is None or str(resumed.user.get_id()) != str(user_id):
        return None
    around().resumed = resumed
    return resumed.user


def load_user_from_request(request: Request) -> Any:
    """Return the user whose token is in ``Authorization: Bearer`` (RFC 6750 section 2.1), or None.

    The token of a cookie is nobody's here. On our pages no token counts at all: what they renew
    they would hand to a browser, and the program would have lost its token.
    """
    if blueprint() == PAGES:
        return None
    scheme, _, token = map(Hidden, request.headers.get("Authorization", "").partition(" "))
    if scheme.lower() != "bearer":
        return None
    resumed = resume_once(Hidden(token.strip(" ")), "bearer")
    if resumed is None:
        return None
    around().resumed = resumed
    return resumed.user


class Records:
    """The session records behind the sessions of an app, for its login manager."""

    def open(
        self, user: Any, *, remember: bool, duration: timedelta | None, fresh: bool
    ) -> Begun | None:
        """Admit a user whom the app itself logs in; None when the gate says no.

        Raises:
            SetUpError: the user is not in the database.
        """
        form = AppLogin(user_id=user.id, remember=remember, duration=duration, fresh=fresh)
        try:
            outcome = run(accounts(), caller("app"), by_app, form)
        except Refusal as refusal:
            if refusal.reason == "unknown_user":
                raise SetUpError(
                    f"login_user() wants a user who is in the database, and {user!r} is not:"
                    " commit before you log somebody in whom you have just added."
                ) from None
            return None
        return begun(outcome)

    def end(self) -> None:
        """End the record of this session."""
        if _resumed() is not None:
            run(accounts(), caller("app"), logout, Nothing())
            around().resumed = None

    def prove(self) -> Begun | None:
        """Renew the record, proven just now, since the app says that its user has done so."""
        if _resumed() is None:
            return None
        return begun(run(accounts(), caller("app"), proven_by_app, Nothing()))

    def age_of_proof(self) -> timedelta | None:
        """Return how long ago who they are was last proven; None for a stranger."""
        resumed = _resumed()
        return None if resumed is None else age_of_proof(accounts(), resumed.record)

    def is_fresh(self) -> bool:
        """Tell whether that is within ``PORTER_FRESH_FOR``."""
        resumed = _resumed()
        return resumed is not None and is_fresh(accounts(), resumed.record)

    def is_remembered(self) -> bool:
        """Tell whether the record outlives the browser."""
        resumed = _resumed()
        return resumed is not None and resumed.record.remembered


def _resumed() -> Resumed | None:
    """Return who is logged in; the app may ask before it has ever read ``current_user``."""
    _get_user()
    known = around()
    if known.resumed is None and known.unavailable is not None:
        # Nobody is not who it is: a log-out would take the cookie of somebody who is logged in.
        raise known.unavailable
    return known.resumed


def is_bearer() -> bool:
    """Tell whether this request proves itself by a header, which no other site can add."""
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    return scheme.lower() == "bearer"


def gives_a_token() -> bool:
    """Tell whether this request asks for such a token: it has none yet, and gets no cookie."""
    return request.endpoint == f"{API}.login_bearer"
