"""Knows a browser again in which somebody has logged in, so that a stranger's failures pass it by.

A mark is of one ``session_generation`` of its user, so whatever ends every log-in makes every
browser unknown too: a reset, "this wasn't me", another password or address, a log-out everywhere.
Whoever asks for one of these may think of somebody who was in, and that one must keep no budget of
their own and bring no log-in past the mail about new devices. It costs the owner one such mail for
each other browser. The browser in which it was asked for stays known.

Source: OWASP Authentication Cheat Sheet, "Login Throttling": a lock-out must not be a weapon.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from ..authenticators import tokens
from .finding import account_of

if TYPE_CHECKING:
    from .accounts import Accounts

#: How long a browser is known after the log-in that made it so.
KNOWN_FOR: Final = timedelta(days=365)
#: How many people one browser is known for, as that of a family.
MOST_PEOPLE: Final = 5

_PURPOSE: Final = b"flask-porter known device 2"
_DEVICE_BYTES: Final = 16
_TOKEN: Final = re.compile(
    r"([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})"
)
_BETWEEN: Final = "~"
_LONGEST: Final = 1000


def mint_known_device(accounts: Accounts, user: Any, *, beside: str | None = None) -> str:
    """Return a token that makes a browser known for ``user``, and for nobody else.

    It opens nothing: it only says whose failures are counted where. Nothing of it is stored.

    Args:
        accounts: those of the flow that runs.
        user: who has just logged in, with the generation of the log-in.
        beside: the token that the browser has; whom else it is known for stays known.
    """
    device = tokens.mint(_DEVICE_BYTES)
    ends_at = int((accounts.clock() + KNOWN_FOR).timestamp())
    generation = user.session_generation
    account = account_of(user)
    mac = _mac(accounts.settings.secret_key, account, device, ends_at, generation)
    others = [part for part in _parts(beside) if not _is_of(accounts, account, part)]
    return _BETWEEN.join([f"{device}.{ends_at}.{generation}.{mac}", *others][:MOST_PEOPLE])


def kept_known(accounts: Accounts, user: Any, token: str | None, *, was_known: bool) -> str | None:
    """Return what keeps a browser known once the generation of ``user`` has advanced, or None."""
    return mint_known_device(accounts, user, beside=token) if was_known else None


def is_known(accounts: Accounts, user: Any, token: str | None) -> bool:
    """Tell whether ``token`` is of a browser in which ``user`` has logged in within a year."""
    return known_device(accounts, user, token) is not None


def known_device(accounts: Accounts, user: Any, token: str | None) -> str | None:
    """Return the random id of a browser that is known for ``user``, or None.

    For nobody, who is None, the work is the same.
    """
    account = "" if user is None else account_of(user)
    generation = "" if user is None else str(user.session_generation)
    now = accounts.clock().timestamp()
    for part in _parts(token):
        device, ends_at, written, _ = part.split(".")
        is_theirs = _is_of(accounts, account, part)
        if is_theirs and written == generation and now < int(ends_at):
            return device
    return None


def _parts(token: str | None) -> list[str]:
    if token is None or len(token) > _LONGEST:
        return []
    return [part for part in token.split(_BETWEEN) if _TOKEN.fullmatch(part)]


def _is_of(accounts: Accounts, account: str, part: str) -> bool:
    """Tell whether we have written ``part`` for this account, whether or not it still counts."""
    device, ends_at, generation, mac = part.split(".")
    settings = accounts.settings
    keys = (settings.secret_key, *settings.secret_key_fallbacks)
    return any(
        hmac.compare_digest(mac, _mac(key, account, device, ends_at, generation)) for key in keys
    )


def _mac(key: bytes, account: str, device: str, ends_at: int | str, generation: int | str) -> str:
    # A key of its own: what signs sessions must sign nothing else (NIST SP 800-108r1, "Label").
    own_key = hmac.digest(key, _PURPOSE, "sha256")
    said = f"{device}.{ends_at}.{generation}.{account}".encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(hmac.digest(own_key, said, "sha256")).rstrip(b"=").decode()
