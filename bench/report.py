"""The table: what was measured, beside what was promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import sides

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .measure import Memory, Timing
    from .pages import Row

_WIDTH = 33
_COLUMN = 21


def heading(unit: str, columns: Iterable[str]) -> str:
    """Return the line above a table."""
    return f"{unit:{_WIDTH}}" + "".join(f"{column:>{_COLUMN}}" for column in columns)


def line(
    name: str,
    timings: Mapping[str, Timing],
    columns: Iterable[str],
    *,
    unit: float = 1e-6,
    promise: str = "",
) -> str:
    """Return a row: the least time, then the least and the median share, of every column."""
    cells = (_cell(timings.get(column), unit) for column in columns)
    return f"{name:{_WIDTH}}{''.join(cells)}  {promise}".rstrip()


def weight_line(name: str, weights: Mapping[str, Memory], columns: Iterable[str]) -> str:
    """Return a row of memory: KiB at a request's height, then bytes that it leaves."""
    cells = (
        f"{'-':>{_COLUMN}}"
        if (weight := weights.get(column)) is None
        else f"{f'{weight.height / 1024:.1f}  {weight.kept:+.0f} B':>{_COLUMN}}"
        for column in columns
    )
    return f"{name:{_WIDTH}}" + "".join(cells)


def promise(row: Row, timings: Mapping[str, Timing]) -> str:
    """Say what is promised of our side in ``row``, and whether it was kept."""
    if row.at_most is None:
        return ""
    share = timings[sides.PORTER].share
    verdict = "kept" if share <= row.at_most else "MISSED"
    return f"<= {row.at_most:.2f} of {row.beside}: {share:.2f} {verdict}"


def _cell(timing: Timing | None, unit: float) -> str:
    if timing is None:
        return f"{'-':>{_COLUMN}}"
    shares = f"{timing.least_share:.2f} {timing.share:.2f}"
    return f"{f'{timing.least / unit:.1f}  {shares}':>{_COLUMN}}"
