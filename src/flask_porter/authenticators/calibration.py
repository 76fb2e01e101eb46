"""Finds the parameters of Argon2 that this machine can afford."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from argon2 import Type
from argon2.low_level import hash_secret_raw

#: The least that the OWASP Password Storage Cheat Sheet recommends, with two rounds.
LEAST_KIB: Final = 19_456
#: RFC 9106 section 4 gives 64 MiB as enough where memory is scarce; more rounds come after this.
MOST_KIB: Final = 65_536
_STEP_KIB: Final = 1024
_LEAST_ROUNDS: Final = 2
_MOST_ROUNDS: Final = 100


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of Argon2id, and the seconds that one hash takes here with them."""

    memory_kib: int
    time_cost: int
    parallelism: int
    seconds: float


def calibrate(target_seconds: float) -> Parameters:
    """Return the costliest parameters whose hash takes about ``target_seconds`` here.

    Memory grows first, since it is what hurts an attacker's hardware (RFC 9106 section 4), then
    rounds. It never goes below what OWASP recommends, however slow the machine.

    Raises:
        ValueError: the target is not within 0 and 5 seconds.
    """
    if not 0 < target_seconds <= 5:
        raise ValueError(f"a target of {target_seconds} seconds is not within 0 and 5")
    memory, rounds = LEAST_KIB, _LEAST_ROUNDS
    wanted = memory * target_seconds / _measured(memory, rounds)
    memory = max(LEAST_KIB, min(MOST_KIB, int(wanted) // _STEP_KIB * _STEP_KIB))
    seconds = _measured(memory, rounds)
    if memory == MOST_KIB:
        rounds = max(rounds, min(_MOST_ROUNDS, int(rounds * target_seconds / seconds)))
        seconds = _measured(memory, rounds)
    return Parameters(memory, rounds, parallelism=1, seconds=seconds)


def _measured(memory_kib: int, time_cost: int) -> float:
    """Return the seconds of one hash: the best of three, so that others matter little."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        hash_secret_raw(b"password", b"a salt of 16 b..", time_cost, memory_kib, 1, 32, Type.ID)
        times.append(time.perf_counter() - start)
    return min(times)
