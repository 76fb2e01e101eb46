"""Attacks P01 to P22 on passwords, as far as values and verdicts alone decide them.

What concerns a page, a flow or a table is tried where those are.
"""

from __future__ import annotations

import time

import argon2
import pytest

from flask_porter.authenticators.blocklist import common_passwords
from flask_porter.authenticators.password_rules import PasswordRules
from flask_porter.authenticators.passwords import Argon2Hasher, Verdict
from flask_porter.errors import InvalidInput, SetUpError
from tests.authenticators.quick import quick_hasher
from tests.authenticators.stored_hashes import HASHES, PASSWORD, UNUSABLE

ALONE, WITH_SECOND_FACTOR = PasswordRules(), PasswordRules(minimum=8)
EMOJI = "🐎🔋📎🌧🪴🎷🧭🥖🛶🪁🧀🪵🎲🧊🪕"
FIFTEEN = "kfzwpomeruqtalx"


def is_right(password: str, stored: str | None) -> bool:
    return quick_hasher().verify(password, stored).is_right


@pytest.mark.parametrize(
    ("length", "alone", "with_second_factor"),
    [
        (7, "too_short", "too_short"),
        (8, "too_short", None),
        (14, "too_short", None),
        (15, None, None),
    ],
)
@pytest.mark.parametrize("text", [FIFTEEN, EMOJI], ids=["letters", "emoji"])
def test_p01_fifteen_characters_are_asked_for_and_eight_with_a_second_factor(
    text: str, length: int, alone: str | None, with_second_factor: str | None
) -> None:
    assert ALONE.check(text[:length]) == alone
    assert WITH_SECOND_FACTOR.check(text[:length]) == with_second_factor


def test_p01_a_letter_and_its_mark_are_one_character() -> None:
    marked = "".join(f"{letter}\u0308" for letter in "aeiouyAEIOUYwx")
    assert len(marked) == 28
    assert ALONE.check(marked) == "too_short"
    assert ALONE.check(f"{marked}h\u0308") is None


def test_p02_the_whole_of_a_long_password_counts_up_to_the_limit() -> None:
    text = "".join(f"{number:04d} {FIFTEEN[number % 15]} " for number in range(40))
    for length in (64, 128, 256):
        assert ALONE.check(text[:length]) is None
        stored = quick_hasher().hash(text[:length])
        assert is_right(text[:length], stored)
        assert not is_right(text[: length - 1] + "#", stored)
        assert not is_right(text[: length - 1], stored)
    assert ALONE.check(text[:257]) == "too_long"


def test_p03_what_comes_after_72_bytes_counts() -> None:
    stored = quick_hasher().hash("a" * 72 + "X")
    assert is_right("a" * 72 + "X", stored)
    assert not is_right("a" * 72 + "Y", stored)


def test_p04_nothing_ends_at_a_nul() -> None:
    password = "abc\0defghijklmnop"
    assert ALONE.check(password) == "not_text"
    stored = quick_hasher().hash(password)
    assert is_right(password, stored)
    assert not is_right("abc", stored)
    assert not is_right("abc\0zzzzzzzzzzzzz", stored)


@pytest.mark.parametrize("name", [name for name in HASHES if "bcrypt" in name])
def test_p04_nor_in_an_old_bcrypt_hash(name: str) -> None:
    assert not is_right(f"{PASSWORD}\0", HASHES[name])
    assert not is_right(f"{PASSWORD}\0{PASSWORD}", HASHES[name])


def test_p05_composed_and_decomposed_are_one_and_compatible_forms_are_not() -> None:
    stored = quick_hasher().hash("caf\u00e9 und noch mehr")
    assert is_right("cafe\u0301 und noch mehr", stored)
    stored = quick_hasher().hash("\ufb01fty, or so, squared\u00b2")
    assert is_right("\ufb01fty, or so, squared\u00b2", stored)
    assert not is_right("fifty, or so, squared2", stored)


def test_p05_case_and_spaces_count() -> None:
    stored = quick_hasher().hash("Two Words, a space ")
    for other in ("two words, a space ", "Two Words, a space", "Two  Words, a space "):
        assert not is_right(other, stored)


