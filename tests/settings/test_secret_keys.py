"""A key that somebody can guess is told from one that nobody can."""

from __future__ import annotations

import random
import secrets

import pytest

from flask_porter.settings import why_weak

WEAK = [
    b"",
    b"dev",
    b"secret",
    b"change me",
    b"you-will-never-guess",
    b"192b9bdd22ab9ed4d12e236c78afcb9",  # one digit short of 128 bits
    b"changemechangemechangemechangemechangeme",
    b"CHANGE_ME_this_is_a_very_secret_key_for_production",
    b"django-insecure-replace-this-secret-key-please-replace-it",
    b"your-super-secret-random-string-here-please-change",
    b"a" * 64,
    b"0123456789abcdef0123456789abcdef0123456789abcdef",
    b"abcdefghijklmnopqrstuvwxyz0123456789",
    b"\x00" * 32,
    b"\xff\x00" * 32,
    b"\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e",
]


@pytest.mark.parametrize("key", WEAK)
def test_a_key_that_can_be_guessed_is_weak(key: bytes) -> None:
    assert why_weak(key) is not None


def test_a_random_key_is_strong() -> None:
    # Seeded: what is random may by chance hold words, and never enough of them.
    source = random.Random(4)
    for _ in range(5000):
        drawn = source.randbytes(32)
        assert why_weak(drawn) is None
        assert why_weak(drawn.hex().encode()) is None
        assert why_weak(drawn[:16].hex().encode()) is None


def test_what_python_makes_is_strong() -> None:
    assert why_weak(secrets.token_hex().encode()) is None
    assert why_weak(secrets.token_urlsafe().encode()) is None
    assert why_weak(secrets.token_bytes()) is None
