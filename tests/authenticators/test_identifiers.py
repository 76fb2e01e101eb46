"""Each identifier has one key, and no two people can be taken for each other by theirs."""

from __future__ import annotations

import time

import pytest

from flask_porter.authenticators.identifiers import (
    RESERVED,
    EmailAddress,
    IdentifierError,
    Username,
    email_address,
    username,
)


def email_reason(typed: str) -> str:
    with pytest.raises(IdentifierError) as error:
        email_address(typed)
    return error.value.reason


def name_reason(typed: str) -> str:
    with pytest.raises(IdentifierError) as error:
        username(typed)
    return error.value.reason


@pytest.mark.parametrize(
    ("typed", "address", "key"),
    [
        ("anna@example.com", "anna@example.com", "anna@example.com"),
        ("Anna.B@Example.COM", "Anna.B@example.com", "anna.b@example.com"),
        ("INFO@x.test", "INFO@x.test", "info@x.test"),
        ("a+tag@example.com", "a+tag@example.com", "a+tag@example.com"),
        ("o'neil@example.com", "o'neil@example.com", "o'neil@example.com"),
        ("a@München.de", "a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"),
        ("a@XN--MNCHEN-3YA.de", "a@xn--mnchen-3ya.de", "a@xn--mnchen-3ya.de"),
        ("jose\u0301@example.com", "jos\u00e9@example.com", "jos\u00e9@example.com"),
        ("JOS\u00c9@example.com", "JOS\u00c9@example.com", "jos\u00c9@example.com"),
        ("a@\uff45xample.com", "a@example.com", "a@example.com"),
    ],
)
def test_an_address_is_kept_as_typed_and_found_without_case(
    typed: str, address: str, key: str
) -> None:
    assert email_address(typed) == EmailAddress(address, key)


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "@", "a", "a@", "@example.com", "a@b", "a@localhost", "a@127.0.0.1", "a@.com"),
        *(
            "a b@example.com",
            "a@exam ple.com",
            "a@example.com.",
            "a..b@example.com",
            ".a@example.com",
        ),
        *(
            "a@example.com\r\nBcc: v@example.com",
            "a\n@example.com",
            "a@example.com\n",
            "a\0@example.com",
        ),
        *(
            "a\u200b@example.com",
            "a@example.com\ufeff",
            "a\u202e@example.com",
            "a@ex\u00adample.com",
        ),
        *(
            "\ud800@example.com",
            "a@\udfff.com",
            "a@-example.com",
            "a@exa_mple.com",
            "a@example..com",
        ),
        *(
            "a" * 10_000,
            "a@" + "b." * 5000 + "com",
            "😀" * 17 + "@example.com",
            "(a)b@example.com",
            "é" * 30 + "@" + "aü." * 20 + "com",
        ),
    ],
)
def test_what_is_no_address_has_one_reason(typed: str) -> None:
    assert email_reason(typed) == "invalid_email"


def test_what_is_too_long_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flask_porter.authenticators.identifiers.validate_email", pytest.fail)
    assert email_reason("a@" + "b" * 249 + ".com") == "invalid_email"


@pytest.mark.parametrize(
    ("typed", "name", "key"),
    [
        ("Tess", "Tess", "tess"),
        (" Tess\t", "Tess", "tess"),
        ("x_y-z.9", "x_y-z.9", "x_y-z.9"),
        ("_abc_", "_abc_", "_abc_"),
        ("7up", "7up", "7up"),
        ("Мария", "мария", "rnapия"),
        ("Zoe\u0308", "Zo\u00eb", "zoe"),
        ("김철수", "김철수", "김철수"),
        ("たなかタロー", "たなかタロー", "たなかタロ-"),
        ("佐々木", "佐々木", "佐々木"),
        ("अनुराग", "अनुराग", "अनुराग"),
        ("สมชาย", "สมชาย", "สมชาย"),
    ],
)
def test_a_username_is_kept_as_typed_and_found_by_its_looks(
    typed: str, name: str, key: str
) -> None:
    assert username(typed) == Username(name, key)


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "ab",
            "x" * 33,
            "x" * 10_000,
            "a b",
            "a@b",
            "a/b",
            "a\\b",
            "a:b",
            "a<b>",
            "a%b",
            "a\0b",
            "a\nb",
            "a\u200bb",
        ),
        *(
            "...",
            "---",
            "___",
            "1-2",
            "-rf",
            ".htaccess",
            "abc.",
            "abc-",
            "x\ud800y",
            "naïve²",
            "ﬁsh",
            "Ⅷth",
        ),
        *(
            "аdmin",
            "Toм",
            "ελλaδα",
            "abс",
            "たなか김",
            "김アキ",
            "\u0301abc",
            "ab\u0336c",
            "a\u00adb",
            "𝒶𝒷𝒸",
        ),
        *(
            "١٢٣أ",
            "abc١",
            "\u1160\u1160\u1160",
            "김\u1160\u1160",
            "☃☃☃",
            "ᎠᎡᎢ",
            "ab\ue000",
            "ک\u0640ب\u0640",
        ),
        *("\u0903\u0915\u0916", "\u17b4\u1780\u1781"),
    ],
)
def test_what_is_no_username_has_one_reason(typed: str) -> None:
    assert name_reason(typed) == "invalid_username"


def test_lengths_of_usernames_are_exact() -> None:
    assert username("x" * 32).name == "x" * 32
    assert username("xyz").name == "xyz"
    assert username("e\u0301" * 32).name == "\u00e9" * 32


@pytest.mark.parametrize("name", ["m" * 32, "W" * 32, "ß" * 32, "œ" * 32, "İ" * 32, "\u0390" * 32])
def test_a_key_of_a_username_fits_its_column(name: str) -> None:
    assert len(username(name).key) <= 64


def test_a_heap_of_marks_is_not_sorted_first() -> None:
    """Putting marks in their order takes the square of their number."""
    start = time.perf_counter()
    assert name_reason("a" + "\u0301\u0316" * 20_000) == "invalid_username"
    assert time.perf_counter() - start < 0.1


def test_operators_may_take_reserved_names() -> None:
    for name in RESERVED:
        if len(name) >= 3:
            assert name_reason(name) == "reserved"
            assert username(name, allow_reserved=True).name == name


def test_a_longer_name_may_hold_a_reserved_one() -> None:
    assert username("adminton").name == "adminton"
    assert username("www2").name == "www2"


def test_reading_what_was_read_changes_nothing() -> None:
    for typed in ("Мария", "Zoe\u0308", "İpek", "ΣΟΦΟΣ", "x_y"):
        once = username(typed)
        assert username(once.name) == once
        assert username(typed.upper()).key == once.key
    once_address = email_address("JOSE\u0301@München.de")
    assert email_address(once_address.address) == once_address
    assert email_address(once_address.key).key == once_address.key
