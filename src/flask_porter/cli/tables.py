"""Rows as columns of text, in which a cell can neither move the cursor nor the next column."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from ..models.columns import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows under a head, in columns; control characters are shown, not obeyed."""
    shown = [tuple(one_line(cell) for cell in row) for row in (head, *rows)]
    widths = [max(map(_width, column)) for column in zip(*shown, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in shown
    )


def moment(at: datetime | None) -> str:
    """Return a time in UTC for a table, or a dash."""
    return "-" if at is None else at.strftime("%Y-%m-%d %H:%M")


def _width(text: str) -> int:
    """Return how many columns of a terminal ``text`` takes (UAX 11)."""
    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in {"W", "F"} else 1 for char in text
    )
