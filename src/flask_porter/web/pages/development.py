"""The development console: the mailbox, the codes, test people, the last events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, current_app, request

from ...flows.deliver_mail import LEASE
from ...flows.personas import PERSONAS, become
from ...flows.run import ask
from ...outbound.mailbox import Mailbox
from ..development import is_from_here, is_loopback_name
from ..own_paths import site_path
from ..page_facts import render_page
from ..request import accounts, form_fields, run
from ..response import apply, policy
from .form_page import see_other

if TYPE_CHECKING:
    from flask import Blueprint, Response

    from ...flows.accounts import Accounts
    from ...outbound.mailbox import Letter

#: How many events are shown.
_EVENTS = 30


def add_to(pages: Blueprint) -> None:
    """Add the page, which only development has."""
    pages.add_url_rule("/development", "development", development, methods=["GET", "POST"])


def development() -> Response:
    """Show the console, or log in as one of the test people; to this machine alone."""
    if not is_allowed():
        abort(404)
    if request.method == "POST":
        apply(run("pages", become, form_fields()))
        return see_other(site_path(accounts().settings.after_login))
    letters = _letters()
    opened = next((one for one in letters if one.id == request.args.get("mail")), None)
    if opened is None and letters:
        opened = letters[0]
    response = render_page(
        "development.html",
        mails=[_shown(letter) for letter in letters],
        mail=None if opened is None else _shown(opened),
        waiting=ask(accounts(), _waiting),
        codes=_codes(letters),
        people=[
            {"handle": name, "name": name.capitalize(), "note": role or "a user"}
            for name, role in PERSONAS.items()
        ],
        events=ask(accounts(), _events),
    )
    # A mail has its styles in its tags, and its frame the policy of this page.
    response.headers["Content-Security-Policy"] = policy("'self' 'unsafe-inline'")
    return response


def is_allowed() -> bool:
    """Tell whether this is development, in debug mode, asked by this machine and under its name.

    Looked at on each request: a setting that changed, or a proxy before the app, closes it.
    """
    return (
        accounts().settings.mode == "development"
        and (current_app.debug or current_app.testing)
        and is_loopback_name(request.host)
        and is_from_here()
        and "X-Forwarded-For" not in request.headers
        and "Forwarded" not in request.headers
    )


def _letters() -> list[Letter]:
    mailer = accounts().mailer
    return mailer.letters() if isinstance(mailer, Mailbox) else []


def _shown(letter: Letter) -> dict[str, Any]:
    message = letter.message
    return {
        "handle": letter.id,
        "subject": message.subject,
        "to": message.to,
        "when": letter.at,
        "text": message.text,
        "html": message.html,
    }


def _codes(letters: list[Letter]) -> list[dict[str, Any]]:
    lasts = accounts().settings.code_ttl
    now = accounts().clock()
    return [
        {
            "code": letter.message.code,
            "to": letter.message.to,
            "purpose": letter.message.kind.replace("_", " "),
            "until": letter.at + lasts,
        }
        for letter in letters
        if letter.message.code and letter.at + lasts > now
    ]


def _waiting(kept: Accounts) -> int:
    """Return how many mails are still to be delivered, those that a worker has claimed too."""
    rows = kept.outbox.waiting(kept.clock() + LEASE)
    return sum(row.to_address is not None for row in rows)


def _events(kept: Accounts) -> list[dict[str, Any]]:
    rows = kept.audit.last(_EVENTS)
    keys = {row.user_id for row in rows if row.user_id is not None}
    who: dict[str | None, str] = {key: _name_of(kept, key) for key in keys}
    return [
        {"when": row.at, "type": row.event, "who": who.get(row.user_id), "address": row.address}
        for row in rows
    ]


def _name_of(kept: Accounts, key: str) -> str:
    """Return how somebody in the audit log is called; the key of who is gone."""
    user = kept.users.get(kept.users.parse_id(key))
    return key if user is None else str(user.display_name)
