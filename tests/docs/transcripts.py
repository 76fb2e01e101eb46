"""Finds the commands of a page, and what the page says that each prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(?P<kind>text|sh)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:\+00:00)?")

_HANDLE = re.compile(r"(?<=  )[\w-]{22}$", re.MULTILINE)


@dataclass(frozen=True)
class Step:
    """One command, and what is printed; None where the page does not say."""

    command: str
    printed: str | None


def steps(page: Path) -> Iterator[Step]:
    """Yield the commands in order: of `text` blocks behind a `$`, of `sh` blocks each line."""
    for block in _BLOCK.finditer(page.read_text()):
        if block["kind"] == "sh":
            yield from (Step(line, None) for line in block["body"].splitlines())
        elif block["kind"] == "text":
            for part in re.split(r"^\$ ", block["body"], flags=re.MULTILINE)[1:]:
                command, _, printed = part.partition("\n")
                yield Step(command, printed)


def files(page: Path) -> list[str]:
    """Return the texts of its files: of `text` blocks that no command begins."""
    bodies = [
        block["body"] for block in _BLOCK.finditer(page.read_text()) if block["kind"] == "text"
    ]
    return [body for body in bodies if not body.startswith("$ ")]


def without_moments(printed: str) -> str:
    """Return what is printed with every time, and every handle of a device, as the same one."""
    return _HANDLE.sub("S2zB9qPCxkRkCkjWnTXi1g", _MOMENT.sub("2026-11-21 09:00", printed))
