"""Remembers why a log-in has just ended, to tell the person in words."""

from __future__ import annotations

from flask import Flask, g

from flask_porter import session_ended

MESSAGES = {
    "idle_timeout": "You were away for a while, so your log-in ended. Please log in again.",
    "absolute_timeout": "Your log-in has lasted as long as one may. Please log in again.",
    "stamp_changed": "You were logged out from another browser, perhaps by a new password."
    " Please log in again.",
    "user_missing": "This account is closed.",
    "inactive": "This account is closed.",
    "client_changed": "Your browser has changed since you logged in. Please log in again.",
}


def init_app(app: Flask) -> None:
    session_ended.connect(note, app)


def note(_app: Flask, reason: str, **_user: object) -> None:
    """Keep the reason for the rest of this request."""
    g.why_log_in_ended = reason


def reason() -> str:
    """Return why the log-in of this request ended; empty when none did."""
    why = g.get("why_log_in_ended", "")
    return why if why in MESSAGES else ""
