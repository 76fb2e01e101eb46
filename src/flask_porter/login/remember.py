"""The remember cookie: signed, read, set and cleared, byte for byte as Flask-Login does."""

from __future__ import annotations

import hmac
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from inspect import signature
from typing import TYPE_CHECKING, Any

from flask import current_app, session
from werkzeug.http import dump_cookie

from . import defaults
from .cookie_header import read_cookie
from .current import (
    current_manager,
    current_request,
    current_session,
    request_state,
    session_is_of,
    session_records,
    this_app,
)
from .remember_token import RememberToken, mint, verify
from .secret_keys import Key, _secret_key, key_ring
from .stamps import written_for

if TYPE_CHECKING:
    from flask import Response

_CAN_PARTITION = "partitioned" in signature(dump_cookie).parameters


def encode_cookie(payload: str, key: Key | None = None) -> str:
    """Return ``payload|digest``, signed with ``key`` or the app's ``SECRET_KEY``.

    The digest is HMAC-SHA512 (RFC 2104) of the payload in UTF-8, 128 lower-case hex digits.

    Raises:
        RuntimeError: there is no key.
    """
    return f"{payload}|{_cookie_digest(payload, key=key)}"


def decode_cookie(cookie: str, key: Key | None = None) -> str | None:
    """Return the payload of a cookie that ``key`` has signed, None for any other text.

    Without ``key`` the app's ``SECRET_KEY`` counts, and each of ``SECRET_KEY_FALLBACKS``.

    Raises:
        RuntimeError: there is no key.
    """
    payload, separator, digest = cookie.rpartition("|")
    if not separator:
        return None
    newest = _secret_key(key)
    keys = (newest,) if key is not None else tuple(key_ring())
    try:
        signed, claimed = payload.encode(), digest.encode()
    except UnicodeEncodeError:
        return None
    for candidate in keys:
        expected = hmac.digest(candidate, signed, sha512).hex().encode()
        if hmac.compare_digest(claimed, expected):
            return payload
    return None


def login_remembered() -> bool:
    """Return True when this request carries a valid remember cookie that is not being cleared.

    Where a record stands behind the session, it is the record that answers.
    """
    if (behind := session_records()) is not None:
        return behind.is_remembered()
    cookie = received()
    return cookie is not None and not is_being_cleared() and read(cookie) is not None


def received() -> str | None:
    """Return the remember cookie of this request as it came in, None when there is none."""
    name = this_app().config.get("REMEMBER_COOKIE_NAME", defaults.COOKIE_NAME)
    return read_cookie(current_request(), name)


def read(cookie: str) -> RememberToken | None:
    """Return what a cookie of either format says, if it is valid and its format accepted.

    An app without a key can read none. The first format names a user and nothing else: its age
    counts as zero and its end as never.
    """
    if not this_app().secret_key:
        return None
    if (token := verify(cookie)) is not None:
        return None if _is_over(token) else token
    if not _accepts_first_format():
        return None
    user_id = decode_cookie(cookie)
    if user_id is None:
        return None
    return RememberToken(user_id, None, time.time(), None, is_outdated=False)


def writes_second_format(user_id: object) -> bool:
    """Tell whether the cookie of this session's user is written in the second format.

    As ``remember_format`` says; left open, the first format stays where it can: it has no room
    for the stamp of a user.
    """
    manager = current_manager()
    if manager.remember_format is not None:
        return manager.remember_format == "signed"
    return manager.hardened or written_for(user_id) is not None


def _accepts_first_format() -> bool:
    manager = current_manager()
    until = manager.legacy_remember_until
    if until is not None:
        return time.time() < until.timestamp()
    return not manager.hardened or manager.remember_format == "legacy"


def _is_over(token: RememberToken) -> bool:
    """Tell whether the server's own clock ends the token, whatever the browser was told."""
    now = time.time()
    if token.expires_at is not None and now >= token.expires_at:
        return True
    limit = defaults.HARDENED_COOKIE_DURATION.total_seconds()
    return current_manager().hardened and now - token.signed_at >= limit


def is_being_cleared() -> bool:
    """Tell whether this request has already ordered the cookie's end."""
    return request_state().remember_cleared or current_session().get("_remember") == "clear"


