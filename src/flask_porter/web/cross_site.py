"""Refuses what another site has a browser send, before any view runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, request

from ..errors import Refused
from ..flows.events import Event, send
from .csrf import SAFE_METHODS, why_cross_site
from .loaders import gives_a_token, is_bearer
from .request import API, PAGES, accounts, blueprint

if TYPE_CHECKING:
    from flask import Blueprint, Flask


def install_check(app: Flask) -> None:
    """Check every request to ``app`` that could change something in somebody's name.

    Looked at are unsafe methods that carry a cookie, and all those to our own pages and API, since
    a log-in that another site brings about is an attack too (OWASP CSRF Prevention Cheat Sheet,
    "Login CSRF"). A request that proves itself by ``Authorization`` carries what no site can add,
    and a program that asks for such a token is no browser and has no origin.
    """
    app.before_request(_check)


def need_no_tokens(blueprint: Blueprint) -> None:
    """Keep Flask-WTF's ``CSRFProtect`` from asking ``blueprint`` for a token and a ``Referer``.

    What :func:`install_check` looks at is checked already; a program has no token, and over HTTPS
    a page that says ``no-referrer`` has no ``Referer`` (Flask-WTF, ``WTF_CSRF_SSL_STRICT``). Said
    before each request, since an app may begin to use the other check at any time.
    """

    def say(_endpoint: str | None, _values: dict[str, object] | None) -> None:
        exempt = getattr(current_app.extensions.get("csrf"), "exempt", None)
        if exempt is not None:
            exempt(blueprint)

    blueprint.url_value_preprocessor(say)


def _check() -> None:
    if request.method in SAFE_METHODS:
        return
    if blueprint() not in {PAGES, API} and not request.cookies:
        return
    if is_bearer() and not request.cookies:
        return
    why = why_cross_site(request, accounts().settings.trusted_origins)
    if why is None or (why == "no_origin" and gives_a_token() and not request.cookies):
        return
    _tell(why)
    raise Refused(why, status=403)


def _tell(why: str) -> None:
    """Tell the app; a stranger who can send such requests must not fill the audit log."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    event = Event(
        name="malicious_csrf",
        level="CRITICAL",
        at=accounts().clock(),
        address=request.remote_addr or "",
        user_agent=request.headers.get("User-Agent", "")[:400],
        surface="api" if blueprint() == API else "pages",
        details={"reason": why, "endpoint": request.endpoint},
    )
    send(app, event)
