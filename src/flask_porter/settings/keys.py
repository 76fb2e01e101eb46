"""Each ``PORTER_*`` key: its kind, its default, what it does, and where its number comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from .kinds import (
    COLOR,
    FILE,
    KEY,
    KEYS,
    LANGUAGES,
    MAIL_URL,
    ORIGINS,
    PATH,
    PEPPERS,
    PREFIX,
    SENDER,
    SITE,
    TEXT,
    WORDS,
    YES_OR_NO,
    Kind,
    duration,
    one_of,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Each default below is a `field`, made by a function that says more of it.
# ruff: noqa: RUF009

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

#: What the app writes without the prefix: Flask's own keys.
OF_FLASK = {"secret_key": "SECRET_KEY", "secret_key_fallbacks": "SECRET_KEY_FALLBACKS"}


def key(
    kind: Kind,
    default: Any,
    why: str,
    source: str = "our choice",
    *,
    otherwise: str = "",
    is_secret: bool = False,
) -> Any:
    """Describe a key.

    Args:
        kind: what may be written.
        default: what it is when nothing is written.
        why: what it does, for the reference.
        source: where the default or the limit comes from; a bare number is a section of it.
        otherwise: what a default of None stands for.
        is_secret: whether it is kept out of logs and tracebacks.
    """
    told = {"kind": kind, "why": why, "source": source, "otherwise": otherwise}
    return field(default=default, repr=not is_secret, metadata=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of one app, checked; :func:`..read_settings` makes them."""

    app_name: str = key(
        TEXT, None, "how pages and mails call the app", otherwise="the name of the Flask app"
    )
    brand_color: str = key(COLOR, "#3457d5", "the colour of buttons and links")
    logo_url: str | None = key(
        PATH, None, "a picture of this app beside the name", "ASVS 3.6.1", otherwise="no picture"
    )
    languages: tuple[str, ...] = key(LANGUAGES, ("en", "de"), "those offered, the first by default")

    mode: Literal["development", "production"] = key(
        one_of("development", "production"),
        None,
        "development is convenient and answers on loopback alone; production is strict",
        otherwise="development if `app.debug` or `app.testing`, else production",
    )
    base_url: str | None = key(
        SITE,
        None,
        "where the app is; each link in a mail begins with it, never with a Host header",
        "OWASP Forgot Password",
        otherwise="the address of the request, in development alone",
    )
    trusted_origins: tuple[str, ...] = key(
        ORIGINS, (), "other sites whose pages may send forms and JSON here", "OWASP CSRF Prevention"
    )
    url_prefix: str = key(PREFIX, "/account", "below which path the pages are")
    api: bool = key(YES_OR_NO, True, "whether there is a JSON API")
    api_prefix: str = key(
        PREFIX, None, "below which path it is", otherwise="`PORTER_URL_PREFIX` and `/api`"
    )
    after_login: str = key(PATH, "/", "where a log-in leads that came from nowhere")
    after_logout: str = key(PATH, "/", "where a log-out leads")
    database_at_start: bool = key(
        YES_OR_NO,
        None,
        "whether the start brings the tables up to date",
        otherwise="in development alone",
    )

    registration: Literal["open", "closed"] = key(
        one_of("open", "closed"), "open", "whether strangers may register"
    )
    identifiers: Literal["email", "username", "both"] = key(
        one_of("email", "username", "both"),
        "email",
        "by what people log in; with `'username'` an address is still asked for, for recovery,"
        " and logs in nobody but who has no username",
    )
    require_verified: bool = key(
        YES_OR_NO, True, "whether an address must be verified before the first log-in", "ASVS 6.3.4"
    )
    reveal_existing: bool = key(
        YES_OR_NO, False, "whether registration says that an address is taken", "ASVS 6.3.8"
    )

    session_preset: Literal["aal1", "aal2", "aal3"] = key(
        one_of("aal1", "aal2", "aal3"),
        "aal2",
        "the limits of a log-in: 30 days; 24 hours and 1 hour idle; 12 hours and 15 minutes idle",
        "NIST SP 800-63B-4 2.1.3, 2.2.3, 2.3.3",
    )
    idle_timeout: timedelta | None = key(
        duration(SECOND, 30 * DAY),
        None,
        "how long a log-in lasts without a request",
        "NIST SP 800-63B-4 5.2",
        otherwise="by `PORTER_SESSION_PRESET`",
    )
    absolute_timeout: timedelta = key(
        duration(SECOND, 30 * DAY),
        None,
        "how long it lasts at most",
        "NIST SP 800-63B-4 5.2",
        otherwise="by `PORTER_SESSION_PRESET`",
    )
    remember: bool = key(
        YES_OR_NO,
        None,
        "whether people may ask to be remembered",
        "NIST SP 800-63B-4 5.1",
        otherwise="yes, but not with `'aal3'`",
    )
    remember_for: timedelta = key(
        duration(HOUR, 30 * DAY),
        30 * DAY,
        "how long a remembered log-in lasts",
        "NIST SP 800-63B-4 2.1.3",
    )
    fresh_for: timedelta = key(
        duration(SECOND, DAY),
        10 * MINUTE,
        "how long after proving who one is sensitive pages ask for nothing",
        "ASVS 7.5.1",
    )
    max_sessions: int | None = key(
        whole(1, 1000),
        None,
        "how many devices somebody may have; one more ends the oldest",
        "ASVS 7.1.2",
        otherwise="any number",
    )
    session_touch_every: timedelta = key(
        duration(SECOND, DAY),
        HOUR,
        "how often a request notes that a device is in use; with an idle timeout, at least"
        " sixty times within it",
    )

    password_min_length: int = key(
        whole(8, 64), 15, "below 15 `flask porter doctor` objects", "NIST SP 800-63B-4 3.1.1.2"
    )
    password_max_length: int = key(
        whole(64, 1000), 256, "in characters, after NFC", "NIST SP 800-63B-4 3.1.1.2"
    )
    password_context_words: tuple[str, ...] = key(
        WORDS, (), "words that a password may not be made of, as the firm's", "ASVS 6.1.2"
    )
    password_blocklist: Path | None = key(
        FILE,
        None,
        "passwords that nobody may take, one a line, beside our own list",
        "NIST SP 800-63B-4 3.1.1.2",
        otherwise="our own list alone",
    )
    password_peppers: Mapping[str, str] = key(
        PEPPERS,
        None,
        "secrets that go into each hash; new hashes take the first one",
        "NIST SP 800-63B-4 3.1.1.2",
        otherwise="no secrets",
        is_secret=True,
    )
    argon2_memory_kib: int = key(
        whole(7168, 4_194_304), 19456, "memory of one hash", "OWASP Password Storage"
    )
    argon2_time_cost: int = key(whole(1, 100), 2, "its rounds", "OWASP Password Storage")
    argon2_parallelism: int = key(whole(1, 16), 1, "its threads", "OWASP Password Storage")
    hash_concurrency: int = key(
        whole(1, 1024),
        None,
        "how many hashes a process makes at once",
        "OWASP Denial of Service",
        otherwise="one a processor",
    )
    hash_wait: timedelta = key(
        duration(timedelta(0), MINUTE),
        5 * SECOND,
        "how long one waits for its turn before the answer is 503",
    )

    verify_ttl: timedelta = key(
        duration(MINUTE, DAY),
        DAY,
        "how long the link that verifies an address is good",
        "NIST SP 800-63B-4 4.2.1.2",
    )
    reset_ttl: timedelta = key(
        duration(MINUTE, DAY),
        HOUR,
        "how long the link that resets a password is good",
        "NIST SP 800-63B-4 4.2.1.2",
    )
    change_email_ttl: timedelta = key(
        duration(MINUTE, DAY),
        HOUR,
        "how long the link to a new address is good",
        "NIST SP 800-63B-4 4.2.1.2",
    )
    code_ttl: timedelta = key(
        duration(MINUTE, 10 * MINUTE), 10 * MINUTE, "how long a mailed code is good", "ASVS 6.5.5"
    )
    not_me_ttl: timedelta = key(
        duration(HOUR, 30 * DAY), 7 * DAY, 'how long "This wasn\'t me" takes a change back'
    )
    kept_request_ttl: timedelta = key(
        duration(MINUTE, HOUR), 10 * MINUTE, "how long a form waits for its user to prove anew"
    )
    kept_request_max_bytes: int = key(
        whole(0, 1_048_576), 65_536, "how large a form is kept at all; 0 keeps none"
    )

    throttles: bool = key(YES_OR_NO, True, "whether attempts are counted; for tests", "ASVS 6.3.1")
    attempts_free: int = key(
        whole(1, 20),
        5,
        "wrong passwords or codes of an account before one has to wait",
        "OWASP Authentication",
    )
    attempts_first_wait: timedelta = key(
        duration(SECOND, HOUR), 30 * SECOND, "the first wait; each one after is twice as long"
    )
    attempts_longest_wait: timedelta = key(
        duration(SECOND, DAY), 15 * MINUTE, "the longest; nobody is locked out for good"
    )
    attempts_memory: timedelta = key(
        duration(HOUR, 30 * DAY), DAY, "after how long without an attempt they are forgotten"
    )
    attempts_until_disabled: int = key(
        whole(10, 100),
        100,
        "failures in a row after which a password works on known devices alone, until a reset",
        "NIST SP 800-63B-4 3.2.2",
    )
    address_attempts_free: int = key(
        whole(1), 50, "failures of one network address (IPv6: one /64), an hour"
    )
    total_attempts_free: int = key(
        whole(1), 1000, "failures of everybody on unknown devices, an hour"
    )
    mails_per_account: int = key(whole(1), 5, "mails that an account can be sent, an hour")
    mails_per_address: int = key(whole(1), 20, "mails a network address can ask for, an hour")
    registrations_per_address: int = key(whole(1), 10, "its registrations, an hour", "ASVS 2.4.1")
    rates_in_total: int = key(
        whole(1), 1000, "the same by everybody: so many mails and so many registrations, an hour"
    )

    mail_url: str | None = key(
        MAIL_URL,
        None,
        "where mail goes out; it may hold a password",
        otherwise="`'mailbox:'` in development; in production a mailer or this has to be given",
        is_secret=True,
    )
    mail_from: str | None = key(
        SENDER, None, "whom mails are from", otherwise="`no-reply@` and the host of the base URL"
    )
    mail_delivery: Literal["thread", "manual"] = key(
        one_of("thread", "manual"),
        "thread",
        "delivered beside the requests, or by `flask porter mail deliver` alone",
    )
    mail_attempts: int = key(whole(1, 50), 8, "how often a mail is tried")
    audit_retention: timedelta = key(
        duration(DAY, 3650 * DAY), 365 * DAY, "how long audit entries are kept", "OWASP Logging"
    )

    secret_key: bytes = key(
        KEY,
        None,
        "signs the session cookie",
        "ASVS 13.3.1",
        otherwise="none in production; made once in development",
        is_secret=True,
    )
    secret_key_fallbacks: tuple[bytes, ...] = key(
        KEYS, (), "older ones, which still count", "ASVS 13.3.4", is_secret=True
    )

    @property
    def development(self) -> bool:
        """Whether convenience may win: the app answers on loopback alone."""
        return self.mode == "development"

    @property
    def host(self) -> str | None:
        """The host of the base URL, without a port."""
        return None if self.base_url is None else urlsplit(self.base_url).hostname


def config_key(name: str) -> str:
    """Return the key of ``app.config`` for the field ``name``."""
    return OF_FLASK.get(name) or f"PORTER_{name.upper()}"
