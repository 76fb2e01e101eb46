"""Every flow that there is, found by looking."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from flask_porter import flows
from flask_porter.flows.run import Flow


def _found() -> dict[str, Flow[Any, Any]]:
    rooms = [
        import_module(f"{flows.__name__}.{room.name}") for room in iter_modules(flows.__path__)
    ]
    return {
        thing.name: thing
        for room in rooms
        for thing in vars(room).values()
        if isinstance(thing, Flow)
    }


#: By their names.
FLOWS: Final[dict[str, Flow[Any, Any]]] = _found()
