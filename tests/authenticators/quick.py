"""A hasher that costs next to nothing, for tests that are not about its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_porter.authenticators.passwords import Argon2Hasher

if TYPE_CHECKING:
    from collections.abc import Mapping


def quick_hasher(
    *,
    time_cost: int = 1,
    concurrency: int = 4,
    wait_seconds: float = 5,
    peppers: Mapping[str, str | bytes] | None = None,
) -> Argon2Hasher:
    return Argon2Hasher(
        memory_kib=64,
        time_cost=time_cost,
        parallelism=1,
        concurrency=concurrency,
        wait_seconds=wait_seconds,
        peppers=peppers or {},
    )
