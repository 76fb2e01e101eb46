"""Ends what an example has started, which no reader would think of: threads and connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, event


@contextmanager
def ended(namespaces: list[dict[str, Any]]) -> Iterator[None]:
    """End at last the mail threads of the apps in `namespaces`, and every engine used within."""
    used: set[Engine] = set()

    def note(connection: Connection) -> None:
        used.add(connection.engine)

    event.listen(Engine, "engine_connect", note)
    try:
        yield
    finally:
        for namespace in namespaces:
            for value in namespace.values():
                if isinstance(value, Flask) and "porter" in value.extensions:
                    value.extensions["porter"].mail_thread.stop()
        event.remove(Engine, "engine_connect", note)
        for engine in used:
            engine.dispose()
