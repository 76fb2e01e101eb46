"""Hashes of other programs are verified as those programs do, within bounds."""

from __future__ import annotations

import time

import pytest

from flask_porter.authenticators.foreign_hashes import recognise
from tests.authenticators.stored_hashes import BCRYPT_OF_73_BYTES, HASHES, PASSWORD

SALT_AND_KEY = "c2Vhc2FsdDEyMzQ1$Ew2yqlt3IeSC+PuzixD7VzOGCZmWDe5ClFJ1uWWoGmU"
HEX = "ab" * 64
ABSURD = [
    f"$argon2id$v=19$m=1048577,t=1,p=1${SALT_AND_KEY}",
    f"$argon2id$v=19$m=65536,t=65,p=1${SALT_AND_KEY}",
    f"$argon2id$v=19$m=8192,t=1,p=17${SALT_AND_KEY}",
    f"argon2$argon2id$v=19$m=999999999,t=999999999,p=1${SALT_AND_KEY}",
    f"scrypt:16777216:8:1$salt${HEX}",
    f"scrypt:2:33:1$salt${HEX}",
    f"scrypt:1024:8:17$salt${HEX}",
    f"scrypt:0:8:1$salt${HEX}",
    f"scrypt$4194304$salt$8$1${'A' * 86}==",
    f"pbkdf2:sha256:5000001$salt${HEX[:64]}",
    f"pbkdf2:sha256:0$salt${HEX[:64]}",
    "pbkdf2_sha256$999999999$salt$of+BNpNRT1ErjapVKyhU2Aqc44p9ju3fo143S/tF4Ks=",
    "$2b$17$JWG86.4JOJWNTLKEQuvGRODdZFYyuwF/6qVjHhLu0R932LSuVQ3BS",
    "bcrypt_sha256$$2b$31$ds/0Momxjn/sqUS/Sm9AseGAuayqN0RHvrr5W6mstAW43PZtpfxpq",
]
MALFORMED = [
    *(
        "",
        "$",
        "$$$",
        "plain",
        "sha1$salt$hash",
        "md5$a$b",
        "pbkdf2:sha256:1$salt$",
        "scrypt:::$s$",
    ),
    f"pbkdf2:sha3:1000$salt${HEX[:64]}",
    f"pbkdf2:sha999:1000$salt${HEX[:64]}",
    f"$argon2d$v=19$m=1024,t=1,p=1${SALT_AND_KEY}",
    f"$argon2id$v=20$m=1024,t=1,p=1${SALT_AND_KEY}",
    f"$argon2id$v=19$m=1024,t=1,p=1${SALT_AND_KEY}\n",
    f"unknown$argon2id$v=19$m=1024,t=1,p=1${SALT_AND_KEY}",
    "$2x$04$JWG86.4JOJWNTLKEQuvGRODdZFYyuwF/6qVjHhLu0R932LSuVQ3BS",
    "$2b$04$tooshort",
]
# They look right, and their library cannot read them.
UNREADABLE = [
    f"$argon2id$v=19$m=1,t=1,p=1${SALT_AND_KEY}",
    f"$argon2id$v=19$m=1024,t=0,p=1${SALT_AND_KEY}",
    f"$argon2id$v=19$m=1024,t=1,p=1${'A' * 13}$" + "A" * 25,
    f"scrypt:65536:1:1$salt${HEX}",
    f"scrypt:1000:8:1$salt${HEX}",
    f"scrypt:1:8:1$salt${HEX}",
    "$2b$03$JWG86.4JOJWNTLKEQuvGRODdZFYyuwF/6qVjHhLu0R932LSuVQ3BS",
    f"pbkdf2:sha256:1$salt${HEX[:44]}",
]


def verify(password: str, stored: str) -> bool:
    check = recognise(stored)
    assert check is not None
    return check(password.encode())


@pytest.mark.parametrize("name", HASHES)
def test_the_password_of_a_foreign_hash_is_right_and_no_other(name: str) -> None:
    assert verify(PASSWORD, HASHES[name])
    assert not verify(PASSWORD[:-1], HASHES[name])


@pytest.mark.parametrize("name", HASHES)
def test_a_changed_hash_has_another_password(name: str) -> None:
    stored = HASHES[name]
    # The last character may have bits that say nothing; the one before has none.
    at = stored.rstrip("=").rindex(stored.rstrip("=")[-1]) - 1
    other = "a" if stored[at] != "a" else "b"
    check = recognise(stored[:at] + other + stored[at + 1 :])
    assert check is None or not check(PASSWORD.encode())


def test_bcrypt_reads_72_bytes_as_the_program_did_that_wrote_the_hash() -> None:
    assert verify("a" * 72 + "X", BCRYPT_OF_73_BYTES)
    assert verify("a" * 72, BCRYPT_OF_73_BYTES)
    assert not verify("a" * 71 + "b", BCRYPT_OF_73_BYTES)


def test_bcrypt_does_not_take_a_password_that_repeats_another_after_a_nul() -> None:
    stored = HASHES["bcrypt 2b"]
    assert not verify(f"{PASSWORD}\0{PASSWORD}", stored)
    assert not verify(f"{PASSWORD}\0", stored)


@pytest.mark.parametrize("stored", ABSURD)
def test_what_would_cost_too_much_is_no_hash(stored: str) -> None:
    assert recognise(stored) is None


@pytest.mark.parametrize("stored", MALFORMED)
def test_what_is_malformed_is_no_hash(stored: str) -> None:
    assert recognise(stored) is None


@pytest.mark.parametrize("stored", UNREADABLE)
def test_what_a_library_cannot_read_is_never_right(stored: str) -> None:
    start = time.perf_counter()
    assert not verify(PASSWORD, stored)
    assert time.perf_counter() - start < 1


def test_a_long_hash_is_looked_at_quickly() -> None:
    start = time.perf_counter()
    for piece in ("$", "a$", "scrypt:1", "$argon2id$", "9" * 9 + "$", "pbkdf2:sha1:1$"):
        recognise(piece * 50_000)
    assert time.perf_counter() - start < 1
