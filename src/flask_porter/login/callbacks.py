"""Calls what an app has plugged in, be it a plain function or a coroutine function."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from flask import current_app

if TYPE_CHECKING:
    from collections.abc import Callable


def call(callback: Callable[..., Any], *args: Any) -> Any:
    """Return what ``callback`` answers; a coroutine function is awaited as Flask awaits a view."""
    runnable = current_app.ensure_sync(callback)
    if runnable is callback or not _inside_event_loop():
        return runnable(*args)
    # An async view has read current_user: its thread already runs a loop, which cannot wait for
    # a second coroutine. Another thread can; the context copy carries request, session and g.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(copy_context().run, runnable, *args).result()


def _inside_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
