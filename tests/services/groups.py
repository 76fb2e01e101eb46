"""Which tests need a service, whether it is here, and what to install when it is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from tests.services import chromium, node, postgres, redis


@dataclass(frozen=True)
class Group:
    """Tests that share a need: a mark, the fixtures that imply it, and a way to find it."""

    mark: str
    fixtures: frozenset[str]
    needs: str
    is_here: Callable[[], bool]

    @property
    def advice(self) -> str:
        """What a person should do to run this group."""
        return f"needs {self.needs}: run `make services`"


GROUPS = (
    Group(
        "browser",
        frozenset({"playwright", "browser", "new_context", "new_profile", "context", "page"}),
        "Chromium",
        chromium.is_here,
    ),
    Group("redis", frozenset({"redis_server", "redis_url"}), "a Redis server", redis.is_here),
    Group(
        "postgres",
        frozenset({"postgres_server", "postgres_url"}),
        "a PostgreSQL server",
        postgres.is_here,
    ),
    Group("node", frozenset({"node"}), "Node.js", node.is_here),
)


def all_required() -> bool:
    """True where a missing service is a failure: in CI, or on request."""
    answers = (os.environ.get("CI"), os.environ.get("PORTER_TEST_REQUIRE_ALL"))
    return any(answer in {"1", "true", "True"} for answer in answers)
