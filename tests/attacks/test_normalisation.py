"""Attacks N01 to N18 on identifiers, as far as reading them alone decides.

What concerns mails, pages or the identities of providers is tried where those are.
"""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata

import pytest

from flask_porter.authenticators.identifiers import IdentifierError, email_address, username

# Each as an attacker would write it who wants the mails of "victim@example.com" or "kim@...".
LOOKALIKES = {
    "victim@example.com": [
        *("v\u0131ctim@example.com", "vict\u0456m@example.com", "\u03bdictim@example.com"),
        *("victi\u217f@example.com", "\uff56ictim@example.com", "v\u0130ctim@example.com"),
    ],
    "fflab@example.com": ["\ufb00lab@example.com", "\ufb04ab@example.com"],
    "kim@example.com": ["\u212aim@example.com", "\u043aim@example.com"],
    "sam@example.com": ["\u017fam@example.com"],
    "gauss@example.com": ["gau\u00df@example.com", "gau\u1e9e@example.com"],
}
PAIRS = [(genuine, other) for genuine, others in LOOKALIKES.items() for other in others]

IN_A_LOCALE = """
import locale
from flask_porter.authenticators.identifiers import email_address, username
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
for typed in ("INFO@x.test", "info@x.test", "\u0130nfo@x.test", "\u0131nfo@x.test"):
    print(ascii(email_address(typed)))
for typed in ("LIIS", "liis", "L\u0130\u0130S", "l\u0131\u0131s"):
    print(ascii(username(typed)))
"""


def key_of(typed: str) -> str | None:
    """Return the key that would be looked up; None for what is refused before."""
    try:
        return email_address(typed).key
    except IdentifierError:
        return None


def name_key_of(typed: str) -> str | None:
    try:
        return username(typed, allow_reserved=True).key
    except IdentifierError:
        return None


def test_n01_an_address_is_one_in_any_case() -> None:
    keys = {
        key_of(typed)
        for typed in ("Victim@Example.com", "victim@example.com", "VICTIM@EXAMPLE.COM")
    }
    assert keys == {"victim@example.com"}


@pytest.mark.parametrize(("genuine", "other"), PAIRS)
def test_n02_no_lookalike_finds_the_account_of_an_ascii_address(genuine: str, other: str) -> None:
    assert key_of(genuine) == genuine
    assert key_of(other) != genuine


@pytest.mark.parametrize(("genuine", "other"), PAIRS)
def test_n02_nor_after_another_reading_or_folding(genuine: str, other: str) -> None:
    key = key_of(other)
    assert key is None or key_of(key) == key != genuine


def test_n02_no_character_at_all_takes_the_place_of_an_ascii_one() -> None:
    seen = 0
    for other in map(chr, range(0x80, 0x30000)):
        compatible = unicodedata.normalize("NFKC", other)
        for form in {other.lower(), other.casefold(), compatible, compatible.casefold()}:
            if form.isascii() and form.isalnum():
                assert key_of(f"{other}@example.com") != f"{form}@example.com"
                seen += 1
    assert seen > 1000


@pytest.mark.parametrize(
    "typed",
    [
        "victim\uff20example.com",
        "victim\ufe6bexample.com",
        "victim@example.com\uff0cevil@evil.test",
    ],
)
def test_n03_a_sign_that_becomes_an_at_is_refused(typed: str) -> None:
    assert key_of(typed) is None
    assert name_key_of(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("a@b@example.com", "victim@example.com,evil@evil.test", "<victim@example.com>"),
        *('"a b"@x.test', '"a"@x.test', "victim@[127.0.0.1]", "victim@[IPv6:::1]", "V <v@x.test>"),
        *(
            "victim@example.com;evil@evil.test",
            "victim@example.com evil@evil.test",
            "mailto:v@x.test",
        ),
        *("victim@example.com\nBcc: evil@evil.test", "victim@example.com%0aBcc:evil@evil.test"),
        *("victim%evil.test@", "victim@example.com/../", "victim(comment)@example.com"),
        *("=?utf-8?q?evil=40evil.test=2c?=@example.com", "=?utf-8?q?a=0aBcc=3aevil?=@example.com"),
        "victim=?utf-8?b?QGV2aWwudGVzdD4K?=@example.com",
    ],
)
def test_n04_what_is_more_than_one_plain_address_is_refused(typed: str) -> None:
    assert key_of(typed) is None


def test_n06_a_domain_of_another_script_is_another_domain_and_is_kept_in_ascii() -> None:
    other = email_address("victim@ex\u0430mple.com")
    assert other.address == other.key == "victim@xn--exmple-4nf.com"
    assert other.key != key_of("victim@example.com")


