"""Calls what an app has plugged in, be it a plain function or a coroutine function."""

from __future__ import annotations

import sys
from contextvars import copy_context
from functools import lru_cache, partial
from inspect import iscoroutinefunction
from threading import Thread
from types import MethodType
from typing import TYPE_CHECKING, Any

from flask import Flask

from .current import this_app

if TYPE_CHECKING:
    from collections.abc import Callable


def call(callback: Callable[..., Any], *args: Any) -> Any:
    """Return what ``callback`` answers; a coroutine function is awaited as Flask awaits a view."""
    runnable = as_sync(this_app(), callback)
    if runnable is callback or not _inside_event_loop():
        return runnable(*args)
    # An async view has read current_user: its thread already runs a loop, which cannot wait for
    # a second coroutine. Another thread can; the context copy carries request, session and g.
    errand = _Errand(runnable, args)
    errand.start()
    errand.join()
    return errand.outcome()


def as_sync(app: Flask, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``app.ensure_sync(function)``, at less cost where that is the function itself."""
    if type(app).ensure_sync is Flask.ensure_sync:
        try:
            # A bound method would be remembered together with its object, for one a user.
            plain = function.__func__ if isinstance(function, MethodType) else function
            if not _is_async(plain):
                return function
        except TypeError:  # it cannot be hashed
            pass
    return app.ensure_sync(function)


_is_async = lru_cache(maxsize=1024)(iscoroutinefunction)


class _Errand(Thread):
    """A call in a thread of its own, in a copy of the caller's context."""

    def __init__(self, callback: Callable[..., Any], args: tuple[Any, ...]) -> None:
        super().__init__(name="flask_porter-callback")
        self._call = partial(copy_context().run, callback, *args)
        self._answer: Any = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._answer = self._call()
        except BaseException as error:  # noqa: BLE001 - it is raised again where it belongs
            self._error = error

    def outcome(self) -> Any:
        """Return what the call has answered, or raise what it has raised."""
        if self._error is not None:
            raise self._error
        return self._answer


def _inside_event_loop() -> bool:
    # To import asyncio takes longer than all of this package; who has not, runs no loop.
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
