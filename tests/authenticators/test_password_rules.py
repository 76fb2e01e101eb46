"""A new password is judged by its length and by what everybody tries first, and by nothing else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from flask_porter.authenticators.blocklist import common_passwords, is_pattern, unit_of
from flask_porter.authenticators.password_rules import PasswordRules
from flask_porter.errors import SetUpError

if TYPE_CHECKING:
    from pathlib import Path

RULES = PasswordRules()
SHORT = PasswordRules(minimum=8)
GOOD = "kfzw pome ruqta l"
ANNA = ("anna.schmidt@example.com", "annaS")
DESK = PasswordRules(context_words=("Night Desk",))


@pytest.mark.parametrize(
    "password",
    [
        *(GOOD, "correct horse battery staple", "jdlakfheiqrnvma", "194837265019283"),
        *(
            "Пароль из нескольких слов",
            "長い長い合言葉を自分で考えました",
            "😀😃😄😁😆😅😂🤣😊😇🙂🙃😉😌😍",
        ),
        *(
            "    spaces  count   as well",
            "tab\u00a0and\u2003spaces of kinds",
            "👩‍👩‍👧‍👦 a family of one",
        ),
    ],
)
def test_any_characters_make_a_password(password: str) -> None:
    assert RULES.check(password) is None


def test_length_is_counted_in_code_points_after_nfc() -> None:
    composed, decomposed = "\u00e9" * 14, "e\u0301" * 14
    assert len(decomposed) == 28
    assert RULES.check(composed) == RULES.check(decomposed) == "too_short"
    assert RULES.check(f"{GOOD[:14]}e\u0301") is None
    assert PasswordRules(maximum=64).check(GOOD[:4] + "xe\u0301" * 30) is None


def test_the_limits_are_exact() -> None:
    text = "".join(chr(0x4E00 + 7 * i) for i in range(257))
    assert [RULES.check(text[:size]) for size in (14, 15, 256, 257)] == [
        *("too_short", None, None, "too_long")
    ]
    assert SHORT.check(text[:7]) == "too_short"
    assert SHORT.check(text[:8]) is None


def test_what_is_too_long_to_be_hashed_is_too_long() -> None:
    rules = PasswordRules(maximum=1000)
    text = "".join(chr(0x20000 + 7 * i) for i in range(257))
    assert rules.check(text[:256]) is None
    assert rules.check(text) == "too_long"
    assert rules.check("a" * 1025) == "too_long"


@pytest.mark.parametrize(
    "char", ["\0", "\n", "\r", "\t", "\x1b", "\x7f", "\x85", "\ud800", chr(0xDFFF)]
)
def test_what_nobody_can_type_is_no_text(char: str) -> None:
    assert RULES.check(GOOD + char) == "not_text"


@pytest.mark.parametrize(
    "password",
    [
        *("characteristics", "CHARACTERISTICS", "neworleans12345", "scitsiretcarahc"),
        *("passwordpassword", "Password1234567", "1234password!!!!", "p@ssw0rdp@ssw0rd"),
        *("letmein1letmein1let", "drowssap1234567", "111222333444555"),
    ],
)
def test_what_is_on_the_list_is_common(password: str) -> None:
    assert RULES.check(password) == "common"


@pytest.mark.parametrize(
    "password",
    [
        *("aaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "123456789012345", "987654321098765"),
        *("qwertyuiopasdfghjkl", "1qaz2wsx3edc4rfv", "qwertzuiopasdfg", "azertyuiopqsdfg"),
        *(
            "aaaabbbbccccdddd",
            "zyxwvutsrqponml",
            "34567876543456765",
            "AbCdEfGhIjKlMnO",
            "😀" * 15,
            "gr8!" * 4,
        ),
        *(
            "dragondragondragon",
            "ﾊﾊﾊﾊﾊﾊﾊﾊﾊﾊﾊﾊﾊﾊﾊ",
            "                ",
            "...............",
        ),
    ],
)
def test_a_pattern_of_keys_is_common(password: str) -> None:
    assert RULES.check(password) == "common"


@pytest.mark.parametrize(
    "password",
    [
        *(
            "characteristics of it",
            "my passwordpassword",
            "abc def 123 for me",
            "a dragon a dragon a",
        ),
        *("sunshine4918273", "4918273sunshine", "kfzwpomekfzwpome"),
    ],
)
def test_the_whole_password_is_compared(password: str) -> None:
    assert RULES.check(password) is None


@pytest.mark.parametrize(
    "password",
    [
        *(
            "anna.schmidt@example.com",
            "ANNA.SCHMIDT@EXAMPLE.COM",
            "annaschmidt1990",
            "schmidtanna2024!",
        ),
        *("moc.elpmaxe@tdimhcs", "4nn4.5chm1d7 1990", "example.example.1", "annasannasannas1x"),
        *("night desk 2024!", "nightdesknightdesk9", "My Night Desk 123", "Anna am Night Desk"),
    ],
)
def test_names_of_the_person_and_the_site_make_no_password(password: str) -> None:
    assert DESK.check(password, ANNA) == "personal"
    assert RULES.check(password) is None


@pytest.mark.parametrize(
    "password",
    [
        *("anna liebt kaffee und kuchen", "annalikescoffee", "the night was long at the desk"),
        *(
            "anna.schmidt@example.com kfzwpome",
            "for example 6 red tractors",
            "xanschmidtnakfzq",
            "an as am at in on to of it",
        ),
    ],
)
def test_a_long_password_may_hold_a_name(password: str) -> None:
    assert DESK.check(password, ANNA) is None


def test_short_passwords_are_judged_in_proportion() -> None:
    assert SHORT.check("anna19f0", ["anna"]) == "personal"
    assert SHORT.check("tomatoes", ["tom"]) is None
    assert SHORT.check("ed7edmxq", ["ed"]) is None
    assert SHORT.check("iloveyou") == SHORT.check("Sunshine") == SHORT.check("P@ssw0rd") == "common"


def test_an_own_list_is_added_to_ours(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("Unser Turm in Köln\r\nTURNVEREIN OST 1899\n\nshort\n".encode())
    rules = PasswordRules(blocklist=path)
    assert rules.check("unser turm in KO\u0308LN") == "common"
    assert rules.check("turnverein ost 1899") == "common"
    assert rules.check("unser turm in Bonn") is None
    assert rules.check("characteristics") == "common"


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_an_own_list_that_cannot_be_read_stops_the_start(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "list.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SetUpError, match=r"PORTER_PASSWORD_BLOCKLIST.*list\.txt"):
        PasswordRules(blocklist=path)


def test_our_list_holds_what_asvs_asks_for() -> None:
    """ASVS 5.0 6.2.4: the 3,000 most used that the policy would let through."""
    assert len(common_passwords()) > 16_000
    assert min(len(each) for each in common_passwords()) == 8
    assert all(each == each.casefold() for each in common_passwords())
    assert {"password", "12345678", "sunshine", "iloveyou", "trustno1"} <= common_passwords()


def test_a_unit_is_what_is_repeated() -> None:
    assert [unit_of(text) for text in ("abab", "ababa", "abcab", "abc", "aaa", "a", "")] == [
        *("ab", "ab", "abcab", "abc", "a", "a", "")
    ]
    assert is_pattern("kfzwpkfzwpkfzwp")
    assert is_pattern("kx7!kx7!")
    assert not is_pattern("kfzwpkfzwp")


def test_the_costliest_password_is_judged_at_once() -> None:
    rules = PasswordRules(maximum=1000)
    rules.check(GOOD)
    start = time.perf_counter()
    for password in ("ab" * 499 + "cd", "a" * 999 + "b", "a1" * 400 + GOOD, "." * 998 + "xy"):
        rules.check(password, ["a.b@example.com", "ab " * 100, "a1." * 100])
    assert time.perf_counter() - start < 0.5
