"""Says why a new password cannot be taken: length and known passwords, no rule of composition.

All of it is NIST SP 800-63B-4 section 3.1.1.2, and ASVS 5.0 6.2.1 to 6.2.12.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from ..errors import SetUpError
from .blocklist import common_passwords, folded, is_pattern, listed_in, unit_of
from .passwords import LONGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

# What is shorter stands in too many words to say anything.
_SHORTEST_TERM: Final = 3
# So much beside one's own name is a password: the least that NIST allows at all.
_ENOUGH: Final = 8

# It is in no password, and so joins nothing that was apart.
_GAP: Final = "\0"
_WORDS: Final = re.compile(r"[^\W_]+")
# What one puts before or behind a word: a year, "!!!".
_SHORT_END: Final = 4
# The ways to write a letter as a sign; 1 stands for two of them.
_SIGNS: Final = tuple(str.maketrans("@430157$!", f"aaeo{one}sts{one}") for one in "il")


class PasswordRules:
    """What a new password has to be.

    Args:
        minimum: code points after NFC; 15, or 8 where a second factor is always asked for.
        maximum: the same; NIST asks for 64 at least.
        blocklist: a file of passwords, one a line, that are refused beside our own list.
        context_words: what the site is called, and words that belong to it (ASVS 5.0 6.1.2).

    Raises:
        SetUpError: the file cannot be read.
    """

    def __init__(
        self,
        minimum: int = 15,
        maximum: int = 256,
        blocklist: Path | None = None,
        context_words: Collection[str] = (),
    ) -> None:
        self.minimum = minimum
        self.maximum = maximum
        self._own_list = frozenset[str]() if blocklist is None else _read(blocklist)
        self._context = _terms(context_words)

    def check(self, password: str, personal: Collection[str] = ()) -> str | None:
        """Return why ``password`` cannot be taken, or None.

        Args:
            password: as typed.
            personal: what belongs to this person: username, e-mail address.

        Returns:
            ``not_text``, ``too_long``, ``too_short``, ``common`` (the whole of it is known or a
            pattern), or ``personal`` (there is too little in it but names of the person and the
            site). A long password may contain any word.
        """
        # Before anything that takes longer the longer it is.
        if len(password) > LONGEST_BYTES:
            return "too_long"
        if not all(_is_text(char) for char in password):
            return "not_text"
        normalised = unicodedata.normalize("NFC", password)
        if len(normalised) > self.maximum or len(normalised.encode()) > LONGEST_BYTES:
            return "too_long"
        if len(normalised) < self.minimum:
            return "too_short"
        spellings = _spellings(folded(normalised))
        if any(self._is_common(spelling) for spelling in spellings):
            return "common"
        terms = self._context | _terms(personal)
        if any(_is_made_of(spelling, terms) for spelling in spellings):
            return "personal"
        return None

    def _is_common(self, text: str) -> bool:
        if is_pattern(text):
            return True
        return any(
            each in common_passwords() or each in self._own_list
            for each in (text, unit_of(text), _without_ends(text))
        )


def _read(path: Path) -> frozenset[str]:
    try:
        return listed_in(path)
    except (OSError, UnicodeDecodeError) as error:
        raise SetUpError(
            f"PORTER_PASSWORD_BLOCKLIST: {path} cannot be read ({error}). Name a file of UTF-8"
            " text with one password a line."
        ) from error


def _is_text(char: str) -> bool:
    """Tell whether ``char`` can be typed: no control character, no half of a surrogate pair."""
    return unicodedata.category(char) not in {"Cc", "Cs"}


def _spellings(text: str) -> set[str]:
    """Return ``text`` itself, with signs read as letters, and all of them backwards."""
    forwards = {text, *(text.translate(signs) for signs in _SIGNS)}
    return forwards | {each[::-1] for each in forwards}


def _without_ends(text: str) -> str:
    """Return ``text`` without the digits and signs around it, if they too are what all write."""
    letters = [at for at, char in enumerate(text) if char.isalpha()]
    if not letters:
        return text
    start, end = letters[0], letters[-1] + 1
    ends = (text[:start], text[end:])
    is_plain = all(len(each) <= _SHORT_END or is_pattern(each) for each in ends)
    return text[start:end] if is_plain else text


def _terms(texts: Collection[str]) -> frozenset[str]:
    """Return the parts of names and addresses that a password must not be made of."""
    found = set()
    for text in texts:
        whole = folded(text)
        words = _WORDS.findall(whole)
        found |= {whole, "".join(words), *words, *whole.split("@")}
    return frozenset(term for term in found if len(term) >= _SHORTEST_TERM)


def _is_made_of(text: str, terms: Collection[str]) -> bool:
    """Tell whether half of ``text`` is terms, and what is left beside them is short.

    A password of 15 characters may hold a name of four, and one of 30 a name of 20.
    """
    rest = text
    for term in sorted(terms, key=lambda term: (-len(term), term)):
        rest = rest.replace(term, _GAP)
    left = sum(len(word) for word in _WORDS.findall(rest))
    named = len(text) - len(rest) + rest.count(_GAP)
    return named * 2 >= len(text) and left < _ENOUGH
