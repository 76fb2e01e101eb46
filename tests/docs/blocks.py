"""Finds the fenced Python blocks of a Markdown page, and what the comment above each asks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

FENCE = re.compile(
    r"(?:^[ \t]*<!--[ \t]*(?P<comment>[^\n]*?)[ \t]*-->[ \t]*\n(?:[ \t]*\n)?)?"
    r"^(?P<indent>[ \t]*)```(?:python|py)[ \t]*\n(?P<code>.*?)^(?P=indent)```[ \t]*$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Block:
    """One example: where it stands, its code, and how to run it."""

    page: Path
    line: int
    code: str
    fresh: bool = False
    own_process: bool = False
    reason_not_to_run: str | None = None

    def compiled(self) -> CodeType:
        """Return the code object, whose line numbers are the page's own."""
        code = "\n" * (self.line - 1) + self.code
        # A reader has none of our future imports.
        return compile(code, str(self.page), "exec", dont_inherit=True)


def python_blocks(page: Path) -> list[Block]:
    """Return the blocks of `page` in order. Raises: ValueError for an unknown comment."""
    text = page.read_text()
    return [_block(page, text, match) for match in FENCE.finditer(text)]


def _block(page: Path, text: str, match: re.Match[str]) -> Block:
    line = text.count("\n", 0, match.start("code")) + 1
    code = re.sub(rf"^{match['indent']}", "", match["code"], flags=re.MULTILINE)
    block = Block(page, line, code)
    comment = match["comment"]
    if comment is None:
        return block
    word, _, reason = comment.partition(":")
    if word == "no-run" and reason.strip():
        return Block(page, line, code, reason_not_to_run=reason.strip())
    if comment == "fresh":
        return Block(page, line, code, fresh=True)
    if comment == "own-process":
        return Block(page, line, code, own_process=True)
    raise ValueError(f"{page.name}:{line}: {comment!r} is no way to run a block, or has no reason")
