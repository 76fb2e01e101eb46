"""Listens to an app for every name by which its routes take something from a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Request, has_request_context, request
from werkzeug.datastructures import ImmutableMultiDict

from flask_porter.flows.run import Flow
from tests.account_site import Site


@contextmanager
def listening(site: Site, patch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Yield what is asked for meanwhile, as ``porter_api.end_device handle``."""
    asked: set[str] = set()

    def note(name: object) -> None:
        if has_request_context() and request.endpoint:
            asked.add(f"{request.endpoint} {name}")

    class Heard(ImmutableMultiDict[str, str]):
        def __contains__(self, key: object) -> bool:
            note(key)
            return super().__contains__(key)

        def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
            note(key)
            return super().get(key, *args, **kwargs)

        def __getitem__(self, key: str) -> str:
            note(key)
            return super().__getitem__(key)

    class HeardRequest(Request):
        parameter_storage_class = Heard

    read = Flow.read

    def heard(flow: Any, accounts: Any, *args: Any, **kwargs: Any) -> Any:
        for name in flow.model_in(accounts).model_fields:
            note(name)
        return read(flow, accounts, *args, **kwargs)

    with patch.context() as patched:
        patched.setattr(site.app, "request_class", HeardRequest)
        patched.setattr(Flow, "read", heard)
        yield asked
    asked |= {
        f"{rule.endpoint} {name}"
        for rule in site.app.url_map.iter_rules()
        for name in rule.arguments
    }
