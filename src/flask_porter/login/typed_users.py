"""The class of user that a login manager is about: how one is found, and how one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic

from flask import abort, current_app, has_request_context

from . import current

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import ParamSpec, Protocol, overload

    from flask import Request
    from typing_extensions import TypeVar

    User = TypeVar("User", default=Any)
    Callback = TypeVar("Callback", bound=Callable[..., Any])
    P = ParamSpec("P")

    class Untyped:
        """Stands for a User that is Any: no class of an app fits it, and Any does."""

    class LoaderDecorator(Protocol[User]):  # pyright: ignore[reportInvalidTypeVarUse]
        """Takes a function that returns a User or None, async or not, and gives it back."""

        @overload
        def __call__(self: LoaderDecorator[Untyped], callback: Callback) -> Callback: ...
        @overload
        def __call__(self, callback: Callable[P, User]) -> Callable[P, User]: ...
        @overload
        def __call__(self, callback: Callable[P, User | None]) -> Callable[P, User | None]: ...
        @overload
        def __call__(
            self, callback: Callable[P, Coroutine[Any, Any, User]]
        ) -> Callable[P, Coroutine[Any, Any, User]]: ...
        @overload
        def __call__(
            self, callback: Callable[P, Coroutine[Any, Any, User | None]]
        ) -> Callable[P, Coroutine[Any, Any, User | None]]: ...

else:
    from typing import TypeVar

    User = TypeVar("User")
    Callback = TypeVar("Callback")


class TypedUsers(Generic[User]):
    """What a login manager knows of its class of user; without one, that class is Any."""

    #: The module's ``current_user``, typed. Nobody is that user too: look before you use it.
    current_user: User = current.current_user

    _user_callback: Callable[[Any], Any] | None
    _request_callback: Callable[[Request], Any] | None

    if TYPE_CHECKING:
        user_loader: LoaderDecorator[User]
        request_loader: LoaderDecorator[User]

        def unauthorized(self) -> Any:
            """Answer a visitor who is not logged in."""

    else:

        def user_loader(self, callback: Callback) -> Callback:
            """Register the function that finds a user by the id in the session, or returns None."""
            self._user_callback = callback
            return callback

        def request_loader(self, callback: Callback) -> Callback:
            """Register the function that finds a user by the request itself, or returns None.

            It is asked when neither the session nor the remember cookie names a user.
            """
            self._request_callback = callback
            return callback

    @property
    def user_callback(self) -> Callable[[Any], Any] | None:
        """The registered user loader."""
        return self._user_callback

    @property
    def request_callback(self) -> Callable[[Request], Any] | None:
        """The registered request loader."""
        return self._request_callback

    def get_user(self) -> User | None:
        """Return the user who is logged in, None when nobody is or outside a request."""
        user = current._get_user()
        return user if user is not None and user.is_authenticated else None

    def require_user(self) -> User:
        """Return the user who is logged in, and end the request when nobody is.

        For any function that a view calls. ``LOGIN_DISABLED`` opens guards, but makes no user.

        Raises:
            HTTPException: nobody is logged in; it carries the answer of ``unauthorized()``.
            RuntimeError: there is no request that could be answered.
        """
        user = self.get_user()
        if user is None:
            if not has_request_context():
                raise RuntimeError(
                    "require_user() was called outside a request, where nobody is logged in. Call"
                    " it in a view, or in what a view calls; elsewhere pass the user along."
                )
            abort(current_app.make_response(self.unauthorized()))
        return user
