"""Where a client can go from here, by the rows that take it there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from ..loaders import is_bearer
from ..own_paths import own_url
from ..request import API
from .bodies import NextStep
from .routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable


def root() -> str:
    """Return the path below which the rows are."""
    return own_url(f"{API}.reference").rstrip("/")


def next_steps(flows: Iterable[str]) -> list[NextStep]:
    """Return the rows of these flows, as far as this client can use them."""
    wanted = [name for flow in flows for name in (_log_ins() if flow == "login" else (flow,))]
    return [
        NextStep(flow=name, method=route.method, href=f"{root()}{route.path}")
        for name in wanted
        for route in ROUTES
        if route.name == name
    ]


def _log_ins() -> tuple[str, ...]:
    """Return the log-ins that this client can use: one shows a token, a browser has cookies."""
    if is_bearer():
        return ("login_bearer",)
    return ("login",) if "Sec-Fetch-Site" in request.headers else ("login", "login_bearer")
