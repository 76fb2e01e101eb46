"""The app's secret keys as bytes: ``SECRET_KEY``, which signs, and the older ones that verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .current import this_app

if TYPE_CHECKING:
    from collections.abc import Iterator

Key = str | bytes


def key_ring() -> Iterator[bytes]:
    """Yield the app's keys, the one that signs first; none for an app without a key."""
    if not this_app().config["SECRET_KEY"]:
        return
    yield _secret_key()
    for key in this_app().config.get("SECRET_KEY_FALLBACKS") or ():
        # Empty where the environment names no older key; what that signs, anybody can sign.
        if key:
            yield _secret_key(key)


def _secret_key(key: Key | None = None) -> bytes:
    """Return ``key``, or the app's ``SECRET_KEY``, as bytes.

    Text is taken as latin-1, as Flask-Login does, and as UTF-8 when latin-1 cannot hold it.

    Raises:
        RuntimeError: there is no key.
    """
    if key is None:
        key = this_app().config["SECRET_KEY"]
    if not key:
        raise RuntimeError(
            "The remember cookie is signed, and there is no key to sign it with: set"
            " app.config['SECRET_KEY'], for example to the output of"
            " python -c 'import secrets; print(secrets.token_hex())'."
        )
    if isinstance(key, bytes):
        return key
    try:
        return key.encode("latin-1")
    except UnicodeEncodeError:
        return key.encode()
