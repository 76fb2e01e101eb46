"""From an outcome to what the browser keeps of it, and the headers of everything we answer."""

from __future__ import annotations

from base64 import b64encode
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final

from flask import after_this_request, current_app, session

from ..authenticators.hidden import Hidden
from ..flows.outcomes import Done, LoggedIn, LoggedOut, MailSent
from ..flows.resume import Resumed
from ..login.records import Begun
from ..login.session import begin_with_record, logout_user
from .request import BROWSER, accounts, around, device_cookie_name

if TYPE_CHECKING:
    from flask import Response

    from ..flows.outcomes import Outcome

#: The session key of the mailed link that this browser has opened.
_LINK: Final = "_porter_link"
#: The session key of where its user was going, and until when that counts.
_NEXT: Final = "_porter_next"
#: In characters; the cookie that may hold it has 4096 in all (RFC 6265 section 6.1).
_LONGEST_NEXT: Final = 1000

_YEAR: Final = 365 * 24 * 3600

#: Headers of all our answers (ASVS 5.0 3.4; OWASP HTTP Security Response Headers Cheat Sheet).
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def apply(outcome: Outcome) -> None:
    """Have the browser keep what ``outcome`` says: its session, its cookies."""
    if isinstance(outcome, LoggedIn):
        _log_in(outcome)
    elif isinstance(outcome, LoggedOut) or (isinstance(outcome, Done) and outcome.logged_out):
        log_out()
    elif isinstance(outcome, MailSent) and outcome.browser is not None:
        session[BROWSER] = [outcome.browser, outcome.asked_for]
    if isinstance(outcome, (Done, LoggedOut)) and outcome.known_device is not None:
        _keep_device(outcome.known_device)


def log_out() -> None:
    """Forget who was logged in; the record has been ended by a flow."""
    around().resumed = None
    logout_user()
    after_this_request(_clear_site_data)


def hold_link(flow: str, token: str) -> None:
    """Keep the token of a mailed link for this browser, so that it leaves the address bar."""
    session[_LINK] = [flow, token[:200]]


def held_link(flow: str) -> str | None:
    """Return the token of the link that this browser has opened for ``flow``, or None."""
    match session.get(_LINK):
        case [str(kept_for), str(token)] if kept_for == flow:
            return Hidden(token)
    return None


def drop_link() -> None:
    """Forget the token: it has been used, or is good for nothing."""
    session.pop(_LINK, None)


def hold_next(url: str | None) -> None:
    """Keep where a visitor was going, for after their mail, as long as its link is good.

    Only a POST of our own pages may bring it: it is no other site's to say.
    """
    if url is not None and len(url) <= _LONGEST_NEXT:
        until = accounts().clock() + accounts().settings.verify_ttl
        session[_NEXT] = [url, int(until.timestamp())]


def held_next() -> str | None:
    """Return where this browser was going, not looked at yet: ours, else that of the login floor.

    The floor keeps one where ``USE_SESSION_FOR_NEXT`` says so.
    """
    if current_app.config.get("USE_SESSION_FOR_NEXT") and isinstance(session.get("next"), str):
        return str(session["next"])
    match session.get(_NEXT):
        case [str(url), int(until)] if accounts().clock().timestamp() < until:
            return url
    return None


def drop_next() -> None:
    """Forget it: they are there."""
    session.pop(_NEXT, None)
    session.pop("next", None)


def begun(outcome: LoggedIn) -> Begun:
    """Return what the session is to hold of a record, and know this browser again."""
    around().resumed = Resumed(outcome.user, outcome.record)
    if outcome.known_device is not None:
        _keep_device(outcome.known_device)
    return Begun(outcome.token, outcome.record.remembered_until)


def csp_nonce() -> str:
    """Return the nonce of this response (CSP Level 3 section 7.1); another one each time."""
    kept = around()
    if not kept.csp_nonce:
        kept.csp_nonce = b64encode(token_bytes(16)).decode()
    return kept.csp_nonce


def protect(response: Response) -> Response:
    """Give one of our answers its headers."""
    headers = response.headers
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", policy())
    if accounts().settings.mode == "production":
        headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}; includeSubDomains")
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    return response


def policy(styles: str = "'self'") -> str:
    """Return the content security policy of a page; ``styles`` says where its styles come from."""
    return (
        f"default-src 'none'; style-src {styles}; img-src 'self' data:; font-src 'self';"
        f" connect-src 'self'; script-src 'self' 'nonce-{csp_nonce()}'; form-action 'self';"
        " frame-src 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
    )


def _log_in(outcome: LoggedIn) -> None:
    if outcome.record.transport == "bearer":
        return
    begin_with_record(_users_row(outcome), begun(outcome))


def _users_row(outcome: LoggedIn) -> Any:
    """Return the user as a row of the app's own database session, for its templates and signals."""
    return accounts().database.adopted(outcome.user)


def _keep_device(token: str) -> None:
    def keep(response: Response) -> Response:
        response.set_cookie(
            device_cookie_name(),
            token,
            max_age=_YEAR,
            path="/",
            secure=accounts().settings.mode == "production",
            httponly=True,
            samesite="Lax",
        )
        return response

    after_this_request(keep)


def _clear_site_data(response: Response) -> Response:
    """Have the browser drop what it has cached of the account (ASVS 5.0 14.3.1)."""
    if current_app.debug:
        return response
    response.headers.setdefault("Clear-Site-Data", '"cache", "storage"')
    return response
