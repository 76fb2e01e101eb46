"""Refuses settings that are each fine and together are not safe; each answer says what to write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ..errors import SetUpError
from .keys import DAY, HOUR, MINUTE, Settings
from .secret_keys import why_weak

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEW_KEY: Final = "python -c 'import secrets; print(secrets.token_hex())'"
#: OWASP Password Storage Cheat Sheet: memory in KiB and rounds, each pair as strong as the others.
OWASP_MINIMUM: Final = ((47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5))


def problems(settings: Settings, config: Mapping[str, Any], *, debug: bool) -> list[str]:
    """Return what is wrong with ``settings``, each line with its fix."""
    found = [line for check in _ALWAYS for line in check(settings, config)]
    if not settings.development:
        if debug:
            found.append(
                "The debugger lets anybody run code, and PORTER_MODE is 'production': start"
                " without --debug, or leave PORTER_MODE out."
            )
        found += [line for check in _IN_PRODUCTION for line in check(settings, config)]
    return found


def check_mail(settings: Settings, *, has_mailer: bool) -> None:
    """Refuse an app that cannot send mail, or no links in it.

    Raises:
        SetUpError: in production there is no mailer, or no base URL.
    """
    if settings.development:
        return
    if settings.mail_url is None and not has_mailer:
        raise SetUpError(
            "Set PORTER_MAIL_URL, as 'smtps://user:password@mail.example.com:465', or hand a mailer"
            " to Porter: without mail nobody can verify an address or recover an account."
        )
    if settings.base_url is None:
        raise SetUpError(_NO_BASE_URL)


_NO_BASE_URL: Final = (
    "Set PORTER_BASE_URL, as 'https://app.example.com': the links in mails begin with it, since"
    " a Host header can say anything."
)


def _timeouts(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    if settings.idle_timeout is not None and settings.idle_timeout > settings.absolute_timeout:
        yield "PORTER_IDLE_TIMEOUT is longer than PORTER_ABSOLUTE_TIMEOUT: write a shorter one."
    if settings.session_preset == "aal3":
        if settings.absolute_timeout > 12 * HOUR:
            yield "With 'aal3' PORTER_ABSOLUTE_TIMEOUT is 12 hours at most: leave it out."
        if settings.idle_timeout is None or settings.idle_timeout > 15 * MINUTE:
            yield "With 'aal3' PORTER_IDLE_TIMEOUT is 15 minutes at most: leave it out."
        if settings.remember:
            yield "With 'aal3' nobody is remembered: leave PORTER_REMEMBER out."
    if settings.session_preset == "aal2" and settings.absolute_timeout > DAY:
        yield (
            "With 'aal2' PORTER_ABSOLUTE_TIMEOUT is 24 hours at most: leave it out, or set"
            " PORTER_SESSION_PRESET = 'aal1'."
        )
    if settings.fresh_for > settings.absolute_timeout:
        yield "PORTER_FRESH_FOR is longer than PORTER_ABSOLUTE_TIMEOUT: write a shorter one."


def _hashing(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    memory, rounds = settings.argon2_memory_kib, settings.argon2_time_cost
    if not any(memory >= least and rounds >= fewest for least, fewest in OWASP_MINIMUM):
        yield (
            f"PORTER_ARGON2_MEMORY_KIB = {memory} with PORTER_ARGON2_TIME_COST = {rounds} is"
            " weaker than OWASP asks for: leave both out, or write what 'flask porter calibrate'"
            " prints."
        )


def _waits(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    if settings.attempts_first_wait > settings.attempts_longest_wait:
        yield "PORTER_ATTEMPTS_FIRST_WAIT is longer than PORTER_ATTEMPTS_LONGEST_WAIT."
    if settings.attempts_memory < settings.attempts_longest_wait:
        yield (
            "PORTER_ATTEMPTS_MEMORY is shorter than PORTER_ATTEMPTS_LONGEST_WAIT: attempts would be"
            " forgotten during a wait. Write a longer one."
        )
    if settings.attempts_free >= settings.attempts_until_disabled:
        yield "PORTER_ATTEMPTS_FREE must be below PORTER_ATTEMPTS_UNTIL_DISABLED."


def _paths(settings: Settings, config: Mapping[str, Any]) -> Iterator[str]:
    if settings.api and settings.api_prefix == settings.url_prefix:
        yield "PORTER_API_PREFIX is where the pages are: write another path."
    if settings.base_url is None:
        return
    path = urlsplit(settings.base_url).path
    if path:
        yield (
            f"PORTER_BASE_URL ends in {path!r} and APPLICATION_ROOT is"
            f" {config.get('APPLICATION_ROOT')!r}: write the same path in both."
        )


def _keys(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    keys = {"SECRET_KEY": [settings.secret_key]}
    keys["SECRET_KEY_FALLBACKS"] = list(settings.secret_key_fallbacks)
    keys["PORTER_PASSWORD_PEPPERS"] = [
        pepper.encode("utf-8", "surrogateescape") for pepper in settings.password_peppers.values()
    ]
    for name, values in keys.items():
        for value in values:
            reason = why_weak(value)
            if reason is not None:
                yield f"{name} {reason}. Write the output of: {_NEW_KEY}"


def _https(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    if settings.base_url is not None and not settings.base_url.startswith("https:"):
        yield "PORTER_BASE_URL must begin with https: in production; passwords travel to it."
    for origin in settings.trusted_origins:
        if not origin.startswith("https:"):
            yield f"PORTER_TRUSTED_ORIGINS names {origin}: only https: can be trusted."


def _mail(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    if settings.mail_url in {"console:", "mailbox:"}:
        yield (
            f"PORTER_MAIL_URL = {settings.mail_url!r} is for development: it shows every mail to"
            " whoever can read it. Write 'smtps://user:password@mail.example.com:465'."
        )
    elif settings.mail_url is not None and settings.base_url is None:
        yield _NO_BASE_URL


def _cookies(_: Settings, config: Mapping[str, Any]) -> Iterator[str]:
    """Hold the app's own settings of the cookie to ASVS 3.3.1, 3.3.2 and 3.3.4."""
    if config.get("SESSION_COOKIE_DOMAIN"):
        yield (
            "SESSION_COOKIE_DOMAIN is set, so every host below it gets the session, and may plant"
            " one: leave it out."
        )
    if config.get("SESSION_COOKIE_HTTPONLY") is False:
        yield "SESSION_COOKIE_HTTPONLY is False, so scripts can read the session: leave it out."
    if str(config.get("SESSION_COOKIE_SAMESITE")).lower() == "none" and config.get(
        "SESSION_COOKIE_SAMESITE"
    ):
        yield "SESSION_COOKIE_SAMESITE is 'None', so other sites send the session: leave it out."


def _guards(_: Settings, config: Mapping[str, Any]) -> Iterator[str]:
    if config.get("LOGIN_DISABLED"):
        yield "LOGIN_DISABLED lets everybody through every guard: leave it out."


_ALWAYS: Final = (_timeouts, _hashing, _waits, _paths)
_IN_PRODUCTION: Final = (_keys, _https, _mail, _cookies, _guards)
