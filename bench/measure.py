"""Measures side by side: the sides take turns, so that what slows the machine slows them all."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
import tracemalloc
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .pages import Cell, Row

#: Seconds of the import of one package, after Flask's, in an interpreter of its own.
_IMPORT = """
import sys, time, flask, flask.views
started = time.process_time_ns()
__import__(sys.argv[1])
print(time.process_time_ns() - started)
"""


@dataclass(frozen=True)
class Timing:
    """Seconds of one thing in every batch, and its share of another's in the same round."""

    seconds: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def least(self) -> float:
        """The time of the quickest batch."""
        return min(self.seconds)

    @property
    def least_share(self) -> float:
        """The smallest share of all rounds."""
        return min(self.shares)

    @property
    def share(self) -> float:
        """The median share of all rounds."""
        return median(self.shares)


@dataclass(frozen=True)
class Memory:
    """Bytes that one request takes at its height, and that it leaves behind."""

    height: int
    kept: float


def take_turns(
    actions: Mapping[str, Callable[[], float]], beside: str, rounds: int
) -> dict[str, Timing]:
    """Run every action once a round and return its timings, with shares of ``beside``'s.

    The order turns from round to round, so that nobody always comes after the same one.
    """
    names = list(actions)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            seconds[name].append(actions[name]())
    yardstick = seconds[beside]
    return {
        name: Timing(
            tuple(taken),
            tuple(own / other for own, other in zip(taken, yardstick, strict=True)),
        )
        for name, taken in seconds.items()
    }


def time_row(row: Row, rounds: int, batch: int) -> dict[str, Timing]:
    """Time the cells of ``row``, in CPU seconds a request, in batches of ``batch`` requests."""
    for cell in row.cells.values():
        for _ in range(min(batch, 20)):
            cell.send()
    gc.collect()
    actions = {side: _batch(cell, batch) for side, cell in row.cells.items()}
    return take_turns(actions, row.beside, rounds)


def time_imports(modules: Sequence[str], rounds: int) -> dict[str, Timing]:
    """Time the import of each module over Flask's, in CPU seconds; shares are of the first."""
    return take_turns({module: _importing(module) for module in modules}, modules[0], rounds)


def weigh(cell: Cell, requests: int) -> Memory:
    """Return what a request of ``cell`` takes and leaves, from ``requests`` of them."""
    for _ in range(20):
        cell.send()
    gc.collect()
    tracemalloc.start()
    try:
        cell.send()
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        cell.send()
        height = tracemalloc.get_traced_memory()[1] - before
        for _ in range(requests - 1):
            cell.send()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Memory(height, (after - before) / requests)


def _batch(cell: Cell, requests: int) -> Callable[[], float]:
    def run() -> float:
        send = cell.send
        started = time.thread_time_ns()
        for _ in range(requests):
            send()
        return (time.thread_time_ns() - started) / requests / 1e9

    return run


def _importing(module: str) -> Callable[[], float]:
    def run() -> float:
        # Compiled once, as it is where it is installed; the first round pays for that.
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT, module],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        return int(done.stdout) / 1e9

    return run
