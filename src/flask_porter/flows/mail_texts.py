"""What a mail says: the values that its templates name, each fit to be shown, and the texts.

Somebody else has typed some of them: a device, an address, a name. None of them may become a link
in the reader's mail program, or say more than it should.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from secrets import token_hex
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ..outbound.messages import Message
from ..settings.colors import ink_on
from .device_names import device_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    from .accounts import Accounts

_SUBJECT: Final = "Subject: "
_LONGEST: Final = 320
#: What mail programs take for the beginning of a link.
_LINKING: Final = re.compile(r"(?<=\S)[.@:/](?=\S)")
#: Shown as nothing; unlike other such characters it is not dropped from a host (UTS 46).
_BREAK: Final = "\N{ZERO WIDTH NON-JOINER}"


@dataclass(frozen=True, slots=True)
class Keys:
    """What works as a key in one mail; it is in no row."""

    token: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    not_me: str | None = field(default=None, repr=False)
    #: How long the token works.
    lasts: timedelta | None = None


_NO_KEYS: Final = Keys()


def message_of(
    accounts: Accounts,
    *,
    kind: str,
    to: str,
    language: str,
    context: Mapping[str, Any],
    flow: str | None = None,
    keys: Keys = _NO_KEYS,
) -> Message:
    """Return one mail.

    Args:
        accounts: those of the app.
        kind: which templates.
        to: the address.
        language: of the reader (BCP 47).
        context: of the row in the outbox.
        flow: which flow its link opens.
        keys: what works as a key in it.

    Raises:
        ValueError: a template does not begin with its subject.
    """
    link = accounts.link(flow, keys.token) if flow and keys.token else None
    not_me_link = accounts.link("not_me", keys.not_me) if keys.not_me else None
    values = {
        **_values(accounts, context),
        **_lasting(accounts, keys.lasts),
        "kind": kind,
        "language": language,
        "link": link,
        "code": None if keys.code is None else f"{keys.code[:4]} {keys.code[4:]}",
        "not_me_link": not_me_link,
    }
    subject, text = _split(accounts.render(f"mail/{kind}.txt", language, values), kind)
    html = accounts.render(f"mail/{kind}.html", language, values | {"subject": subject})
    return Message(
        to=to,
        subject=subject,
        text=text,
        html=html,
        kind=kind,
        headers=headers(accounts, language),
        link=link,
        code=keys.code,
        not_me_link=not_me_link,
    )


def headers(accounts: Accounts, language: str) -> Mapping[str, str]:
    """Return the headers of a mail that no person has written (RFC 3834 section 5)."""
    domain = (accounts.settings.mail_from or "").rpartition("@")[2].strip(" >")
    host = domain if domain and domain.isascii() else "localhost"
    return MappingProxyType(
        {
            "Date": format_datetime(accounts.clock()),
            # A new one at each attempt: the links of the last one are dead.
            "Message-ID": f"<{token_hex(16)}@{host}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Content-Language": language,
        }
    )


def unlinked(text: str) -> str:
    """Return ``text`` so that no mail program makes a link of it: one line, looking the same."""
    line = " ".join("".join(x if x.isprintable() else " " for x in text).split())[:_LONGEST]
    return _LINKING.sub(lambda found: _BREAK + found[0] + _BREAK, line)


def _values(accounts: Accounts, context: Mapping[str, Any]) -> dict[str, Any]:
    settings = accounts.settings
    at = datetime.fromisoformat(context["at"])
    return {
        **{
            name: unlinked(value) if isinstance(value, str) else value
            for name, value in context["values"].items()
        },
        "app_name": settings.app_name,
        "brand_color": settings.brand_color,
        "brand_ink": ink_on(settings.brand_color),
        "user_name": context["name"],
        "by_operator": context["by_operator"],
        "when": f"{at:%Y-%m-%d %H:%M} UTC",
        "device": unlinked(device_name(context["user_agent"])),
        "address": _network_address(context["address"]),
    }


def _lasting(accounts: Accounts, lasts: timedelta | None) -> dict[str, int]:
    settings = accounts.settings
    minutes = 0 if lasts is None else round(lasts.total_seconds() / 60)
    return {
        "link_hours": minutes // 60 if minutes % 60 == 0 else 0,
        "link_minutes": minutes,
        "code_minutes": round(settings.code_ttl.total_seconds() / 60),
        "not_me_days": settings.not_me_ttl.days,
    }


def _network_address(text: str) -> str:
    """Return the address if it is one: a wrong proxy set-up lets the client write it."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _split(rendered: str, kind: str) -> tuple[str, str]:
    first, _, rest = rendered.lstrip().partition("\n")
    if not first.startswith(_SUBJECT):
        raise ValueError(f"mail/{kind}.txt does not begin with a line 'Subject: ...'.")
    return " ".join(first.removeprefix(_SUBJECT).split()), rest.strip() + "\n"
