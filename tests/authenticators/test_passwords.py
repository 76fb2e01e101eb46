"""New hashes are Argon2id; verifying tells what to replace, and never fails on what is stored."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import argon2
import pytest

from flask_porter.authenticators.passwords import Argon2Hasher, Verdict
from flask_porter.errors import Busy, InvalidInput, SetUpError
from tests.authenticators.quick import quick_hasher
from tests.authenticators.stored_hashes import (
    DECOMPOSED_PASSWORD,
    HASH_OF_DECOMPOSED,
    HASHES,
    PASSWORD,
    UNUSABLE,
)

RIGHT = Verdict(is_right=True, needs_rehash=False)
RIGHT_BUT_OLD = Verdict(is_right=True, needs_rehash=True)
WRONG = Verdict(is_right=False, needs_rehash=False)


def test_the_defaults_are_those_that_owasp_recommends() -> None:
    hasher = Argon2Hasher()
    stored = hasher.hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    parameters = argon2.extract_parameters(stored)
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)
    assert hasher.verify(PASSWORD, stored) == RIGHT
    assert hasher.verify(PASSWORD + " ", stored) == WRONG


def test_another_program_verifies_our_hashes() -> None:
    assert argon2.PasswordHasher().verify(quick_hasher().hash(PASSWORD), PASSWORD)


@pytest.mark.parametrize("name", HASHES)
def test_a_right_password_asks_for_a_hash_of_ours(name: str) -> None:
    hasher = quick_hasher()
    assert hasher.verify(PASSWORD, HASHES[name]) == RIGHT_BUT_OLD
    assert hasher.verify("wrong", HASHES[name]) == WRONG


def test_other_parameters_ask_for_a_new_hash() -> None:
    stored = quick_hasher(time_cost=1).hash(PASSWORD)
    assert quick_hasher(time_cost=2).verify(PASSWORD, stored) == RIGHT_BUT_OLD
    assert quick_hasher(time_cost=2).verify("wrong", stored) == WRONG


@pytest.mark.parametrize("stored", [None, *UNUSABLE])
def test_without_a_usable_hash_nothing_is_right(stored: str | None) -> None:
    for password in (PASSWORD, "", "!", "*", "None", stored or ""):
        assert quick_hasher().verify(password, stored) == WRONG


@pytest.mark.parametrize(
    "stored",
    [
        "\ud800",
        "é" * 20,
        "\0",
        f"pbkdf2:sha256:1$\ud800${'ab' * 32}",
        "$argon2id$" * 2000,
        "$porter-pepper$",
        "$porter-pepper$a$",
    ],
)
def test_whatever_is_stored_ends_in_no_error(stored: str) -> None:
    assert quick_hasher().verify(PASSWORD, stored) == WRONG


@pytest.mark.parametrize("stored", [None, "!", "$argon2id$v=19$m=999999999,t=1,p=1$c2FsdHNhbHQ$a"])
def test_somebody_unknown_costs_one_hash_of_the_current_parameters(
    monkeypatch: pytest.MonkeyPatch, stored: str | None
) -> None:
    """The structure of the work, counted below the hasher (E04)."""
    seen: list[str] = []
    genuine = argon2.low_level.verify_secret

    def count(hash: bytes, secret: bytes, type: argon2.Type) -> bool:
        seen.append(hash.decode().rsplit("$", 2)[0])
        return genuine(hash, secret, type)

    monkeypatch.setattr("flask_porter.authenticators.foreign_hashes.verify_secret", count)
    hasher = Argon2Hasher()
    known = hasher.hash(PASSWORD)
    hasher.verify("wrong", known)
    hasher.verify("wrong", stored)
    assert seen == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


def test_a_decomposed_letter_is_the_composed_one() -> None:
    hasher = quick_hasher()
    assert hasher.verify("Pa\u0308sswort", hasher.hash("P\u00e4sswort")) == RIGHT
    assert hasher.verify("P\u00e4sswort", hasher.hash("Pa\u0308sswort")) == RIGHT


def test_the_bytes_as_typed_count_for_an_old_hash() -> None:
    hasher = quick_hasher()
    verdict = hasher.verify(DECOMPOSED_PASSWORD, HASH_OF_DECOMPOSED)
    assert verdict == RIGHT_BUT_OLD
    assert hasher.verify("Pa\u0308ssword mit Umlau", HASH_OF_DECOMPOSED) == WRONG


def test_they_do_not_for_a_hash_of_ours() -> None:
    """Such a hash was made elsewhere; trying it would double the work for known accounts."""
    foreign = argon2.PasswordHasher(1, 64, 1, 32, 16).hash(DECOMPOSED_PASSWORD)
    assert quick_hasher().verify(DECOMPOSED_PASSWORD, foreign) == WRONG
    assert quick_hasher(time_cost=2).verify(DECOMPOSED_PASSWORD, foreign) == RIGHT_BUT_OLD


@pytest.mark.parametrize(
    ("password", "reason"),
    [("x" * 1025, "too_long"), ("é" * 513, "too_long"), ("\ud800" + "a" * 20, "not_text")],
)
def test_what_cannot_be_hashed_is_refused(password: str, reason: str) -> None:
    hasher = quick_hasher()
    with pytest.raises(InvalidInput) as refusal:
        hasher.hash(password)
    assert refusal.value.fields == {"password": (reason,)}
    for stored in (None, hasher.hash("x" * 1024), hasher.hash("é" * 512)):
        assert hasher.verify(password, stored) == WRONG


def test_1024_bytes_are_hashed_whole() -> None:
    hasher = quick_hasher()
    stored = hasher.hash("x" * 1024)
    assert hasher.verify("x" * 1024, stored) == RIGHT
    assert hasher.verify("x" * 1023 + "y", stored) == WRONG


def test_absurd_parameters_are_a_wrong_set_up() -> None:
    with pytest.raises(SetUpError, match="flask porter calibrate"):
        Argon2Hasher(memory_kib=2_000_000)


class SlowChecks:
    """Stands in for a verification; counts how many run at once."""

    def __init__(self) -> None:
        self.running = self.most = 0
        self.lock = threading.Lock()

    def __call__(self, hash: bytes, secret: bytes, type: argon2.Type) -> bool:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        time.sleep(0.05)
        with self.lock:
            self.running -= 1
        return True


def test_never_more_hashes_run_at_once_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = SlowChecks()
    monkeypatch.setattr("flask_porter.authenticators.foreign_hashes.verify_secret", slow)
    hasher = quick_hasher(concurrency=2)
    stored = [None, HASHES["argon2-cffi"]] * 4
    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(lambda each: hasher.verify(PASSWORD, each), stored))
    assert slow.most == 2
    assert [verdict.is_right for verdict in verdicts] == [False, True] * 4


@pytest.mark.parametrize("wait_seconds", [0, 0.02])
def test_who_waits_too_long_for_a_turn_is_told_so(
    monkeypatch: pytest.MonkeyPatch, wait_seconds: float
) -> None:
    started, go_on = threading.Event(), threading.Event()

    def hold(hash: bytes, secret: bytes, type: argon2.Type) -> bool:
        started.set()
        return go_on.wait(5)

    monkeypatch.setattr("flask_porter.authenticators.foreign_hashes.verify_secret", hold)
    hasher = quick_hasher(concurrency=1, wait_seconds=wait_seconds)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(hasher.verify, PASSWORD, HASHES["argon2-cffi"])
        assert started.wait(5)
        for stored in (None, HASHES["argon2-cffi"]):
            with pytest.raises(Busy):
                hasher.verify(PASSWORD, stored)
        with pytest.raises(Busy):
            hasher.hash(PASSWORD)
        go_on.set()
        assert first.result(5).is_right
    assert hasher.hash(PASSWORD)


def test_a_slot_is_free_again_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(hash: bytes, secret: bytes, type: argon2.Type) -> bool:
        raise MemoryError

    monkeypatch.setattr("flask_porter.authenticators.foreign_hashes.verify_secret", fail)
    hasher = quick_hasher(concurrency=1, wait_seconds=0)
    for _ in range(2):
        with pytest.raises(MemoryError):
            hasher.verify(PASSWORD, HASHES["argon2-cffi"])
