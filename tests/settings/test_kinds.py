"""Each kind takes what it says and nothing else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flask_porter.errors import SetUpError
from flask_porter.settings.kinds import in_words
from tests.settings.configurations import development

WRONG: dict[str, list[Any]] = {
    "PORTER_API": [2, "", [], 1.0],
    "PORTER_APP_NAME": ["", 7, "two\nlines", "x" * 101],
    "PORTER_MODE": ["debug", "", True],
    "PORTER_BRAND_COLOR": ["red", "#12", "#12345g", "#fff;}", "#ffff"],
    "PORTER_LOGO_URL": [
        *("//evil.test/a.png", "https://evil.test/a.png", "logo.png", "/\\evil.test", "/a\nb"),
        *("", "/a b"),
    ],
    "PORTER_AFTER_LOGIN": ["//evil.test", "https://evil.test", "javascript:alert(1)", "/\t/x"],
    "PORTER_URL_PREFIX": ["account", "/", "/account/", "/<name>", "//account", ""],
    "PORTER_BASE_URL": [
        *("shop.test", "ftp://shop.test", "https://", "https://us@shop.test", "https://a b.test"),
        *("https://shop.test?x=1", "https://shop.test#x", "https://shop.test:99999", 7),
        *("https://shop.test\\@evil.test", "https://shöp.test", "https://[1", "https://a.test//x"),
    ],
    "PORTER_TRUSTED_ORIGINS": ["https://a.test/x", [7], 7, {"https://a.test"}, "*", ["null"]],
    "PORTER_LANGUAGES": ["english language", ["e"], 7],
    "PORTER_FRESH_FOR": [True, "soon", -1, float("nan"), float("inf"), 10**400, timedelta(days=2)],
    "PORTER_REMEMBER_FOR": [timedelta(days=31), "1e9"],
    "PORTER_CODE_TTL": [timedelta(minutes=11)],
    "PORTER_RESET_TTL": [timedelta(hours=25)],
    "PORTER_MAX_SESSIONS": [True, 0, -1, 1.5, "many"],
    "PORTER_PASSWORD_MIN_LENGTH": [7, 65],
    "PORTER_PASSWORD_MAX_LENGTH": [63],
    "PORTER_PASSWORD_BLOCKLIST": ["/no/such/file", 7, "/"],
    "PORTER_PASSWORD_PEPPERS": ["x", {"a b": "x"}, {7: "x"}, {"a": b"x"}],
    "PORTER_ATTEMPTS_UNTIL_DISABLED": [101, 0],
    "PORTER_MAIL_URL": [
        *("mail.test", "smtp://", "http://mail.test", "smtp://a.test:0", "smtp://a.test:x", 7),
        *("smtp://a.test\n", "mailbox"),
    ],
    "PORTER_MAIL_FROM": ["us", "us@", "us@a.test, them@b.test", "us@a.test\nBcc: x@y.test", 7],
    "SECRET_KEY": [7, ["x"]],
    "SECRET_KEY_FALLBACKS": [7, [7], {"a": "b"}],
}


@pytest.mark.parametrize(
    ("key", "value"),
    [(key, value) for key, values in WRONG.items() for value in values],
    ids=lambda part: repr(part)[:40],
)
def test_what_is_not_of_its_kind_stops_the_start(key: str, value: object) -> None:
    with pytest.raises(SetUpError, match=rf"^{key} must be "):
        development(**{key: value})


def test_a_file_is_taken_as_text_or_path() -> None:
    assert development(PORTER_PASSWORD_BLOCKLIST=__file__).password_blocklist == Path(__file__)
    assert development(PORTER_PASSWORD_BLOCKLIST=Path(__file__)).password_blocklist is not None


@pytest.mark.parametrize(
    "url",
    [
        "smtp://127.0.0.1:8025",
        "smtps://user:p%40ss@mail.test:465",
        "smtp://localhost?starttls=never",
        "console:",
        "mailbox:",
    ],
)
def test_a_mail_url_is_taken_as_it_is(url: str) -> None:
    assert development(PORTER_MAIL_URL=url).mail_url == url


@pytest.mark.parametrize("value", ["a", b"a"])
def test_one_older_key_needs_no_list(value: str | bytes) -> None:
    assert development(SECRET_KEY_FALLBACKS=value).secret_key_fallbacks == (b"a",)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=30), "30 days"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(seconds=0.5), "0.5 seconds"),
        (timedelta(0), "0 seconds"),
    ],
)
def test_a_length_of_time_reads_as_people_say_it(length: timedelta, words: str) -> None:
    assert in_words(length) == words
