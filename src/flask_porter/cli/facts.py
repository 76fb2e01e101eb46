"""Gathers what the checklist of ``flask porter doctor`` is held against."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from ..flows import waiting_mail
from ..flows.caller import Caller
from ..flows.inputs import Nothing
from ..flows.run import run
from ..models.upgrading import refuses_changes, state
from ..outbound.mail import ConsoleMailer, Mailbox
from .checklist import Facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from ..flows.accounts import Accounts
    from ..settings import Settings

_MEMORY: Final = "flask_porter.stores.memory"
_DEEPEST: Final = 20


def gather(app: Flask, accounts: Accounts) -> Facts:
    """Return what is known of ``app``; the database is asked, and in production its first page."""
    schema = state(accounts.database, accounts.models)
    waiting, stuck = _mails(accounts) if schema == "current" else (0, 0)
    cookie = app.session_interface
    return Facts(
        settings=accounts.settings,
        debug=app.debug,
        cookie_name=cookie.get_cookie_name(app),
        cookie_is_secure=cookie.get_cookie_secure(app),
        cookie_is_http_only=cookie.get_cookie_httponly(app),
        cookie_same_site=cookie.get_cookie_samesite(app),
        cookie_domain=cookie.get_cookie_domain(app),
        has_trusted_hosts=bool(app.config.get("TRUSTED_HOSTS")),
        has_proxy_fix=_has_proxy_fix(app.wsgi_app),
        sends_hsts=_sends_hsts(app, accounts.settings),
        has_mailer=not isinstance(accounts.mailer, ConsoleMailer | Mailbox),
        mails_waiting=waiting,
        mails_stuck=stuck,
        schema=schema,
        keeps_audit_log=schema != "current" or refuses_changes(accounts.database, accounts.models),
        migrates_itself="migrate" in app.extensions,
        kept_in_memory=_kept_in_memory(accounts),
    )


def _mails(accounts: Accounts) -> tuple[int, int]:
    found = run(accounts, Caller("cli"), waiting_mail.list_mail, Nothing()).values
    return len(found["waiting"]), len(found["stuck"])


def _has_proxy_fix(wsgi_app: Any) -> bool:
    """Look through what is wrapped around the app, as middlewares commonly name it."""
    for _ in range(_DEEPEST):
        if isinstance(wsgi_app, ProxyFix):
            return True
        wsgi_app = getattr(wsgi_app, "app", None) or getattr(wsgi_app, "wsgi_app", None)
    return False


def _sends_hsts(app: Flask, settings: Settings) -> bool | None:
    if settings.development or not (settings.base_url or "").startswith("https:"):
        return None
    with _delivering_nothing(app):
        answer = Client(app).get(settings.after_login, base_url=settings.base_url)
    return "Strict-Transport-Security" in answer.headers


@contextmanager
def _delivering_nothing(app: Flask) -> Iterator[None]:
    """Have no request start a delivery: whoever looks changes nothing."""
    rooms = app.extensions["porter"]
    quiet = replace(rooms.accounts, wake_mail=lambda: None)
    app.extensions["porter"] = replace(rooms, accounts=quiet)
    try:
        yield
    finally:
        app.extensions["porter"] = rooms


def _kept_in_memory(accounts: Accounts) -> tuple[str, ...]:
    with accounts.database.session() as session:
        stores = {
            "session records": accounts.session_store(session),
            "attempts": accounts.throttle,
        }
    return tuple(what for what, store in stores.items() if type(store).__module__ == _MEMORY)
