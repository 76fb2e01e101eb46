"""Calls what an app has plugged in, be it a plain function or a coroutine function."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import lru_cache
from inspect import iscoroutinefunction
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
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(copy_context().run, runnable, *args).result()


def as_sync(app: Flask, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``app.ensure_sync(function)``, at less cost where that is the function itself."""
    if type(app).ensure_sync is Flask.ensure_sync:
        try:
            if not _is_async(function):
                return function
        except TypeError:  # it cannot be hashed
            pass
    return app.ensure_sync(function)


_is_async = lru_cache(maxsize=1024)(iscoroutinefunction)


def _inside_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
