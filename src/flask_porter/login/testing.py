"""The test client of Flask-Login: begins a session in which a user is logged in."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient


class FlaskLoginClient(FlaskClient):
    """A test client that may be made with ``user=`` and ``fresh_login=``.

    Set ``app.test_client_class`` to it, then ``app.test_client(user=user)``. It knows nothing of
    the client's address, so a protected session is stale (basic) or ended (strong), as with
    Flask-Login.
    """

    def __init__(
        self, *args: Any, user: Any = None, fresh_login: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if user:
            with self.session_transaction() as session:
                session["_user_id"] = user.get_id()
                session["_fresh"] = fresh_login
