"""Test clients in which a user is logged in before the first request."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flask.testing import FlaskClient
from werkzeug.local import LocalProxy

from .current import current_manager, current_request, current_session
from .errors import SetUpError
from .session import login_user, logout_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from flask import Flask


class FlaskLoginClient(FlaskClient):
    """A test client that may be made with ``user=`` and ``fresh_login=``.

    Set ``app.test_client_class`` to it, then ``app.test_client(user=user)``. It knows nothing of
    the client's address, so a protected session is stale (basic) or ended (strong), as with
    Flask-Login; :class:`LoginClient` does better.
    """

    def __init__(
        self, *args: Any, user: Any = None, fresh_login: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        manager = getattr(self.application, "login_manager", None)
        if user and getattr(manager, "session_records", None) is not None:
            raise SetUpError(
                "Under Porter a session needs a record, which FlaskLoginClient cannot open: set"
                " 'app.test_client_class = flask_porter.LoginClient', whose log-in has one."
            )
        if user:
            with self.session_transaction() as session:
                session["_user_id"] = user.get_id()
                session["_fresh"] = fresh_login


class LoginClient(FlaskClient):
    """A test client that logs in as ``login_user`` does in a view, without opening a page.

    Set ``app.test_client_class`` to it, then ``app.test_client(user=user)``; or make one with
    ``LoginClient(app, user=user)``, whose type a checker knows. The log-in holds in each mode of
    session protection, in any kind of session, and beside other clients. As a browser on a page of
    this site it sends ``Sec-Fetch-Site: same-origin``, unless a request has that header.

    Args:
        user: who is logged in from the start; nobody when left out.
        fresh_login: whether that user has just proven who they are.
        remember: whether the client gets the remember cookie.
    """

    def __init__(
        self,
        *args: Any,
        user: Any = None,
        fresh_login: bool = True,
        remember: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        if user is not None:
            self.log_in(user, fresh=fresh_login, remember=remember)

    def log_in(
        self,
        user: Any,
        *,
        fresh: bool = True,
        remember: bool = False,
        duration: timedelta | None = None,
        force: bool = False,
        **request: Any,
    ) -> None:
        """Log ``user`` in, whoever was logged in before.

        Args:
            user: the user object.
            fresh: whether the user has just proven who they are.
            remember: set the remember cookie.
            duration: how long that cookie lasts.
            force: log in a user who is not active.
            request: what the request would be made with, as in :meth:`get`: ``base_url``,
                ``subdomain``, ``headers``, ``environ_base`` ...

        Raises:
            TypeError: the client was made with ``use_cookies=False``.
            ValueError: ``login_user`` has refused the user.
        """
        user = _itself(user)
        with self._as_a_view(request):
            _log_in(user, fresh=fresh, remember=remember, duration=duration, force=force)

    def log_out(self, **request: Any) -> None:
        """Log out as ``logout_user`` does.

        Args:
            request: what the request would be made with, as in :meth:`get`.

        Raises:
            TypeError: the client was made with ``use_cookies=False``.
        """
        with self._as_a_view(request):
            logout_user()

    @contextmanager
    def _as_a_view(self, arguments: dict[str, Any]) -> Iterator[None]:
        """Run the block in a request of this client; its cookies come and go as if by a view."""
        if self._cookies is None:
            raise TypeError(
                "This client keeps no cookies, so it cannot stay logged in: make it without"
                " 'use_cookies=False'."
            )
        app = self.application
        environ_base = {**self.environ_base, **arguments.pop("environ_base", {})}
        context = app.test_request_context(**arguments, environ_base=environ_base)
        self._add_cookies_to_wsgi(context.request.environ)
        with context:
            yield
            response = current_manager()._update_remember_cookie(app.response_class())
            app.session_interface.save_session(app, current_session(), response)
            request = current_request()
        self._update_cookies_from_response(
            request.host.partition(":")[0], request.path, response.headers.getlist("Set-Cookie")
        )


@contextmanager
def logged_in_as(app: Flask, user: Any, *, fresh: bool = True, **request: Any) -> Iterator[None]:
    """Be inside a request of ``user``, for code that asks who that is and needs no view.

    Args:
        app: the application.
        user: who ``current_user`` is.
        fresh: whether the user has just proven who they are.
        request: what the request is made with, as in :meth:`Flask.test_request_context`.

    Raises:
        ValueError: ``login_user`` has refused the user.
    """
    user = _itself(user)
    with app.test_request_context(**request):
        _log_in(user, fresh=fresh)
        yield


def _itself(user: Any) -> Any:
    """Return who stands behind ``current_user``, which in the coming request is somebody else."""
    return user._get_current_object() if isinstance(user, LocalProxy) else user


def _log_in(user: Any, **how: Any) -> None:
    if login_user(user, **how):
        return
    if user.is_active:
        raise ValueError(
            f"login_user() has refused {user!r}, since the address is not verified or one of your"
            " checks says no. For a user who may log in, write"
            " 'porter.run(flask_porter.flows.users.create, email=..., verified=True)'."
        )
    raise ValueError(
        f"login_user() has refused {user!r}, who is not active. To test what becomes of"
        " somebody who was shut out later, log in first or write 'force=True'."
    )
