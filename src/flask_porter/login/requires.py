"""Guards that ask something of the user: 401 for "who are you", 403 for "not you"."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from flask import Blueprint, Flask
from flask.views import View

from . import answers
from .callbacks import as_sync
from .current import _get_user, current_manager, current_request, this_app
from .guards import is_authenticated, is_open, turn_away
from .marks import add_guard
from .open_routes import standing
from .require_login import needs_no_user, shows_login_page, turned_away
from .roles import has_role
from .signals import user_forbidden
from .verdicts import is_true

if TYPE_CHECKING:
    from collections.abc import Callable

    Predicate = Callable[[Any], Any]
    Guarded = TypeVar("Guarded", bound=Callable[..., Any] | Blueprint)


def requires(*predicates: Predicate) -> Guard:
    """Let only users in of whom every predicate is true.

    Visitors get the manager's ``unauthorized``, other users 403, which the app's error handler
    answers. The guard fits a view, sync or async, ``decorators`` of a view class, a view class,
    and a blueprint: there it stands before all views, nested ones too, but not before those that
    :func:`public` opens, log-in pages and static files.

    Args:
        predicates: functions of the user, sync or async.

    Raises:
        TypeError: there is none, or one is not a function.
    """
    if not predicates or not all(callable(predicate) for predicate in predicates):
        raise TypeError(
            "requires wants functions of the user: write '@requires(lambda user: user.is_staff)'."
        )
    return Guard(f"requires({', '.join(map(_name, predicates))})", predicates)


def role_required(*names: str) -> Guard:
    """Let only users in who have one of the roles; write it twice for users who need both.

    A user object has ``has_role(name)``, or ``roles``: names or objects with a ``name``, or
    ``role``: one of these.

    Raises:
        TypeError: no name is given, or something else.
    """
    if not names or not all(name and isinstance(name, str) for name in names):
        raise TypeError("role_required wants names of roles: write '@role_required(\"admin\")'.")

    def has_one(user: Any) -> bool:
        return any(has_role(user, name) for name in names)

    return Guard(f"role_required({', '.join(names)})", (has_one,))


class Guard:
    """What :func:`requires` and :func:`role_required` return."""

    def __init__(self, name: str, predicates: tuple[Predicate, ...]) -> None:
        self._name = name
        self._predicates = predicates

    def __call__(self, guarded: Guarded) -> Guarded:
        """Guard a view, a view class or a blueprint."""
        thing: Any = guarded
        if isinstance(thing, Blueprint):
            thing = self._guard_blueprint(thing)
        elif isinstance(thing, type) and issubclass(thing, View):
            thing = self._guard_class(thing)
        elif callable(thing) and not isinstance(thing, Flask | type):
            thing = self._guard_view(thing)
        else:
            raise TypeError(
                f"{self._name} wants a view, a view class or a blueprint, not {guarded!r}. For a"
                " whole app write 'require_login(app)'."
            )
        return cast("Guarded", thing)

    def __repr__(self) -> str:
        return f"<guard {self._name}>"

    def _guard_view(self, view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not is_open():
                if not is_authenticated():
                    return turn_away(current_manager().unauthorized)
                if not self._holds():
                    return turn_away(self._forbid)
            return as_sync(this_app(), view)(*args, **kwargs)

        return add_guard(guarded, self._name)

    def _guard_class(self, view_class: type[View]) -> type[View]:
        """Guard what ``as_view`` returns, also for subclasses with ``decorators`` of their own."""
        as_view = view_class.as_view.__func__  # type: ignore[attr-defined]

        def guarded(cls: type[View], *args: Any, **kwargs: Any) -> Any:
            return self._guard_view(as_view(cls, *args, **kwargs))

        view_class.as_view = classmethod(wraps(as_view)(guarded))  # type: ignore[assignment, method-assign]
        return view_class

    def _guard_blueprint(self, blueprint: Blueprint) -> Blueprint:
        def admit() -> Any:
            request = current_request()
            rule = request.url_rule
            if rule is None or standing(this_app(), rule.endpoint, within=blueprint).is_public:
                return None
            if needs_no_user(request, rule):
                return None
            known = is_authenticated()
            if (known and self._holds()) or shows_login_page(request, rule):
                return None
            return self._forbid() if known else turned_away()

        blueprint.before_request(admit)
        return add_guard(blueprint, self._name)

    def _forbid(self) -> NoReturn:
        user_forbidden.send(this_app(), user=_get_user(), guard=self._name)
        answers.forbid(current_manager())

    def _holds(self) -> bool:
        user = _get_user()
        return all(is_true(predicate, user) for predicate in self._predicates)


def _name(predicate: Predicate) -> str:
    return getattr(predicate, "__name__", type(predicate).__name__)
