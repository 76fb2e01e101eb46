"""Somebody at the lesson application who reads pages and sends their forms."""

from __future__ import annotations

import re

from flask import Flask
from lesson.commands import demo_password
from werkzeug.test import TestResponse

ADA = "ada@example.com"
GRACE = "grace@example.com"

REMEMBER_COOKIE = "remember_token"


class Visitor:
    """A browser without a screen: it keeps cookies and sends a form's CSRF token with it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def read(self, path: str, **headers: str) -> str:
        """Return the page, after any redirects."""
        return self.client.get(path, follow_redirects=True, headers=headers).text

    def send(self, path: str, **fields: str) -> TestResponse:
        """Send the form of this page, with its token."""
        return self.client.post(path, data={"csrf_token": self.token(path), **fields})

    def token(self, path: str) -> str:
        """Return the CSRF token in this page; empty when the page has none."""
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', self.client.get(path).text)
        return found[1] if found else ""

    def register(self, **fields: str) -> TestResponse:
        """Register a new user, `fields` replacing what a willing one would type."""
        typed = {
            "username": "mary",
            "email": "mary@example.com",
            "password": "a long password",
            "repeat": "a long password",
        }
        return self.send("/auth/register", **{**typed, **fields})

    def log_in(self, email: str = ADA, password: str | None = None, **fields: str) -> TestResponse:
        """Log in, as a demo user unless told otherwise."""
        path = fields.pop("path", "/auth/login")
        typed = self.demo_password(email) if password is None else password
        return self.send(path, email=email, password=typed, **fields)

    def log_out(self) -> TestResponse:
        """Press the button in the navigation."""
        return self.client.post("/auth/logout", data={"csrf_token": self.token("/")})

    def forget_session(self) -> None:
        """Restart the browser: the session cookie goes, a remember cookie stays."""
        self.client.delete_cookie("session")

    def demo_password(self, email: str) -> str:
        with self.app.app_context():
            return demo_password(email)
