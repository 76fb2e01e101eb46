"""Folds names that look alike into one key, so nobody can pass for somebody else (UTS 39)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: What letters and digits look like, in the scripts of UAX 31 table 5: from the confusables of
#: UTS 39, and a few that differ by a stroke or in one typeface alone.
_LIKE: Final = {
    "a": "\u0251\u03b1\u0430",
    "b": "\u0432\u03b2\u0253\u0180",
    "c": "\u0441\u1d04",
    "d": "\u0501\u0111",
    "e": "\u0435\u04bd\uab32\u0454\u03b5",
    "f": "\u0584\u1e9d\uab35",
    "g": "\u0261\u018d\u0581\u1d83",
    "h": "\u04bb\u0570\u0127\u043d",
    "j": "\u03f3\u0458",
    "k": "\u043a\u03ba\u0138",
    "l": "i1\u0131\u0269\u026a\u03b9\u0456\u04cf\ua647\u01c0\u05d5\u05df\u0627\u0142\u0268",
    "n": "\u0578\u057c\u043f\u03b7",
    "o": (
        "0\u03bf\u03c3\u043e\u0585\u05e1\u0647\u06be\u06c1\u06d5\u0b20\u0d20\u101d\u10ff\u1d0f"
        "\u1d11\uab3d\u00f8"
    ),
    "p": "\u03c1\u0440",
    "q": "\u051b\u0563\u0566",
    "r": "\u0433\u1d26\uab47\uab48",
    "rn": "m\u043c",
    "s": "\u01bd\u0455\ua731",
    "t": "\u0442\u03c4\u0167",
    "u": "\u028b\u03c5\u057d\u1200\u1d1c\ua79f\uab4e\uab52",
    "v": "\u03bd\u0475\u05d8\u1d20",
    "vv": "w\u026f\u0461\u051d\u0561\u1d21",
    "x": "\u0445\u03c7",
    "y": "\u0263\u028f\u03b3\u0443\u04af\u10e7\u1d8c\u1eff\uab5a",
    "z": "\u1d22",
    "ae": "\u00e6\u04d5",
    "oe": "\u0153",
    "oo": "\ua74f\ua699",
    "6": "\u0431",
    "8": "\u0223",
    # Katakana beside the ideographs and the Hiragana that look like them.
    "\u30ab": "\u529b",
    "\u30ed": "\u53e3",
    "\u30cb": "\u4e8c",
    "\u30bf": "\u5915",
    "\u30c8": "\u535c",
    "\u30a8": "\u5de5",
    "\u30cf": "\u516b",
    "\u30d8": "\u3078",
    "-": "\u30fc\u4e00",
}
_FOLDED: Final = {ord(letter): like for like, letters in _LIKE.items() for letter in letters}

# Accents, Hebrew points, Arabic vowels: small, and as good as invisible on a bad screen.
_ACCENTS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
_REPEATED_SEPARATOR: Final = re.compile(r"([._-])\1+")


def skeleton(name: str) -> str:
    """Return what ``name`` has in common with all names that look like it.

    Case, accents, and which of i, l and 1, or of o and 0, is written, do not count. It is no text
    to show. It depends on no locale.
    """
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", name.casefold()))
    folded = unicodedata.normalize("NFC", bare).translate(_FOLDED)
    return _REPEATED_SEPARATOR.sub(r"\1", folded)
