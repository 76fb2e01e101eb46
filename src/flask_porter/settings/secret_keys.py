"""Tells a key that somebody can guess from one that nobody can."""

from __future__ import annotations

import re
from typing import Final

# 128 bits, as bytes or as hexadecimal digits (OWASP Session Management Cheat Sheet, ASVS 11.5.1).
_FEWEST_BYTES: Final = 16
_FEWEST_CHARACTERS: Final = 32
_FEWEST_DIFFERENT: Final = 8

# What examples and templates write in place of a key.
_PLACEHOLDERS: Final = re.compile(
    "|".join(
        sorted(
            (
                *("secret", "secretkey", "key", "dev", "devel", "development", "test", "testing"),
                *("change", "changeme", "changethis", "replace", "replaceme", "me", "this", "it"),
                *("your", "my", "our", "the", "a", "some", "very", "super", "really", "not"),
                *("random", "string", "value", "here", "please", "put", "insert", "enter", "set"),
                *("insecure", "unsafe", "secure", "safe", "long", "strong", "default", "example"),
                *(
                    "placeholder",
                    "dummy",
                    "sample",
                    "demo",
                    "todo",
                    "fixme",
                    "password",
                    "passw0rd",
                ),
                *("flask", "django", "porter", "app", "application", "session", "cookie", "token"),
                *("production", "prod", "local", "localhost", "admin", "root", "user", "generate"),
                *("hard", "guess", "to", "in", "for", "is", "be", "with", "and", "of", "do", "use"),
                *("abcdefghijklmnopqrstuvwxyz", "abcdef", "qwertyuiop", "qwerty", "asdf", "xxx"),
                *("0123456789", "1234567890", "123456789", "12345678", "123456", "1234", "123"),
                *("0123456789abcdef", "deadbeef", "cafebabe", "hello", "world", "foo", "bar"),
            ),
            key=len,
            reverse=True,
        )
    )
)


def why_weak(key: bytes) -> str | None:
    """Return why ``key`` can be guessed, to go on after "SECRET_KEY", or None."""
    # A character of text holds less than a byte: a hexadecimal digit holds half of one.
    is_text = re.fullmatch(rb"[ -~]*", key) is not None
    fewest = _FEWEST_CHARACTERS if is_text else _FEWEST_BYTES
    if len(key) < fewest:
        return f"is too short: {len(key)}, where {fewest} are asked for"
    if len(set(key)) < _FEWEST_DIFFERENT:
        return "says the same again and again"
    if is_text:
        letters = re.sub(r"[\W_]", "", key.decode("latin-1").lower())
        if len(_PLACEHOLDERS.sub("", letters)) < fewest // 2:
            return "is made of the words that stand in examples"
    return None
