"""The browser that meets old and new nodes mixed, and what it must find."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.test import Client, TestResponse

from tests.parity.rolling_nodes import Site, mended_kit, node, node_on

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "www.shop.test"
AGENTS = ("Firefox", "Chrome", None)
ADDRESSES = ("198.51.100.7", "198.51.100.8")
FORWARDED = ("203.0.113.5", "203.0.113.9")
REQUESTS = {
    "login": ("POST", "/shop/login"),
    "remember": ("POST", "/shop/login?remember"),
    "remember_week": ("POST", "/shop/login?remember&week"),
    "other": ("POST", "/shop/login?other"),
    "other_remember": ("POST", "/shop/login?other&remember"),
    "logout": ("POST", "/shop/logout"),
    "confirm": ("POST", "/shop/confirm"),
    "read": ("GET", "/shop/read"),
    "outage": ("GET", "/shop/read?outage"),
    "plain": ("GET", "/shop/plain"),
    "cart": ("POST", "/shop/cart"),
    "members": ("GET", "/shop/members"),
    "vault": ("GET", "/shop/vault"),
}
CLIENT_SIDE = frozenset({"restart", "agent", "address", "forwarded", "junk"})
ACTIONS = frozenset(REQUESTS) | CLIENT_SIDE

Shown = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One thing the person does, and the node that gets the request when it makes one."""

    action: str
    node: str


class Browser:
    """One cookie jar whose requests go to whichever node each step names."""

    def __init__(self, nodes: Mapping[str, Flask], site: Site) -> None:
        self._nodes = nodes
        self._site = site
        self._client = Client(self._dispatch)
        self._agent = self._address = self._forwarded = 0
        self.forged_address: str | None = None
        self.response: TestResponse | None = None
        first = next(iter(nodes.values()))
        self._session_name = first.config["SESSION_COOKIE_NAME"]
        self._remember_name = site.config.get("REMEMBER_COOKIE_NAME", "remember_token")
        self._domain = site.config.get("REMEMBER_COOKIE_DOMAIN") or HOST
        self._path = site.config.get("REMEMBER_COOKIE_PATH", "/")

    def take(self, step: Step) -> Shown | None:
        """Take one step; return what the site and the jar show, None when nothing was asked."""
        if step.action in CLIENT_SIDE:
            self._change(step.action)
            return None
        method, url = REQUESTS[step.action]
        environ: dict[str, Any] = {"shop.node": step.node}
        # A proxy pool: whoever is behind it reaches us from a new address each time.
        self._address ^= self._site.proxied
        self.response = response = self._client.open(
            url, method=method, base_url=f"http://{HOST}", environ_overrides=environ
        )
        shown: dict[str, Any] = {"status": response.status_code, **self.jar()}
        if response.status_code == 200:
            shown |= json.loads(response.text)
        return shown

    def jar(self) -> dict[str, Any]:
        """Return whether the jar holds a remember cookie, and for how many days."""
        cookie = self._client.get_cookie(self._remember_name, self._domain, self._path)
        if cookie is None or cookie.value == "junk":
            return {"kept_for": None}
        assert cookie.expires is not None
        left = cookie.expires - datetime.now(UTC)
        return {"kept_for": round(left / timedelta(days=1))}

    def cookie(self, name: str) -> str | None:
        found = self._client.get_cookie(name, self._domain, self._path)
        return None if found is None else found.value

    def _change(self, action: str) -> None:
        if action == "restart":
            self._client.delete_cookie(self._session_name, domain=HOST)
        elif action == "junk":
            self._client.set_cookie(
                self._remember_name,
                "junk",
                domain=self._domain,
                path=self._path,
                origin_only=self._domain == HOST,
            )
        elif action == "agent":
            self._agent = (self._agent + 1) % len(AGENTS)
        elif action == "address":
            self._address ^= 1
        else:
            self._forwarded ^= 1

    def _dispatch(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = ADDRESSES[self._address]
        if (agent := AGENTS[self._agent]) is not None:
            environ["HTTP_USER_AGENT"] = agent
        if self._site.proxied:
            environ["HTTP_X_FORWARDED_FOR"] = f"{FORWARDED[self._forwarded]}, 10.0.0.1"
        if self.forged_address is not None:
            environ["HTTP_X_FORWARDED_FOR"] = self.forged_address
        return self._nodes[environ["shop.node"]](environ, start)


def play(nodes: Mapping[str, Flask], site: Site, steps: Sequence[Step]) -> list[Shown | None]:
    """Return what each step showed, played from an empty cookie jar."""
    browser = Browser(nodes, site)
    return [browser.take(step) for step in steps]


def spread(actions: Sequence[str]) -> Iterator[list[Step]]:
    """Yield the journey once for every way to spread its requests over old and new nodes."""
    choices = [["old"] if action in CLIENT_SIDE else ["old", "new"] for action in actions]
    for nodes in product(*choices):
        yield [Step(action, name) for action, name in zip(actions, nodes, strict=True)]


class Nodes:
    """The three ways to run the site: both libraries, 0.6.3 alone, and 0.6.3 with its mend."""

    def __init__(self, site: Site, new: Flask | None = None) -> None:
        self._site = site
        old = node("flask_login", site)
        mended = node_on(mended_kit(), site)
        self._mixed = {"old": old, "new": new or node("flask_porter", site)}
        self._mended = {"old": old, "new": mended}
        self._old_alone = {"old": old, "new": old}
        self._before: dict[tuple[str, ...], list[Shown | None]] = {}

    def check(self, steps: Sequence[Step]) -> None:
        """Assert that the mixture does what 0.6.3 does, mended on the new nodes, and never less."""
        shown = play(self._mixed, self._site, steps)
        assert shown == play(self._mended, self._site, steps), steps
        if not forgets_another_account(steps):
            self.check_nobody_is_worse_off(steps, shown)

    def check_nobody_is_worse_off(
        self, steps: Sequence[Step], shown: Sequence[Shown | None] | None = None
    ) -> None:
        """Assert that whoever 0.6.3 alone lets in, knows or finds fresh still is."""
        if shown is None:
            shown = play(self._mixed, self._site, steps)
        for step, here, before in zip(steps, shown, self._played_before(steps), strict=True):
            if here is not None and before is not None:
                assert nobody_is_worse_off(here, before), (steps, step, here, before)

    def _played_before(self, steps: Sequence[Step]) -> list[Shown | None]:
        actions = tuple(step.action for step in steps)
        if actions not in self._before:
            self._before[actions] = play(self._old_alone, self._site, steps)
        return self._before[actions]


def forgets_another_account(steps: Sequence[Step]) -> bool:
    """Tell whether a log-in ends what is remembered of another account, as the mends have it.

    Flask-Login brings that account back later: nobody who walks that way is better off there.
    """
    remembered = None
    for action in (step.action for step in steps):
        if action in {"remember", "remember_week"}:
            remembered = "login"
        elif action == "other_remember":
            remembered = "other"
        elif action in {"login", "other"} and remembered not in {None, action}:
            return True
    return False


def nobody_is_worse_off(here: Shown, before: Shown) -> bool:
    """Tell whether whoever was let in, known or fresh on old nodes alone still is."""
    if before["status"] == 200 and here["status"] != 200:
        return False
    if before.get("logged_in") and here["user"] != before["user"]:
        return False
    return not (before.get("fresh") and not here["fresh"])
