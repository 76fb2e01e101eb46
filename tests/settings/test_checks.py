"""Settings that are each fine and together are not safe stop the start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from flask_porter.errors import SetUpError
from flask_porter.settings import check_mail, read_settings
from tests.settings.configurations import STRONG_KEY, development, production

HOUR = timedelta(hours=1)

UNSAFE: list[tuple[str, dict[str, Any]]] = [
    (
        "PORTER_IDLE_TIMEOUT is longer",
        {"PORTER_IDLE_TIMEOUT": 7200, "PORTER_ABSOLUTE_TIMEOUT": 3600},
    ),
    ("PORTER_FRESH_FOR is longer", {"PORTER_FRESH_FOR": 7200, "PORTER_ABSOLUTE_TIMEOUT": 3600}),
    ("24 hours at most", {"PORTER_ABSOLUTE_TIMEOUT": 25 * HOUR}),
    (
        "12 hours at most",
        {"PORTER_SESSION_PRESET": "aal3", "PORTER_ABSOLUTE_TIMEOUT": 13 * HOUR},
    ),
    ("15 minutes at most", {"PORTER_SESSION_PRESET": "aal3", "PORTER_IDLE_TIMEOUT": HOUR}),
    ("nobody is remembered", {"PORTER_SESSION_PRESET": "aal3", "PORTER_REMEMBER": True}),
    ("weaker than OWASP", {"PORTER_ARGON2_MEMORY_KIB": 19455}),
    ("weaker than OWASP", {"PORTER_ARGON2_TIME_COST": 1}),
    ("PORTER_ATTEMPTS_FIRST_WAIT is longer", {"PORTER_ATTEMPTS_FIRST_WAIT": 1200}),
    (
        "PORTER_ATTEMPTS_MEMORY is shorter",
        {"PORTER_ATTEMPTS_MEMORY": 3600, "PORTER_ATTEMPTS_LONGEST_WAIT": 7200},
    ),
    (
        "below PORTER_ATTEMPTS_UNTIL_DISABLED",
        {"PORTER_ATTEMPTS_FREE": 10, "PORTER_ATTEMPTS_UNTIL_DISABLED": 10},
    ),
    ("PORTER_API_PREFIX is where", {"PORTER_API_PREFIX": "/account"}),
    ("the same path in both", {"PORTER_BASE_URL": "https://shop.test/app"}),
    ("the same path in both", {"PORTER_BASE_URL": "https://a.test/b", "APPLICATION_ROOT": "/a"}),
]

ONLY_IN_PRODUCTION: list[tuple[str, dict[str, Any]]] = [
    ("must begin with https:", {"PORTER_BASE_URL": "http://shop.test"}),
    ("only https: can be trusted", {"PORTER_TRUSTED_ORIGINS": ["http://www.shop.test"]}),
    ("is for development", {"PORTER_MAIL_URL": "mailbox:"}),
    ("is for development", {"PORTER_MAIL_URL": "console:"}),
    ("Set PORTER_BASE_URL", {"PORTER_MAIL_URL": "smtps://mail.test"}),
    ("^SECRET_KEY is too short", {"SECRET_KEY": "dev"}),
    ("SECRET_KEY_FALLBACKS is too short", {"SECRET_KEY_FALLBACKS": ["dev"]}),
    ("PORTER_PASSWORD_PEPPERS is too short", {"PORTER_PASSWORD_PEPPERS": {"a": "pepper"}}),
    ("scripts can read", {"SESSION_COOKIE_HTTPONLY": False}),
    ("every host below it", {"SESSION_COOKIE_DOMAIN": "shop.test"}),
    ("other sites send", {"SESSION_COOKIE_SAMESITE": "None"}),
    ("through every guard: leave it out", {"LOGIN_DISABLED": True}),
]


@pytest.mark.parametrize(("message", "given"), UNSAFE)
@pytest.mark.parametrize("read", [development, production])
def test_an_unsafe_combination_stops_the_start(
    read: Any, message: str, given: dict[str, Any]
) -> None:
    with pytest.raises(SetUpError, match=message):
        read(**given)


@pytest.mark.parametrize(("message", "given"), ONLY_IN_PRODUCTION)
def test_production_is_strict_and_development_convenient(
    message: str, given: dict[str, Any]
) -> None:
    development(**given)
    with pytest.raises(SetUpError, match=message):
        production(**given)


@pytest.mark.parametrize(
    ("memory", "rounds"), [(19456, 2), (47104, 1), (12288, 3), (9216, 4), (7168, 5)]
)
def test_each_of_owasps_parameters_is_enough(memory: int, rounds: int) -> None:
    given = {"PORTER_ARGON2_MEMORY_KIB": memory, "PORTER_ARGON2_TIME_COST": rounds}
    assert production(**given).argon2_memory_kib == memory
    with pytest.raises(SetUpError, match=r"OWASP|must be"):
        production(**{**given, "PORTER_ARGON2_MEMORY_KIB": memory - 1})


@pytest.mark.parametrize("url", ["https://shop.test/app/", "https://shop.test"])
def test_the_path_of_the_app_comes_from_flask_alone(url: str) -> None:
    settings = production(PORTER_BASE_URL=url, APPLICATION_ROOT="/app")
    assert settings.base_url == "https://shop.test"


def test_the_debugger_does_not_run_in_production() -> None:
    config = {"SECRET_KEY": STRONG_KEY, "PORTER_MODE": "production"}
    with pytest.raises(SetUpError, match="debugger"):
        read_settings(config, name="shop", debug=True, testing=False)


def test_production_needs_mail_and_what_its_links_begin_with() -> None:
    with pytest.raises(SetUpError, match="PORTER_MAIL_URL"):
        check_mail(production(), has_mailer=False)
    with pytest.raises(SetUpError, match="PORTER_BASE_URL"):
        check_mail(production(), has_mailer=True)
    check_mail(production(PORTER_BASE_URL="https://shop.test"), has_mailer=True)
    check_mail(development(), has_mailer=False)
