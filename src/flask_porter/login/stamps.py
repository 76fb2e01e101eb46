"""Session stamps: every log-in of a user ends when their stamp changes, and no store is needed.

A user class offers ``get_session_stamp() -> str | None``: text that changes when all log-ins must
end, for one the password's hash. Its keyed digest stands in the session and in the remember cookie
(OWASP Session Management Cheat Sheet, "Renew the Session ID After Any Privilege Level Change").
"""

from __future__ import annotations

import hmac
import struct
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from flask.sessions import SecureCookieSessionInterface
from itsdangerous.encoding import base64_decode, bytes_to_int
from itsdangerous.exc import BadData

from .current import current_request, current_session, this_app
from .secret_keys import key_ring

if TYPE_CHECKING:
    from .manager import LoginManager
    from .remember_token import RememberToken

#: The session key: a list of the user's id as text and the digest.
SESSION_KEY = "_stamp"

_PURPOSE = b"flask_porter.session-stamp"
# Bytes of the digest that are kept; 128 bits cannot be guessed (RFC 2104 section 5).
_KEPT = 16


def stamp_of(user: Any) -> str | None:
    """Return the user's stamp, None for a user class that offers none."""
    offer = getattr(user, "get_session_stamp", None)
    return None if offer is None else offer()


def write(user: Any, user_id: Any) -> None:
    """Put the stamp of ``user`` into the session, or take an older one out."""
    stamp = stamp_of(user)
    if stamp is None:
        current_session().pop(SESSION_KEY, None)
        return
    key = next(key_ring(), None)
    if key is None:
        return
    current_session()[SESSION_KEY] = [str(user_id), _digest(key, str(user_id), stamp)]


def written_for(user_id: Any) -> str | None:
    """Return the digest in the session if it is of this user; another's counts as absent.

    A node that knows no stamps may have logged somebody else in and left it there.
    """
    match current_session().get(SESSION_KEY):
        case [str(owner), str(digest)] if owner == str(user_id):
            return digest
    return None


def session_holds(manager: LoginManager, user: Any, user_id: Any) -> bool:
    """Tell whether the log-in in the session is still good under the user's stamp of now.

    A digest under an older key is rewritten. A missing one is written, unless the session was
    signed after ``stamp_required_from``.
    """
    stamp = stamp_of(user)
    if stamp is None:
        return True
    digest = written_for(user_id)
    if digest is None:
        if _is_required(manager, _session_signed_at()):
            return False
    else:
        position = _position_of_key(digest, str(user_id), stamp)
        if position is None:
            return False
        if position == 0:
            return True
    write(user, user_id)
    return True


def cookie_holds(manager: LoginManager, user: Any, token: RememberToken) -> bool:
    """Tell whether a remember cookie is good under the user's stamp of now.

    One of the first format has neither a stamp nor a date, and counts as signed now.
    """
    stamp = stamp_of(user)
    if stamp is None:
        return True
    if token.stamp is None:
        return not _is_required(manager, token.signed_at)
    return _position_of_key(token.stamp, token.user_id, stamp) is not None


def _position_of_key(digest: str, user_id: str, stamp: str) -> int | None:
    """Return which key of the ring has made the digest, 0 for the newest; None for none."""
    claimed = digest.encode(errors="replace")
    for position, key in enumerate(key_ring()):
        if hmac.compare_digest(claimed, _digest(key, user_id, stamp).encode()):
            return position
    return None


def _digest(key: bytes, user_id: str, stamp: str) -> str:
    # The length in front keeps ("1", "2x") and ("12", "x") apart.
    name = user_id.encode()
    message = b"%b:%d:%b:%b" % (_PURPOSE, len(name), name, stamp.encode())
    return urlsafe_b64encode(hmac.digest(key, message, sha256)[:_KEPT]).rstrip(b"=").decode()


def _is_required(manager: LoginManager, signed_at: float) -> bool:
    required_from = manager.stamp_required_from
    return required_from is not None and signed_at >= required_from.timestamp()


def _session_signed_at() -> float:
    """Return when the session cookie of this request was signed, in seconds since the epoch.

    Now, for a session that no dated cookie holds. The session has verified the signature.
    """
    app = this_app()
    interface = app.session_interface
    if isinstance(interface, SecureCookieSessionInterface):
        cookie = current_request().cookies.get(interface.get_cookie_name(app), "")
        try:
            return float(bytes_to_int(base64_decode(cookie.split(".")[-2])))
        except (IndexError, BadData, struct.error):
            pass
    return time.time()
