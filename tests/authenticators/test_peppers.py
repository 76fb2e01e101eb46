"""A pepper goes into each hash; one that is gone or wrong stops the log-in and changes nothing."""

from __future__ import annotations

import re

import pytest

from flask_porter.authenticators.passwords import Verdict
from flask_porter.errors import SetUpError
from tests.authenticators.quick import quick_hasher
from tests.authenticators.stored_hashes import HASHES, PASSWORD

OLD, NEW = b"the older key of 32 random bytes", "the newer key, which came as text"
RIGHT = Verdict(is_right=True, needs_rehash=False)
RIGHT_BUT_OLD = Verdict(is_right=True, needs_rehash=True)
WRONG = Verdict(is_right=False)


def test_the_id_of_the_pepper_is_kept_and_its_key_is_not() -> None:
    stored = quick_hasher(peppers={"k1": OLD}).hash(PASSWORD)
    assert re.fullmatch(r"\$porter-pepper\$k1\$[0-9a-f]{8}\$argon2id\$v=19\$.{60,90}", stored)
    assert OLD.hex() not in stored
    assert len(stored) <= 255


def test_the_first_pepper_makes_new_hashes_and_the_others_verify() -> None:
    before, after = quick_hasher(peppers={"k1": OLD}), quick_hasher(peppers={"k2": NEW, "k1": OLD})
    stored = before.hash(PASSWORD)
    assert before.verify(PASSWORD, stored) == RIGHT
    assert after.verify(PASSWORD, stored) == RIGHT_BUT_OLD
    assert after.verify("wrong", stored) == WRONG
    assert after.hash(PASSWORD).startswith("$porter-pepper$k2$")
    assert after.verify(PASSWORD, after.hash(PASSWORD)) == RIGHT


def test_a_hash_without_the_pepper_is_verified_and_gets_it() -> None:
    peppered = quick_hasher(peppers={"k1": OLD})
    assert peppered.verify(PASSWORD, quick_hasher().hash(PASSWORD)) == RIGHT_BUT_OLD
    assert peppered.verify(PASSWORD, HASHES["werkzeug pbkdf2"]) == RIGHT_BUT_OLD
    assert peppered.verify(PASSWORD, None) == WRONG


def test_the_pepper_decides_and_not_its_name_alone() -> None:
    stored = quick_hasher(peppers={"k1": OLD}).hash(PASSWORD)
    bare = "$" + stored.split("$", 4)[4]
    assert quick_hasher().verify(PASSWORD, bare) == WRONG


@pytest.mark.parametrize("peppers", [{}, {"k2": NEW}, {"k1": NEW}])
def test_a_missing_or_wrong_pepper_is_a_wrong_set_up(peppers: dict[str, str | bytes]) -> None:
    stored = quick_hasher(peppers={"k1": OLD}).hash(PASSWORD)
    for password in (PASSWORD, "wrong"):
        with pytest.raises(SetUpError, match=r"'k1'.*PORTER_PASSWORD_PEPPERS"):
            quick_hasher(peppers=peppers).verify(password, stored)


@pytest.mark.parametrize("peppers", [{"": b"k"}, {"a$b": b"k"}, {"a" * 17: b"k"}, {"a": b""}])
def test_a_pepper_that_cannot_be_used_stops_the_start(peppers: dict[str, str | bytes]) -> None:
    with pytest.raises(SetUpError, match="PORTER_PASSWORD_PEPPERS"):
        quick_hasher(peppers=peppers)


def test_behind_a_pepper_stands_an_argon2_hash_alone() -> None:
    hasher = quick_hasher(peppers={"k1": OLD})
    prefix = "$".join(hasher.hash(PASSWORD).split("$")[:4])
    for name in ("bcrypt 2b", "werkzeug pbkdf2"):
        bare = HASHES[name]
        stored = prefix + (bare if bare.startswith("$") else f"${bare}")
        assert hasher.verify(PASSWORD, stored) == WRONG