@pytest.mark.parametrize(
    "typed",
    [
        *("\u0430dmin", "\uff41\uff44\uff4d\uff49\uff4e", "admin\u200b", "admin ", "\u00a0admin"),
        *("ADM\u0130N", "ad\u00admin", "adm1n", "adm\u0131n", "AdmIn", "admln", "a\u0501min"),
        *(
            "adrnin",
            "\u00e1dmin",
            "admi\u0578",
            "\u0251dmin",
            "ad\u2060min",
            "admin\ufe0f",
            "\u202eadmin",
        ),
        *("adm\u0456n", "\U0001d4b6dmin", "adm|n", "a\u0111min"),
    ],
)
def test_n08_no_second_name_looks_like_admin(typed: str) -> None:
    assert name_key_of(typed) in {None, name_key_of("admin")}
    with pytest.raises(IdentifierError):
        username(typed)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("paul", "pau1"),
        ("tom", "\u0442\u043e\u043c"),
        ("ocean", "\u043e\u0441\u0435an"),
        ("max", "rnax"),
    ],
)
def test_n08_nor_like_the_name_of_anybody_else(first: str, second: str) -> None:
    assert name_key_of(second) in {None, name_key_of(first)}


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "victim@example.com",
            "victim@",
            "@victim",
            "1",
            "42",
            "1234567",
            "0042",
            "1_000",
            "1.5",
            "12-34",
        ),
        *("\u0661\u0662\u0663", "\uff11\uff12\uff13", "\u00b2\u00b2\u00b2", "\u2163\u2163\u2163"),
        *("123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000"),
        *("123E4567E89B12D3A456426614174000", "{123e4567e89b12d3a456426614174}"),
    ],
)
def test_n10_no_username_is_an_address_or_an_id(typed: str) -> None:
    assert name_key_of(typed) is None


def test_n12_a_turkish_locale_changes_nothing() -> None:
    answers = [
        subprocess.run(
            [sys.executable, "-c", IN_A_LOCALE],
            env={**os.environ, "LC_ALL": name, "LANG": name, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for name in ("C", "tr_TR.UTF-8")
    ]
    assert answers[0] == answers[1]
    assert answers[0].count("key='info@x.test'") == 2
    assert answers[0].count("key='llls'") == 4


@pytest.mark.parametrize(
    "typed",
    [
        *("a" * 65 + "@example.com", "\u00e9" * 33 + "@example.com"),
        *("a" * 60 + "@" + ".".join(["b" * 60] * 4) + ".example", "a@" + "b" * 64 + ".com"),
        *("a" * 10_000 + "@example.com", "a@" + "b" * 10_000 + ".com", "@" * 10_000, " " * 10_000),
    ],
)
def test_n15_what_is_too_long_is_refused(typed: str) -> None:
    assert key_of(typed) is None


def test_n15_the_longest_address_is_taken() -> None:
    longest = "a" * 64 + "@" + ".".join(["b" * 60] * 2) + "." + "c" * 56 + ".example"
    assert len(longest) == 251
    assert key_of(longest) == longest
    assert name_key_of("x" * 10_000) is None


@pytest.mark.parametrize("space", [" ", "\t", "\u00a0", "\u3000", "  \u2003\t"])
def test_n16_space_around_an_identifier_never_counts(space: str) -> None:
    assert key_of(f"{space}victim@example.com{space}") == "victim@example.com"
    assert name_key_of(f"{space}tess{space}") == "tess"
    assert key_of(f"victim{space}@example.com") is None
    assert key_of(f"victim@{space}example.com") is None
    assert name_key_of(f"te{space}ss") is None


@pytest.mark.parametrize("line", ["\n", "\r", "\r\n", "\u2028", "\x0b", "\0"])
def test_n16_a_line_break_is_no_space(line: str) -> None:
    assert key_of(f"victim@example.com{line}") is None
    assert name_key_of(f"tess{line}") is None


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "admin",
            "root",
            "security",
            "support",
            "www",
            ".",
            "..",
            "login",
            "api",
            "Admin",
            "ROOT",
        ),
        *("supp0rt", "l0gin", "a.p.i", "log-in", "admin_", "_root_", "postmaster", "abuse", "null"),
        *("mailer-daemon", "mailerdaemon", "no.reply", "\u0441\u0443\u0440\u043f"[:1] * 2),
    ],
)
def test_n18_names_of_the_site_and_of_paths_are_refused(typed: str) -> None:
    with pytest.raises(IdentifierError):
        username(typed)
