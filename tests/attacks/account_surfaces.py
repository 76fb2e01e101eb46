"""Every row of the JSON API and every form of the pages, with what a well-meant request sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from pydantic import BaseModel

from flask_porter.web.api.routes import ROUTES, Route

#: A value of the right type for each field of the API that is no text.
_OTHERS: dict[str, Any] = {"remember": False}


@dataclass(frozen=True)
class Field:
    """A field of the body of a row."""

    route: Route
    name: str
    is_text: bool

    @property
    def id(self) -> str:
        return f"{self.route.name}.{self.name}"

    def body(self, value: Any) -> dict[str, Any]:
        """Return a body of the right types, but for `value` in this field."""
        others = [name for name in self.route.flow.model.model_fields if name != self.name]
        required = [name for name in others if name in _required(self.route.flow.model)]
        return {name: _OTHERS.get(name, "something") for name in required} | {self.name: value}


def _required(model: type[BaseModel]) -> set[str]:
    return {name for name, info in model.model_fields.items() if info.is_required()}


#: Every field of every row that is sent in a body.
FIELDS = [
    Field(route, name, name not in _OTHERS)
    for route in ROUTES
    for name in route.flow.model.model_fields
    if f"{{{name}}}" not in route.path
]

#: Every name of a field that a form of ours may have.
NAMES = sorted(
    {name for route in ROUTES for name in route.flow.model.model_fields} | {"next", "handle", "id"}
)


def forms(app: Flask) -> Iterator[str]:
    """Yield the path of each of our pages that takes a form."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("porter.") and "POST" in (rule.methods or ()):
            yield adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, "any"), "POST")
