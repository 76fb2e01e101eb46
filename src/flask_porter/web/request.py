"""The browser's words as plain values: who calls, what was sent, and one flow run for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import current_app, request, session

from ..authenticators.hidden import HiddenValues
from ..errors import Refused
from ..flows.caller import Caller
from ..flows.run import run as run_flow
from ..login.current import _get_user
from .translations import best_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..errors import Unavailable
    from ..flows.accounts import Accounts
    from ..flows.caller import Surface
    from ..flows.inputs import Input
    from ..flows.outcomes import Outcome
    from ..flows.resume import Resumed
    from ..flows.run import Flow

    FormT = TypeVar("FormT", bound=Input)
    OutcomeT = TypeVar("OutcomeT", bound=Outcome)

#: The names of the blueprints of our pages, which are for browsers, and of our API.
PAGES: Final = "porter"
API: Final = "porter_api"

#: The session key of the secret to which this browser's mailed codes are bound, and of whom it
#: asked for.
BROWSER: Final = "_porter_browser"

# A flow's body is small; what is larger is not looked at (ASVS 5.0 4.3 and 5.2).
_LONGEST_BODY = 64 * 1024


@dataclass(slots=True)
class Around:
    """What the account layer knows of one request."""

    #: Who is logged in, as the record says; None for a stranger.
    resumed: Resumed | None = None
    #: Why nobody can say who that is.
    unavailable: Unavailable | None = None
    csp_nonce: str = field(default="", repr=False)
    language: str = ""


def around() -> Around:
    """Return what is known of the current request, and only of it."""
    kept: Around | None = request.__dict__.get("_porter_around")
    if kept is None:
        kept = request.__dict__["_porter_around"] = Around()
    return kept


def blueprint() -> str:
    """Return the name of the outermost blueprint of this request; empty outside of any."""
    return (request.blueprint or "").partition(".")[0]


def accounts() -> Accounts:
    """Return the accounts of the current app."""
    porter: Any = current_app.extensions["porter"]
    found: Accounts = porter.accounts
    return found


def caller(surface: Surface) -> Caller:
    """Return who asks; the user is loaded for it."""
    _get_user()
    resumed = around().resumed
    secret, asked_for = _asked_for()
    return Caller(
        surface=surface,
        user=None if resumed is None else resumed.user,
        record=None if resumed is None else resumed.record,
        address=request.remote_addr or "",
        user_agent=request.headers.get("User-Agent", "")[:400],
        browser=secret,
        asked_for=asked_for,
        known_device=request.cookies.get(device_cookie_name()),
        language=language(),
    )


def device_cookie_name() -> str:
    """Return the name of the cookie by which a browser is known again."""
    return "porter_device" if accounts().settings.mode == "development" else "__Host-porter_device"


def language() -> str:
    """Return the language to answer in."""
    known = around()
    if not known.language:
        known.language = best_language(
            request.headers.get("Accept-Language", ""), accounts().settings.languages
        )
    return known.language


def run(surface: Surface, flow: Flow[FormT, OutcomeT], given: Mapping[str, Any]) -> OutcomeT:
    """Read ``given`` as the input of ``flow``, and run it for whoever asks.

    Raises:
        Refusal: the expected no.
    """
    kept = accounts()
    is_json = surface == "api"
    form = flow.read(kept, given, strict=is_json, extra="forbid" if is_json else "ignore")
    return run_flow(kept, caller(surface), flow, form)


def form_fields() -> HiddenValues:
    """Return the fields of a posted form; the first value of each.

    Raises:
        Refused: it is too large.
    """
    check_size()
    return HiddenValues(request.form.items())


def check_size() -> None:
    """Refuse a body that no flow of ours asks for, before any of it is read.

    Raises:
        Refused: ``too_large``, or ``length_required`` for one that does not say.
    """
    reason = _why_not_read()
    if reason is not None:
        raise Refused(reason, status=413 if reason == "too_large" else 411)


def sent_value(name: str) -> str | None:
    """Return a value of the query or the form; the query alone where the form is not looked at."""
    return (request.args if _why_not_read() else request.values).get(name)


def is_posted(name: str) -> bool:
    """Tell whether this is a form of a size that is looked at, with a field of that name."""
    return request.method == "POST" and _why_not_read() is None and name in request.form


def _why_not_read() -> str | None:
    length = request.content_length
    if length is not None and length > _LONGEST_BODY:
        return "too_large"
    if length is None and request.headers.get("Transfer-Encoding"):
        return "length_required"
    return None


def _asked_for() -> tuple[str | None, str]:
    """Return the secret this browser got when it asked for a mail, and whom it asked for."""
    match session.get(BROWSER):
        case [str(secret), str(asked_for)]:
            return secret, asked_for
    return None, ""
