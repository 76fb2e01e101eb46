"""An app with a log-in page that redirects, at every kind of address that apps live at."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from tests.attacks.whatwg import Judge

Policy = Callable[[Any], str | None]


@dataclass(frozen=True)
class Attack:
    """One string of the catalogue, with where a browser goes that is sent there unchecked."""

    id: str
    kind: str
    value: str
    from_http: str
    from_https: str
    expected: str

    @property
    def must_be_refused(self) -> bool:
        return self.expected == "fallback"

    @property
    def must_be_accepted(self) -> bool:
        return self.expected.startswith("accept")


def _catalogue() -> Iterator[Attack]:
    path = Path(__file__).with_name("redirect_strings.json")
    for entry in json.loads(path.read_text("utf-8")):
        yield Attack(kind=entry.pop("class"), **entry)


ATTACKS = list(_catalogue())


def make_app(policy: Policy, *, subdomain: str = "") -> Flask:
    """Return an app whose log-in page goes where `policy` says, or to the index."""
    app = Flask("redirecting", subdomain_matching=bool(subdomain))
    app.url_map.default_subdomain = subdomain
    app.secret_key = "redirecting"

    @app.get("/")
    def index() -> str:
        return ""

    def send_on(target: object) -> ResponseReturnValue:
        return redirect(policy(target) or url_for("index"))

    # Adds a slash where one is missing, and merges what stands double.
    @app.get("/<path:anything>/")
    def page(anything: str) -> str:
        return ""

    @app.get("/login")
    def login() -> ResponseReturnValue:
        return send_on(request.args.get("next"))

    @app.post("/login")
    def login_by_form() -> ResponseReturnValue:
        return send_on(request.form.get("next"))

    @app.post("/login.json")
    def login_by_json() -> ResponseReturnValue:
        return send_on(request.get_json().get("next"))

    @app.get("/start")
    def start() -> str:
        session["next"] = request.args["next"]
        return ""

    @app.get("/finish")
    def finish() -> ResponseReturnValue:
        return send_on(session.pop("next", None))

    return app


@dataclass(frozen=True)
class Site:
    """An app at an address: what a browser sees of it, and how a request gets there."""

    address: str
    app: Callable[..., Any]
    headers: tuple[tuple[str, str], ...] = ()
    inner_address: str | None = None
    inner_prefix: str = ""

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        client = Client(self.app, Response)
        return self.send_by(client, method, path, **options)

    def send_by(self, client: Client, method: str, path: str, **options: Any) -> TestResponse:
        base_url = self.inner_address or self.address
        options.setdefault("headers", list(self.headers))
        return client.open(self.inner_prefix + path, base_url, method=method, **options)

    @property
    def prefix(self) -> str:
        """The part of each path that is not the app's own."""
        return urlsplit(self.address).path

    def follow(self, pathname: str) -> str | None:
        """Return where the app sends on a browser that asks for `pathname`, which is encoded."""
        if not pathname.startswith(f"{self.prefix}/"):
            return None
        below = unquote(pathname.removeprefix(self.prefix), "latin-1")
        asked = {"PATH_INFO": self.inner_prefix + below}
        return self.send("GET", "/", environ_overrides=asked).headers.get("Location")

    def answers(self, target: str) -> Iterator[TestResponse]:
        """Yield the answer to `target` for each way by which a browser can bring it."""
        yield self.send("GET", "/login", query_string={"next": target})
        yield self.send("POST", "/login", data={"next": target})
        yield self.send("POST", "/login.json", json={"next": target})
        client = Client(self.app, Response)
        self.send_by(client, "GET", "/start", query_string={"next": target})
        yield self.send_by(client, "GET", "/finish")


def _mounted(policy: Policy) -> Site:
    app = make_app(policy)
    app.config["APPLICATION_ROOT"] = "/app"
    mounted = DispatcherMiddleware(Flask("outside"), {"/app": app})
    return Site("https://app.test/app", mounted, (), "https://app.test", "/app")


def _on_subdomain(policy: Policy) -> Flask:
    app = make_app(policy, subdomain="sub")
    app.config["SERVER_NAME"] = "app.test"
    return app


def _behind_proxy(policy: Policy, prefix: str = "", **trusted: int) -> Site:
    fixed = ProxyFix(make_app(policy), x_for=1, x_proto=1, x_host=1, **trusted)
    headers = [("X-Forwarded-Host", "app.test"), ("X-Forwarded-Proto", "https")]
    if prefix:
        headers.append(("X-Forwarded-Prefix", prefix))
    return Site(f"https://app.test{prefix}", fixed, tuple(headers), "http://127.0.0.1:8000")


def sites(policy: Policy) -> dict[str, Site]:
    """Return the same app at each kind of address."""
    return {
        "http": Site("http://app.test", make_app(policy)),
        "https": Site("https://app.test", make_app(policy)),
        "http port": Site("http://app.test:8080", make_app(policy)),
        "https port": Site("https://app.test:8443", make_app(policy)),
        "prefix": Site("https://app.test/app", make_app(policy)),
        "application root": _mounted(policy),
        "proxy": _behind_proxy(policy),
        "proxy with prefix": _behind_proxy(policy, "/app", x_prefix=1),
        "subdomain": Site("https://sub.app.test", _on_subdomain(policy)),
        "ipv6": Site("http://[::1]:5000", make_app(policy)),
        "international": Site("https://xn--bcher-kva.test", make_app(policy)),
    }


@dataclass(frozen=True)
class Fault:
    """A target and what went wrong when a site was asked to redirect to it."""

    target: str
    why: str


def faults(site: Site, targets: Iterable[str], judge: Judge) -> list[Fault]:
    """Return what is wrong with the redirects of `site`: errors, raw bytes, the site left."""
    page = f"{site.address}/login"
    return [
        Fault(target, why)
        for target in targets
        for answer in site.answers(target)
        if (why := _fault(answer, page, judge))
    ]


def _fault(answer: TestResponse, page: str, judge: Judge) -> str | None:
    location = answer.headers.get("Location", "")
    home, place = judge.places(["/", location], page)
    if answer.status_code not in (302, 303):
        return f"status {answer.status_code}"
    if not location.isascii() or not location.isprintable():
        return f"raw bytes in {location!r}"
    if home is None or place is None or place.origin != home.origin or place.userinfo:
        return f"leaves by {location!r}"
    return None
