"""Knows a browser again in which somebody has logged in, so that a stranger's failures pass it by.

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

_PURPOSE: Final = b"flask-porter known device 1"
_DEVICE_BYTES: Final = 16
_TOKEN: Final = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")
_BETWEEN: Final = "~"
_LONGEST: Final = 1000


def mint_known_device(accounts: Accounts, user: Any, *, beside: str | None = None) -> str:
    """Return a token that makes a browser known for ``user``, and for nobody else.

    It opens nothing: it only says whose failures are counted where. Nothing of it is stored.

    Args:
        accounts: those of the flow that runs.
        user: who has just logged in.
        beside: the token that the browser has; whom else it is known for stays known.
    """
    device = tokens.mint(_DEVICE_BYTES)
    ends_at = int((accounts.clock() + KNOWN_FOR).timestamp())
    account = account_of(user)
    new = f"{device}.{ends_at}.{_mac(accounts.settings.secret_key, device, ends_at, account)}"
    others = [part for part in _parts(beside) if _device_in(accounts, account, part) is None]
    return _BETWEEN.join([new, *others][:MOST_PEOPLE])


def is_known(accounts: Accounts, user: Any, token: str | None) -> bool:
    """Tell whether ``token`` is of a browser in which ``user`` has logged in within a year."""
    return known_device(accounts, account_of(user), token) is not None


def known_device(accounts: Accounts, account: str, token: str | None) -> str | None:
    """Return the random id of a browser that is known for ``account``, or None."""
    found = (_device_in(accounts, account, part) for part in _parts(token))
    return next((device for device in found if device is not None), None)


def _parts(token: str | None) -> list[str]:
    if token is None or len(token) > _LONGEST:
        return []
    return [part for part in token.split(_BETWEEN) if _TOKEN.fullmatch(part)]


def _device_in(accounts: Accounts, account: str, part: str) -> str | None:
    device, ends_at, mac = part.split(".")
    settings = accounts.settings
    keys = (settings.secret_key, *settings.secret_key_fallbacks)
    is_ours = any(hmac.compare_digest(mac, _mac(key, device, ends_at, account)) for key in keys)
    return device if is_ours and accounts.clock().timestamp() < int(ends_at) else None


def _mac(key: bytes, device: str, ends_at: int | str, account: str) -> str:
    # A key of its own: what signs sessions must sign nothing else (NIST SP 800-108r1, "Label").
    own_key = hmac.digest(key, _PURPOSE, "sha256")
    said = f"{device}.{ends_at}.{account}".encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(hmac.digest(own_key, said, "sha256")).rstrip(b"=").decode()
