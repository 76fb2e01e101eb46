"""Tokens are random, kept as digests, and read strictly."""

from __future__ import annotations

import hashlib
import hmac
import re

import pytest

from flask_porter.authenticators import tokens


def test_a_secret_has_256_bits_and_fits_a_url() -> None:
    minted = {tokens.mint() for _ in range(500)}
    assert len(minted) == 500
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", secret) for secret in minted)
    assert len(tokens.mint(16)) == 22


def test_the_digest_is_sha_256() -> None:
    """FIPS 180-4, the example "abc"."""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert tokens.digest("abc").hex() == expected


def test_only_the_secret_matches_its_digest() -> None:
    secret = tokens.mint()
    kept = tokens.digest(secret)
    assert tokens.matches(secret, kept)
    assert not tokens.matches(secret.swapcase(), kept)
    assert not tokens.matches(secret + "A", kept)
    assert not tokens.matches(secret, kept[:-1])
    assert not tokens.matches(secret, b"")


def test_whatever_a_client_sends_has_a_digest() -> None:
    assert len({tokens.digest(text) for text in ("", "\ud800", "\udfff", "é", "\0")}) == 5
    assert not tokens.matches("\ud800", tokens.digest(""))
    assert tokens.code_digest("\ud800", b"") != tokens.code_digest("", b"")


def test_a_code_has_eight_digits_and_may_begin_with_zero() -> None:
    codes = [tokens.mint_code() for _ in range(2000)]
    assert all(re.fullmatch(r"[0-9]{8}", code) for code in codes)
    assert {code[0] for code in codes} == set("0123456789")
    assert len(tokens.mint_code(6)) == 6


def test_the_digest_of_a_code_depends_on_what_it_is_bound_to() -> None:
    mine, theirs = tokens.digest("mine"), tokens.digest("theirs")
    assert tokens.code_digest("12345678", mine) != tokens.code_digest("12345678", theirs)
    expected = hmac.new(mine, b"12345678", hashlib.sha256).digest()
    assert tokens.code_digest("12345678", bound_to=mine) == expected


@pytest.mark.parametrize("typed", ["12345678", " 1234 5678 ", "1234-5678", "1 2 3 4-5-6-7-8"])
def test_spaces_and_hyphens_of_a_typed_code_are_left_out(typed: str) -> None:
    assert tokens.normalised_code(typed) == "12345678"


@pytest.mark.parametrize(
    "typed",
    [
        *("", "1234567", "123456789", "1234567a", "+1234567", "1234567.", "12_34567"),
        *("１２３４５６７８", "1234567８", "١٢٣٤٥٦٧٨", "²2345678", "1234\t5678", "1234\u00a05678"),
        *("1234\u20105678", "12345678\n", "12345678" + " " * 40, "\ud8002345678"),
    ],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert tokens.normalised_code(typed) is None


def test_a_session_token_is_split_as_it_was_joined() -> None:
    id, secret = tokens.mint(16), tokens.mint()
    assert tokens.split_session_token(tokens.join_session_token(id, secret)) == (id, secret)


@pytest.mark.parametrize(
    "value",
    [
        *(None, 1, b"a" * 66, [], {}, "", ".", "a.b", "a" * 66, "a" * 22 + "." + "b" * 42),
        *("a" * 21 + "." + "b" * 43, "a" * 22 + "." + "b" * 44, "a" * 22 + "." + "b" * 43 + "\n"),
        *("a" * 22 + "." + "b" * 42 + "=", "a" * 22 + ":" + "b" * 43, "ａ" * 22 + "." + "b" * 43),
        *(" " + "a" * 21 + "." + "b" * 43, "a" * 22 + "." + "b" * 42 + "\0", "a." * 40),
    ],
)
def test_what_is_no_session_token_is_none(value: object) -> None:
    assert tokens.split_session_token(value) is None
