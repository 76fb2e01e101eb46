"""Builds the list of passwords that nobody may take, anew from its two sources.

    python .ci/build_blocklist.py

It needs Django and zxcvbn in its environment, and they are in none of ours:
``pip install django==5.2.19 zxcvbn==4.5.0`` into one of its own.
"""

from __future__ import annotations

import gzip
import unicodedata
from importlib.resources import files
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

# The shortest password there is, and the shortest without a second factor (NIST SP 800-63B-4
# section 3.1.1.2): below that no single word of a dictionary is long enough to be taken.
SHORTEST = 8
SHORTEST_WORD = 15
LIST = Path(__file__).parents[1] / "src/flask_porter/authenticators/data/common_passwords.txt.gz"


def words() -> set[str]:
    """Return the words of both sources."""
    packed = files("django.contrib.auth").joinpath("common-passwords.txt.gz").read_bytes()
    passwords = {*gzip.decompress(packed).decode().splitlines(), *FREQUENCY_LISTS["passwords"]}
    found = {folded(word) for word in passwords}
    for ranked in FREQUENCY_LISTS.values():
        found.update(folded(word) for word in ranked if len(word) >= SHORTEST_WORD)
    return {word for word in found if len(word) >= SHORTEST}


def folded(word: str) -> str:
    """Return a word as it is compared: NFC, without case."""
    return unicodedata.normalize("NFC", word.strip()).casefold()


text = "\n".join(sorted(words()))
# Without a date in it, the same words are the same bytes.
LIST.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
print(f"{text.count(chr(10)) + 1} words, {LIST.stat().st_size} bytes")
