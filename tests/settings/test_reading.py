"""Settings are read once, all at once, and say what to write where they cannot be taken."""

from __future__ import annotations

import os
from dataclasses import Field, FrozenInstanceError, fields
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from flask_porter.errors import SetUpError
from flask_porter.settings import Settings, read_settings
from flask_porter.settings.keys import config_key
from tests.settings.configurations import STRONG_KEY, development, production


def test_nothing_but_a_key_is_needed() -> None:
    settings = production()
    assert settings.mode == "production"
    assert settings.secret_key == STRONG_KEY.encode()
    assert settings.url_prefix == "/account"
    assert settings.api_prefix == "/account/api"
    assert settings.mail_url is None
    assert settings.mail_from is None
    assert not settings.database_at_start
    assert settings.hash_concurrency == (os.cpu_count() or 1)


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_each_key_tells_what_it_is(field: Field[Any]) -> None:
    assert field.metadata["kind"].words
    assert field.metadata["why"]
    assert (field.default is None) == bool(field.metadata["otherwise"])
    if field.default is not None:
        assert field.metadata["kind"].read(field.default) == field.default


@pytest.mark.parametrize(
    ("debug", "testing", "mode"),
    [
        (False, False, "production"),
        (True, False, "development"),
        (False, True, "development"),
    ],
)
def test_the_mode_follows_the_app(debug: bool, testing: bool, mode: str) -> None:
    config = {"SECRET_KEY": STRONG_KEY}
    assert read_settings(config, name="shop", debug=debug, testing=testing).mode == mode


def test_a_mode_that_is_written_wins() -> None:
    assert production(PORTER_MODE="development").development
    config = {"SECRET_KEY": STRONG_KEY, "PORTER_MODE": "production"}
    assert not read_settings(config, name="shop", debug=False, testing=True).development


def test_development_is_convenient() -> None:
    settings = development()
    assert settings.mail_url == "mailbox:"
    assert settings.mail_from == "no-reply@localhost"
    assert settings.database_at_start


def test_mail_is_from_the_host_of_the_app() -> None:
    settings = production(PORTER_BASE_URL="https://Shop.test:8443/")
    assert settings.base_url == "https://shop.test:8443"
    assert settings.host == "shop.test"
    assert settings.mail_from == "no-reply@shop.test"
    assert production(PORTER_MAIL_FROM="Shop <us@shop.test>").mail_from == "Shop <us@shop.test>"


@pytest.mark.parametrize(
    ("name", "title"),
    [("shop", "Shop"), ("my_shop.app", "My shop"), ("__main__", "Main"), ("___", "App")],
)
def test_an_app_is_called_by_its_name(name: str, title: str) -> None:
    config = {"SECRET_KEY": STRONG_KEY}
    assert read_settings(config, name=name, debug=True, testing=False).app_name == title


@pytest.mark.parametrize(
    ("preset", "absolute", "idle", "remember"),
    [
        ("aal1", timedelta(days=30), None, True),
        ("aal2", timedelta(hours=24), timedelta(hours=1), True),
        ("aal3", timedelta(hours=12), timedelta(minutes=15), False),
    ],
)
def test_a_preset_sets_the_limits(
    preset: str, absolute: timedelta, idle: timedelta | None, remember: bool
) -> None:
    settings = production(PORTER_SESSION_PRESET=preset)
    assert settings.absolute_timeout == absolute
    assert settings.idle_timeout == idle
    assert settings.remember is remember


def test_a_short_log_in_has_a_short_idle_timeout() -> None:
    settings = production(PORTER_ABSOLUTE_TIMEOUT=1800)
    assert settings.idle_timeout == settings.absolute_timeout == timedelta(minutes=30)


def test_the_environment_can_set_every_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "SECRET_KEY": STRONG_KEY,
        "PORTER_API": "false",
        "PORTER_REMEMBER": "1",
        "PORTER_THROTTLES": "Off",
        "PORTER_FRESH_FOR": "300",
        "PORTER_HASH_WAIT": "0.5",
        "PORTER_MAX_SESSIONS": "7",
        "PORTER_LANGUAGES": "de, en",
        "PORTER_TRUSTED_ORIGINS": '["https://www.shop.test"]',
        "PORTER_PASSWORD_PEPPERS__v1": STRONG_KEY[::-1],
    }
    for key, value in given.items():
        monkeypatch.setenv(f"SHOP_{key}", value)
    app = Flask("shop")
    app.config.from_prefixed_env("SHOP")
    settings = read_settings(app.config, name="shop", debug=False, testing=False)
    assert (settings.api, settings.remember, settings.throttles) == (False, True, False)
    assert settings.fresh_for == timedelta(minutes=5)
    assert settings.hash_wait == timedelta(seconds=0.5)
    assert settings.max_sessions == 7
    assert settings.languages == ("de", "en")
    assert settings.trusted_origins == ("https://www.shop.test",)
    assert settings.password_peppers == {"v1": STRONG_KEY[::-1]}


def test_keys_of_flask_without_a_value_count_as_absent() -> None:
    settings = production(SECRET_KEY_FALLBACKS=["", None])
    assert settings.secret_key_fallbacks == ()
    assert production(SECRET_KEY_FALLBACKS=None).secret_key_fallbacks == ()


@pytest.mark.parametrize("key", [None, "", b""])
def test_without_a_secret_key_nothing_starts(key: object) -> None:
    with pytest.raises(SetUpError, match=r"token_hex\(\)"):
        development(SECRET_KEY=key)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SetUpError) as failure:
        production(PORTER_FRESH_FOR=0, PORTER_API="perhaps", PORTER_URL_PREFX="/me")
    lines = sorted(str(failure.value).splitlines())
    assert lines == [
        "PORTER_API must be True or False, not 'perhaps'.",
        "PORTER_FRESH_FOR must be a timedelta or seconds, from 1 second to 1 day, not '0'.",
        "PORTER_URL_PREFX is no setting. Do you mean PORTER_URL_PREFIX?",
    ]


def test_settings_do_not_change() -> None:
    settings = production(PORTER_PASSWORD_PEPPERS={"a": STRONG_KEY})
    with pytest.raises(FrozenInstanceError):
        settings.api = False  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.password_peppers["b"] = "x"  # type: ignore[index]


def test_no_secret_is_shown() -> None:
    secrets: dict[str, Any] = {
        "SECRET_KEY": STRONG_KEY,
        "SECRET_KEY_FALLBACKS": [STRONG_KEY[::-1]],
        "PORTER_PASSWORD_PEPPERS": {"a": STRONG_KEY[1:] + "7"},
        "PORTER_MAIL_URL": "smtps://us:hunter2@mail.test",
        "PORTER_BASE_URL": "https://shop.test",
    }
    shown = repr(production(**secrets))
    assert "shop.test" in shown
    for secret in (STRONG_KEY, STRONG_KEY[::-1], STRONG_KEY[1:], "hunter2"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PORTER_MAIL_URL", "imap://us:hunter2@mail.test"),
        ("PORTER_PASSWORD_PEPPERS", ["hunter2"]),
        ("SECRET_KEY", ["hunter2"]),
    ],
)
def test_no_refused_secret_is_shown(key: str, value: object) -> None:
    with pytest.raises(SetUpError, match=key) as failure:
        development(**{key: value})
    assert "hunter2" not in str(failure.value)


def test_a_field_is_called_like_its_key() -> None:
    assert config_key("url_prefix") == "PORTER_URL_PREFIX"
    assert config_key("secret_key") == "SECRET_KEY"
