"""What stands for a session until somebody touches it, and is an ordinary one from then on."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any

from flask.sessions import SecureCookieSession

if TYPE_CHECKING:
    from collections.abc import Callable

# What Flask gives to each of its sessions, and holds nothing of the single one.
_ATTRIBUTES = vars(SecureCookieSession())
_READ: Any = object()
_filling = RLock()


def _touching(name: str) -> Callable[..., Any]:
    def operation(self: UnopenedSession, *args: Any, **kwargs: Any) -> Any:
        touch(self)
        for other in args:
            if type(other) is UnopenedSession:
                touch(other)
        return getattr(self, name)(*args, **kwargs)

    operation.__name__ = name
    return operation


def _is_operator(name: str) -> bool:
    return (
        name.startswith("__")
        and name not in _NOT_OF_THE_CONTENT
        and callable(getattr(SecureCookieSession, name))
    )


_NOT_OF_THE_CONTENT = frozenset(
    {
        "__class__",
        "__class_getitem__",
        "__getattribute__",
        "__init__",
        "__init_subclass__",
        "__new__",
        "__setattr__",
        "__subclasshook__",
    }
)


class UnopenedSession(SecureCookieSession):
    """A session that is filled by the first operation on it, whichever that is.

    It then changes its class to Flask's own and keeps no trace of what it was. Made by
    :func:`unopened`; to call this class, as a copy does, makes an ordinary session.

    Only C code that goes past the methods of a dict could see it unopened, as when an OrderedDict
    is compared with it. Since 3.1.3 Flask marks a session as accessed before it gives it to
    anybody, which is a touch; before, a first such look finds a dict of one odd item.
    """

    __slots__ = ()
    # Python looks operators up on the class and past __getattribute__, so each needs its own.
    vars().update(
        {name: _touching(name) for name in filter(_is_operator, dir(SecureCookieSession))}
    )

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        return SecureCookieSession(*args, **kwargs)

    def __getattribute__(self, name: str) -> Any:
        # isinstance() asks for the class, and learns nothing of what is inside.
        if name == "__class__":
            return SecureCookieSession
        touch(self)
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        touch(self)
        setattr(self, name, value)


def unopened(read: Callable[[], Any]) -> UnopenedSession:
    """Return a session whose content is ``read()``, called when it is first touched.

    None or anything that is no mapping makes it empty.
    """
    session = dict.__new__(UnopenedSession)
    # Kept as an item: C code that asks a dict for its size alone, like the encoder of json,
    # must not find it empty.
    dict.__setitem__(session, _READ, read)
    return session


def reader(session: UnopenedSession) -> Any:
    """Return the ``read`` that ``session`` was made with, without touching the session.

    None when another thread has opened it meanwhile.
    """
    return dict.get(session, _READ)


def touch(session: SecureCookieSession) -> None:
    """Fill ``session`` and make it one of Flask's own, unless it is that already."""
    if type(session) is not UnopenedSession:
        return
    read = dict.get(session, _READ)
    data = {} if read is None else read()
    if type(data) is not dict:
        data = _as_dict(data)
    with _filling:
        if type(session) is not UnopenedSession:
            return
        dict.clear(session)
        dict.update(session, data)
        object.__getattribute__(session, "__dict__").update(_ATTRIBUTES)
        # Last, so that other threads see either an unopened session or a complete one.
        object.__setattr__(session, "__class__", SecureCookieSession)


def _as_dict(data: Any) -> dict[Any, Any]:
    try:
        return dict(data or ())
    except (TypeError, ValueError):
        # Signed with our key, yet not a mapping: another use of the same key and salt.
        return {}