def set_cookie(response: Response) -> None:
    """Give the browser a remember cookie for the user of the session.

    Raises:
        TypeError: ``REMEMBER_COOKIE_DURATION`` is neither a timedelta nor whole seconds.
        ValueError: it reaches beyond the year 9999.
        RuntimeError: Werkzeug is too old for ``REMEMBER_COOKIE_PARTITIONED``.
    """
    config = current_app.config
    user_id = str(session["_user_id"])
    expires = _expiry()
    if writes_second_format(user_id):
        value = mint(user_id, written_for(user_id), expires)
    else:
        value = encode_cookie(user_id)
    attributes: dict[str, Any] = _scope() | {
        "secure": config.get("REMEMBER_COOKIE_SECURE", defaults.COOKIE_SECURE),
        "httponly": config.get("REMEMBER_COOKIE_HTTPONLY", defaults.COOKIE_HTTPONLY),
        "samesite": config.get("REMEMBER_COOKIE_SAMESITE", defaults.COOKIE_SAMESITE),
    }
    if config.get("REMEMBER_COOKIE_PARTITIONED", defaults.COOKIE_PARTITIONED):
        if not _CAN_PARTITION:
            raise RuntimeError(
                "REMEMBER_COOKIE_PARTITIONED needs Werkzeug 3.1 or newer: upgrade Werkzeug or"
                " remove the key."
            )
        attributes["partitioned"] = True
    response.set_cookie(_name(), value=value, expires=expires, **attributes)


def clear_cookie(response: Response) -> None:
    """Have the browser drop the remember cookie.

    A browser ignores the removal of a Secure or Partitioned cookie by one that is not (RFC 6265bis
    section 5.7), so the attributes are those it was set with. The ones that stand at their default
    are left out: response classes that override ``delete_cookie`` may not know them.
    """
    config = current_app.config
    attributes = _scope()
    for attribute in ("secure", "samesite", "partitioned"):
        if value := config.get(f"REMEMBER_COOKIE_{attribute.upper()}"):
            attributes[attribute] = value
            attributes["httponly"] = config.get(
                "REMEMBER_COOKIE_HTTPONLY", defaults.COOKIE_HTTPONLY
            )
    response.delete_cookie(_name(), **attributes)


def is_for_this_session(cookie: str) -> bool:
    """Tell whether the cookie names the user of the session, and so may be renewed."""
    token = read(cookie)
    return token is not None and session_is_of(token.user_id)


def _name() -> str:
    return str(current_app.config.get("REMEMBER_COOKIE_NAME", defaults.COOKIE_NAME))


def _scope() -> dict[str, Any]:
    config = current_app.config
    return {
        "domain": config.get("REMEMBER_COOKIE_DOMAIN"),
        "path": config.get("REMEMBER_COOKIE_PATH", "/"),
    }


def _expiry() -> datetime:
    """Return when a cookie set now ends; hardened, after 30 days at the latest."""
    now = datetime.now(UTC)
    expires = _wanted_expiry(now)
    if current_manager().hardened:
        return min(expires, now + defaults.HARDENED_COOKIE_DURATION)
    return expires


def _wanted_expiry(now: datetime) -> datetime:
    # What is no duration was not put into the session by us, and counts for nothing.
    with suppress(TypeError, ValueError, OverflowError):
        seconds: Any = request_state().remember_seconds
        if seconds is None:
            seconds = session.get("_remember_seconds")
        return now + timedelta(seconds=seconds)
    duration: Any = current_app.config.get("REMEMBER_COOKIE_DURATION", defaults.COOKIE_DURATION)
    if isinstance(duration, int):
        duration = timedelta(seconds=duration)
    example = "Write for example REMEMBER_COOKIE_DURATION = timedelta(days=30)."
    try:
        return now + duration  # type: ignore[no-any-return]
    except TypeError:
        raise TypeError(
            f"REMEMBER_COOKIE_DURATION must be a datetime.timedelta, instead got: {duration}."
            f" {example}"
        ) from None
    except OverflowError:
        raise ValueError(
            f"REMEMBER_COOKIE_DURATION reaches beyond the year 9999: {duration}. {example}"
        ) from None


def _cookie_digest(payload: str, key: Key | None = None) -> str:
    return hmac.digest(_secret_key(key), payload.encode(), sha512).hex()
