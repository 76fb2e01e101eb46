"""Knows the passwords that everybody tries first: lists of them, and patterns of keys."""

from __future__ import annotations

import gzip
import unicodedata
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

#: The rows and slopes of the keyboards that most people have, and the two things one counts in.
_SEQUENCES: Final = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890"),
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm"),
    *("wxcvbn", "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm"),
)
_STEPS: Final = frozenset(
    step
    for sequence in _SEQUENCES
    for first, second in pairwise(sequence)
    for step in (first + second, second + first)
)
# A unit of so many characters is short: repeating it adds nothing.
_SHORT_UNIT: Final = 4
_OFTEN: Final = 3
# Steps of a keyboard come by chance too; in runs of this length on average they do not.
_MEAN_RUN: Final = 3


@cache
def common_passwords() -> frozenset[str]:
    """Return our own list, unpacked when the first password is looked at.

    Where its words come from stands in ``data/NOTICES.txt``.
    """
    data = files("flask_porter.authenticators").joinpath("data")
    packed = data.joinpath("common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n"))


def listed_in(path: Path) -> frozenset[str]:
    """Return the passwords of a list of one's own: UTF-8, one a line.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    with path.open(encoding="utf-8") as lines:
        return frozenset(folded(line.rstrip("\r\n")) for line in lines)


def folded(text: str) -> str:
    """Return ``text`` as passwords are compared: NFC, and without case."""
    return unicodedata.normalize("NFC", text).casefold()


def is_pattern(text: str) -> bool:
    """Tell whether ``text``, folded, is a short unit repeated or made of runs along the keys."""
    unit = _unit(text)
    if unit < len(text) and (unit <= _SHORT_UNIT or len(text) >= _OFTEN * unit):
        return True
    return _runs(text) * _MEAN_RUN <= len(text)


def unit_of(text: str) -> str:
    """Return the part whose repetition ``text`` is; often itself."""
    return text[: _unit(text)]


def _unit(text: str) -> int:
    """Return the length of the shortest start that ``text`` repeats, the last time perhaps cut.

    It counts only when it stands there twice in full.
    """
    for length in range(1, len(text) // 2 + 1):
        if text[length:] == text[:-length]:
            return length
    return len(text)


def _runs(text: str) -> int:
    """Return in how many runs of equal or neighbouring characters ``text`` falls."""
    return 1 + sum(a != b and a + b not in _STEPS for a, b in pairwise(text))
