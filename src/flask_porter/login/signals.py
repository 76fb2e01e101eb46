"""What happens to a log-in, told to whoever listens; the sender is always the app object.

The arguments are those of Flask-Login and stay exactly so: its users compare them for equality.
"""

from __future__ import annotations

import warnings

from blinker import NamedSignal, Namespace

_signals = Namespace()

#: Sent at the end of :func:`login_user`, with ``user``.
user_logged_in = _signals.signal("logged-in")

#: Sent by :func:`logout_user`, with ``user``: who it was. ``current_user`` is still that user.
user_logged_out = _signals.signal("logged-out")

#: Sent when the remember cookie brought the user back, with ``user``.
user_loaded_from_cookie = _signals.signal("loaded-from-cookie")

#: Sent when the request loader named the user, with ``user``.
user_loaded_from_request = _signals.signal("loaded-from-request")

#: Sent by :func:`confirm_login`.
user_login_confirmed = _signals.signal("login-confirmed")

#: Sent when a guard meets somebody who is not logged in.
user_unauthorized = _signals.signal("unauthorized")

#: Sent when a guard meets somebody who is logged in and may not do this, with ``user`` and
#: ``guard``: how it was written.
user_forbidden = _signals.signal("forbidden")

#: Sent when a guard meets a log-in that is not fresh.
user_needs_refresh = _signals.signal("needs-refresh")

#: Sent once a request, before the user is loaded.
user_accessed = _signals.signal("accessed")

#: Sent when session protection makes a log-in stale or ends it.
session_protected = _signals.signal("session-protected")

#: Sent when somebody was not let in, with ``user``, None where nobody was found, and ``reason``:
#: ``"inactive"``, or, of a remember cookie, ``"remember_cookie_invalid"``, ``"user_missing"``,
#: ``"user_mismatch"`` or ``"stamp_changed"``.
login_refused = _signals.signal("login-refused")

#: Sent when the user of a request is found, with ``user`` and ``source``: ``"session"``,
#: ``"remember_cookie"``, ``"request"`` or ``"header"``.
user_loaded = _signals.signal("user-loaded")

#: Sent when a log-in ends, with ``user_id`` as the session had it and ``reason``: ``"logout"``,
#: ``"stamp_changed"``, ``"idle_timeout"``, ``"absolute_timeout"``, ``"client_changed"``,
#: ``"user_missing"``, ``"user_mismatch"`` (the loader found somebody else) or ``"inactive"``.
session_ended = _signals.signal("session-ended")

_user_loaded_from_header = _signals.signal("loaded-from-header")


def __getattr__(name: str) -> NamedSignal:
    if name == "user_loaded_from_header":
        warnings.warn(
            "'user_loaded_from_header' is deprecated: use 'user_loaded_from_request'.",
            DeprecationWarning,
            stacklevel=2,
        )
        return _user_loaded_from_header
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
