"""People in every state of an account, and the work that an answer to a stranger takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from flask_porter.authenticators.passwords import Verdict
from tests.account_site import PASSWORD, Site

#: Accounts, by what is the matter with them. All addresses are of one length.
STATES: dict[str, dict[str, Any]] = {
    "plain": {},
    "unver": {"is_verified": False},
    "disab": {"disabled_at": True},
    "nopwd": {"password_hash": None},
    "pwoff": {"password_disabled_at": True},
    "forgn": {"password_hash": generate_password_hash(PASSWORD, "pbkdf2:sha256:10")},
}


class CountedHasher:
    """Counts what the real one is asked."""

    def __init__(self, site: Site) -> None:
        self._real = site.accounts.hasher
        self.asked: list[str] = []

    def hash(self, password: str) -> str:
        """Hash, and count it."""
        self.asked.append("hash")
        return self._real.hash(password)

    def verify(self, password: str, stored: str | None) -> Verdict:
        """Verify, and count it."""
        self.asked.append("verify")
        return self._real.verify(password, stored)


def address(state: str) -> str:
    return f"{state}@example.org"


UNKNOWN = address("nobod")


def with_people(site: Site) -> Site:
    """Return `site` with somebody in every state."""
    for state, values in STATES.items():
        is_verified = values.get("is_verified", True)
        user = site.register(address(state), is_verified=is_verified)
        changes = {
            name: site.clock() if value is True else value
            for name, value in values.items()
            if name != "is_verified"
        }
        site.change(user, **changes)
    return site


def seen_by_stranger(answer: TestResponse, typed: str) -> tuple[Any, ...]:
    """Return all that a stranger can tell an answer by, without what differs each time anyhow."""
    masks = {typed: "TYPED", typed.replace("@", "%40"): "TYPED"}
    cookies = [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")]
    headers = [
        (name, _masked(value, masks)) for name, value in answer.headers if name != "Set-Cookie"
    ]
    return answer.status_code, headers, cookies, _masked(answer.text, masks)


def _masked(text: str, masks: dict[str, str]) -> str:
    for secret, mask in masks.items():
        text = text.replace(secret, mask)
    return re.sub(r"(nonce[-=]\"?)[A-Za-z0-9+/=]+", r"\1", text)


@contextmanager
def work_of(site: Site) -> Iterator[tuple[list[str], list[str]]]:
    """Yield what the hasher is asked meanwhile, and the SQL that is spoken."""
    hasher = CountedHasher(site)
    rooms = site.app.extensions["porter"]
    site.app.extensions["porter"] = replace(rooms, accounts=replace(rooms.accounts, hasher=hasher))
    try:
        with site.statements() as spoken:
            yield hasher.asked, spoken
    finally:
        site.app.extensions["porter"] = rooms
