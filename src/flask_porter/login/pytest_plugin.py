"""Fixtures for those who test an app with pytest: clients and requests in which somebody is here.

pytest loads this file in every run of an environment that has the package. So it does nothing but
define fixtures, and asks for the fixture ``app`` only where a test asks for one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest
from flask import Flask
from flask.testing import FlaskClient

from . import testing

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import timedelta


class LoginClientFactory(Protocol):
    """What the fixture ``login_client`` is, for tests that are typed."""

    def __call__(
        self,
        user: Any = None,
        *,
        fresh: bool = True,
        remember: bool = False,
        duration: timedelta | None = None,
        force: bool = False,
        **request: Any,
    ) -> testing.LoginClient:
        """Make one more client, in which ``user`` is logged in; see :meth:`LoginClient.log_in`."""
        ...


class LoggedInAs(Protocol):
    """What the fixture ``logged_in_as`` is, for tests that are typed."""

    def __call__(
        self, user: Any, *, fresh: bool = True, **request: Any
    ) -> AbstractContextManager[None]:
        """Be inside a request of ``user``; see :func:`flask_porter.logged_in_as`."""
        ...


@pytest.fixture
def login_client(app: Any) -> LoginClientFactory:
    """Return a function that makes a client of ``app`` in which a user is logged in.

    Each call makes another client with cookies of its own. An own ``app.test_client_class`` is
    kept: the client is of that class too.
    """
    kind = _client_class(_checked(app))

    def make(user: Any = None, **how: Any) -> testing.LoginClient:
        client = kind(app, app.response_class)
        if user is not None:
            client.log_in(user, **how)
        return client

    return make


@pytest.fixture
def logged_in_as(app: Any) -> LoggedInAs:
    """Return a function that opens a request of ``app`` in which ``current_user`` is a user."""
    checked = _checked(app)

    def be(user: Any, **how: Any) -> AbstractContextManager[None]:
        return testing.logged_in_as(checked, user, **how)

    return be


def _checked(app: Any) -> Flask:
    if isinstance(app, Flask):
        return app
    raise pytest.UsageError(
        "'login_client' and 'logged_in_as' log in to what the fixture 'app' returns, and that is"
        f" no Flask application but {app!r}. Define in conftest.py a fixture named 'app' that"
        " returns or yields yours."
    )


def _client_class(app: Flask) -> type[testing.LoginClient]:
    own = app.test_client_class or FlaskClient
    if issubclass(own, testing.LoginClient):
        return own
    if issubclass(testing.LoginClient, own):
        return testing.LoginClient
    return type(f"Login{own.__name__}", (testing.LoginClient, own), {})