def test_p07_half_a_surrogate_pair_is_refused_and_no_error() -> None:
    password = "\ud800aaaaaaaaaaaaaaaa"
    assert ALONE.check(password) == "not_text"
    assert not is_right(password, None)
    assert not is_right(password, quick_hasher().hash(PASSWORD))
    with pytest.raises(InvalidInput):
        quick_hasher().hash(password)


@pytest.mark.parametrize("size", [1 << 20, 1 << 24], ids=["1 MiB", "16 MiB"])
def test_p08_a_huge_password_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    hasher, huge = Argon2Hasher(), "é" * (size // 2)
    stored = hasher.hash(PASSWORD)
    for name in ("verify_secret", "hashlib.pbkdf2_hmac", "hashlib.scrypt", "bcrypt.checkpw"):
        monkeypatch.setattr(f"flask_porter.authenticators.foreign_hashes.{name}", pytest.fail)
    monkeypatch.setattr(argon2.PasswordHasher, "hash", pytest.fail)
    started = time.perf_counter()
    for each in (None, stored, *HASHES.values()):
        assert not hasher.verify(huge, each).is_right
    assert ALONE.check(huge) == "too_long"
    assert time.perf_counter() - started < 0.02
    with pytest.raises(InvalidInput):
        hasher.hash(huge)


def test_p09_known_passwords_and_names_are_refused_with_a_reason() -> None:
    for minimum, rules in ((8, WITH_SECOND_FACTOR), (15, ALONE)):
        known = [each for each in sorted(common_passwords()) if len(each) >= minimum][:3000]
        assert known
        for each in known:
            assert rules.check(each) == rules.check(each.upper()) == "common"
    named = PasswordRules(context_words=("Riverside Bikes", "bikes.test"))
    for each in (
        "riverside bikes",
        "RiversideBikes1",
        "bikes.test 2026",
        "tess.riverbank@mail.test",
    ):
        assert named.check(each, ["tess.riverbank@mail.test", "tess"]) == "personal"


@pytest.mark.parametrize(
    "password", [FIFTEEN, "  k f z w p  o", "830275619470382", "ΚΖΩΠΟΜΕΡΥΘΤΑΛΞΨ", "!(%$,.-/&=?;:_'"]
)
def test_p10_there_is_no_rule_of_composition(password: str) -> None:
    assert ALONE.check(password.ljust(15, "x")) is None


@pytest.mark.parametrize("name", HASHES)
def test_p12_an_old_hash_is_upgraded_once_and_only_by_the_right_password(name: str) -> None:
    hasher = quick_hasher()
    assert hasher.verify("wrong", HASHES[name]) == Verdict(is_right=False, needs_rehash=False)
    assert hasher.verify(PASSWORD, HASHES[name]) == Verdict(is_right=True, needs_rehash=True)
    assert not hasher.verify(PASSWORD, hasher.hash(PASSWORD)).needs_rehash


@pytest.mark.parametrize("stored", [None, *UNUSABLE])
def test_p17_who_has_no_password_cannot_log_in_with_one(stored: str | None) -> None:
    for password in ("", "None", "!", "*", "null", stored or "", str(stored)):
        assert not is_right(password, stored)


def test_p17_no_stored_hash_is_its_own_password() -> None:
    for stored in (quick_hasher().hash(PASSWORD), *HASHES.values()):
        assert not is_right(stored, stored)


@pytest.mark.parametrize(
    "peppers", [{}, {"b": "k" * 32}, {"a": "another key of 32 characters...."}]
)
def test_p18_a_wrong_or_missing_pepper_lets_nobody_in(peppers: dict[str, str | bytes]) -> None:
    stored = quick_hasher(peppers={"a": "k" * 32}).hash(PASSWORD)
    for password in (PASSWORD, "wrong"):
        with pytest.raises(SetUpError, match="PORTER_PASSWORD_PEPPERS"):
            quick_hasher(peppers=peppers).verify(password, stored)


def test_p22_two_users_with_one_password_have_different_hashes() -> None:
    hasher = quick_hasher(peppers={"a": "k" * 32})
    hashes = {hasher.hash(PASSWORD).rsplit("$", 2)[n] for _ in range(20) for n in (1, 2)}
    assert len(hashes) == 40
