"""Holds what an app is set to against a checklist: facts in, findings out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qs, urlsplit

from ..settings import why_weak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..settings import Settings

    Check = Callable[["Facts"], Iterator["Finding"]]

_NEW_KEY: Final = "python -c 'import secrets; print(secrets.token_hex())'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one app, gathered beforehand."""

    settings: Settings
    debug: bool = False
    #: The session cookie, as Flask is set to send it.
    cookie_name: str = "__Host-session"
    cookie_is_secure: bool = True
    cookie_is_http_only: bool = True
    cookie_same_site: str | None = "Lax"
    cookie_domain: str | None = None
    has_trusted_hosts: bool = True
    has_proxy_fix: bool = True
    #: Whether the page after a log-in sends HSTS; None where it was not asked for.
    sends_hsts: bool | None = None
    has_mailer: bool = True
    mails_waiting: int = 0
    mails_stuck: int = 0
    #: ``current``, ``behind``, ``ahead`` or ``none``.
    schema: str = "current"
    #: Whether the database refuses to change entries of the audit log, where it can.
    keeps_audit_log: bool = True
    #: Whether the app migrates all tables itself, with Flask-Migrate.
    migrates_itself: bool = False
    #: What each process keeps for itself: ``session records``, ``attempts``.
    kept_in_memory: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at, and what to do about it."""

    check: str
    level: Literal["wrong", "advice"]
    what: str
    fix: str


def findings(facts: Facts) -> list[Finding]:
    """Return what is wrong, or could be better; what production alone needs is advice before."""
    found = [finding for check in CHECKS for finding in check(facts)]
    if facts.settings.development:
        found += [
            Finding(finding.check, "advice", finding.what, finding.fix)
            for check in OF_PRODUCTION
            for finding in check(facts)
        ]
    else:
        found += [finding for check in OF_PRODUCTION for finding in check(facts)]
    return sorted(found, key=lambda finding: finding.level != "wrong")


def how_many_checks() -> int:
    """Return how many checks there are."""
    return len(CHECKS) + len(OF_PRODUCTION)


def _mode(facts: Facts) -> Iterator[Finding]:
    if facts.settings.development:
        yield Finding(
            "mode",
            "advice",
            "These are the settings of development.",
            "Run the same command where the app runs for everybody.",
        )


def _throttles(facts: Facts) -> Iterator[Finding]:
    if not facts.settings.throttles:
        yield Finding(
            "throttles",
            "wrong",
            "Nobody counts attempts, so passwords can be guessed (ASVS 6.3.1).",
            "Leave PORTER_THROTTLES out.",
        )


def _password_length(facts: Facts) -> Iterator[Finding]:
    least = facts.settings.password_min_length
    if least < 15:
        yield Finding(
            "password_length",
            "wrong",
            f"A password of {least} characters is enough to log in; where it is all that is asked"
            " for, NIST SP 800-63B-4 section 3.1.1.2 says 15.",
            "Leave PORTER_PASSWORD_MIN_LENGTH out.",
        )


def _reveals(facts: Facts) -> Iterator[Finding]:
    if facts.settings.reveal_existing:
        yield Finding(
            "reveal_existing",
            "advice",
            "Registration tells strangers who has an account (ASVS 6.3.8).",
            "Leave PORTER_REVEAL_EXISTING out.",
        )


def _verified(facts: Facts) -> Iterator[Finding]:
    if not facts.settings.require_verified:
        yield Finding(
            "require_verified",
            "advice",
            "People log in under addresses that nobody has verified.",
            "Leave PORTER_REQUIRE_VERIFIED out.",
        )


def _limits(facts: Facts) -> Iterator[Finding]:
    idle, absolute = facts.settings.idle_timeout, facts.settings.absolute_timeout
    if idle is None or idle > timedelta(hours=1) or absolute > timedelta(hours=24):
        yield Finding(
            "session_limits",
            "advice",
            "A log-in outlasts 24 hours, or an hour without a request (NIST SP 800-63B-4 section"
            " 2.2.3).",
            "Set PORTER_SESSION_PRESET = 'aal2', and leave out both timeouts.",
        )


def _schema(facts: Facts) -> Iterator[Finding]:
    upgrades = facts.settings.database_at_start and not facts.migrates_itself
    if facts.schema == "current" or (upgrades and facts.schema != "ahead"):
        return
    told = {
        "none": "The tables are not there.",
        "behind": "The tables are older than this version.",
        "ahead": "The tables are newer than this version.",
    }
    fix = "flask db upgrade" if facts.migrates_itself else "flask porter database upgrade"
    if facts.migrates_itself and facts.schema == "behind":
        fix = "flask db migrate, then flask db upgrade"
    if facts.schema == "ahead":
        fix = "pip install --upgrade flask-porter"
    yield Finding("schema", "wrong", told.get(facts.schema, facts.schema), f"Run: {fix}")


def _audit_log(facts: Facts) -> Iterator[Finding]:
    if not facts.keeps_audit_log:
        yield Finding(
            "audit_log",
            "wrong",
            "The database lets entries of the audit log be changed (ASVS 16.4.2).",
            "Add the trigger of flask_porter.models.append_only.statements to a migration of yours,"
            " as 'Bring your own user' shows.",
        )


def _mail_queue(facts: Facts) -> Iterator[Finding]:
    if facts.mails_stuck:
        yield Finding(
            "mail_stuck",
            "wrong",
            f"Mails that could not be sent, or that nothing delivers: {facts.mails_stuck}.",
            "See why: flask porter mail list",
        )
    if facts.mails_waiting and facts.settings.mail_delivery == "manual":
        yield Finding(
            "mail_waiting",
            "advice",
            f"Mails that wait to be sent: {facts.mails_waiting}.",
            "Run each minute: flask porter mail deliver",
        )


def _secret_key(facts: Facts) -> Iterator[Finding]:
    keys = {"SECRET_KEY": [facts.settings.secret_key]}
    keys["SECRET_KEY_FALLBACKS"] = list(facts.settings.secret_key_fallbacks)
    for name, values in keys.items():
        for value in values:
            reason = why_weak(value)
            if reason is not None:
                fix = f"Write the output of: {_NEW_KEY}"
                yield Finding("secret_key", "wrong", f"{name} {reason}.", fix)


def _debug(facts: Facts) -> Iterator[Finding]:
    if facts.debug:
        yield Finding(
            "debug",
            "wrong",
            "The debugger lets anybody run code.",
            "Start without --debug and FLASK_DEBUG.",
        )


def _base_url(facts: Facts) -> Iterator[Finding]:
    url = facts.settings.base_url
    if url is None:
        yield Finding(
            "base_url",
            "wrong",
            "Links in mails have nothing to begin with.",
            "Set PORTER_BASE_URL = 'https://app.example.com'.",
        )
    elif not url.startswith("https:"):
        yield Finding(
            "https",
            "wrong",
            "Passwords travel in the clear.",
            f"Serve the app over HTTPS, and set PORTER_BASE_URL = 'https{url[4:]}'.",
        )


def _cookie(facts: Facts) -> Iterator[Finding]:
    """Look at the session cookie (ASVS 3.3.1 to 3.3.4)."""
    wrong: list[tuple[str, str]] = []
    if not facts.cookie_is_secure:
        wrong.append(("is sent without HTTPS too", "Set SESSION_COOKIE_SECURE = True."))
    if not facts.cookie_is_http_only:
        wrong.append(("can be read by scripts", "Leave SESSION_COOKIE_HTTPONLY out."))
    if (facts.cookie_same_site or "none").lower() == "none":
        wrong.append(("is sent along by other sites", "Set SESSION_COOKIE_SAMESITE = 'Lax'."))
    for what, fix in wrong:
        yield Finding("cookie", "wrong", f"The session cookie {what}.", fix)
    if facts.cookie_domain:
        yield Finding(
            "cookie_host",
            "advice",
            f"The session cookie goes to every host below {facts.cookie_domain}, and each of them"
            " can set it.",
            "Leave SESSION_COOKIE_DOMAIN out.",
        )
    elif not facts.cookie_name.startswith("__Host-"):
        yield Finding(
            "cookie_host",
            "advice",
            "Other hosts of this domain can set the session cookie.",
            "Set SESSION_COOKIE_NAME = '__Host-session', with SESSION_COOKIE_PATH = '/'.",
        )


def _hosts(facts: Facts) -> Iterator[Finding]:
    if not facts.has_trusted_hosts:
        yield Finding(
            "trusted_hosts",
            "advice",
            "The app answers under any Host header.",
            f"Set TRUSTED_HOSTS = ['{facts.settings.host or 'app.example.com'}'] (Flask 3.1), or"
            " have the web server refuse the others.",
        )


def _proxy(facts: Facts) -> Iterator[Finding]:
    if not facts.has_proxy_fix:
        yield Finding(
            "proxy",
            "advice",
            "If a proxy stands before the app, all people share its network address, and wait for"
            " each other's attempts.",
            "Then: app.wsgi_app = werkzeug.middleware.proxy_fix.ProxyFix(app.wsgi_app)",
        )


def _hsts(facts: Facts) -> Iterator[Finding]:
    if facts.sends_hsts is False:
        yield Finding(
            "hsts",
            "advice",
            "The app's own pages do not ask browsers to stay with HTTPS (ASVS 3.4.1); those of the"
            " account do.",
            "Send 'Strict-Transport-Security: max-age=31536000; includeSubDomains' with all.",
        )


def _mail(facts: Facts) -> Iterator[Finding]:
    url = facts.settings.mail_url
    if url is None and facts.has_mailer:
        return
    if url is None or url in {"console:", "mailbox:"}:
        yield Finding(
            "mail",
            "wrong",
            "Mail goes to nobody, so nobody can recover an account.",
            "Set PORTER_MAIL_URL = 'smtps://user:password@mail.example.com:465'.",
        )
        return
    if parse_qs(urlsplit(url).query).get("starttls") == ["never"]:
        yield Finding(
            "mail",
            "wrong",
            "Mail goes to its server unencrypted, with links that open accounts.",
            "Leave ?starttls=never out of PORTER_MAIL_URL.",
        )


def _sender(facts: Facts) -> Iterator[Finding]:
    sender = facts.settings.mail_from or ""
    if not sender or sender.rstrip(">").endswith("@localhost"):
        yield Finding(
            "mail_from",
            "wrong",
            "Mails are from nobody that can be answered.",
            "Set PORTER_MAIL_FROM = 'Name <address>', or PORTER_BASE_URL.",
        )


def _memory(facts: Facts) -> Iterator[Finding]:
    for what in facts.kept_in_memory:
        yield Finding(
            "memory",
            "wrong",
            f"Each process keeps its own {what}, and forgets them when it ends.",
            "Keep them in the database: hand Porter no store of your own.",
        )


CHECKS: Final[tuple[Check, ...]] = (
    *(_mode, _throttles, _password_length, _reveals, _verified, _limits, _schema, _audit_log),
    _mail_queue,
)
#: They matter where the app runs for everybody.
OF_PRODUCTION: Final[tuple[Check, ...]] = (
    *(_secret_key, _debug, _base_url, _cookie, _hosts, _proxy, _hsts, _mail, _sender, _memory),
)
