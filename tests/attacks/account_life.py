"""A whole life in one account, by its pages and its API, and all that went by on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_porter.flows import roles
from flask_porter.flows import users as operators
from flask_porter.flows.caller import Caller
from flask_porter.login.records import TOKEN
from flask_porter.web.request import BROWSER
from tests.account_site import Site, make_site, token_of

EMAIL, NEW_EMAIL = "canary@example.org", "canary.new@example.org"
#: What is typed; no page, log or table may show one of them.
WRONG, FIRST, SECOND, THIRD = (
    f"canary {word} password of several words" for word in ("wrong", "first", "second", "third")
)
HTTPS: dict[str, Any] = {"base_url": "https://larder.test"}


def production_site(folder: Path, **settings: Any) -> Site:
    """Return a site in production, which is asked by HTTPS alone."""
    strict = {"TESTING": False, "PORTER_MODE": "production", "PORTER_BASE_URL": HTTPS["base_url"]}
    return make_site(folder, **{**strict, **settings})


@dataclass
class Life:
    """Somebody at a site: what they sent, were given, and must keep to themselves."""

    site: Site
    options: dict[str, Any] = field(default_factory=dict)
    answers: list[TestResponse] = field(default_factory=list)
    #: What was typed, mailed or kept by the browser, and opens something.
    secrets: set[str] = field(default_factory=lambda: {WRONG, FIRST, SECOND, THIRD})
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.site.client()

    def get(self, path: str) -> TestResponse:
        """Ask for a page."""
        return self._noted(self.client.get(path, buffered=True, **self.options))

    def post(self, path: str, expected: int, /, **given: str) -> TestResponse:
        """Send a form, or JSON to the API."""
        body: dict[str, Any] = {"json": given} if "/api/" in path else {"data": given}
        answer = self._noted(self.client.post(path, **body, **self.options))
        assert answer.status_code == expected, (path, answer.status_code, answer.text)
        return answer

    def log_in(self, email: str, password: str) -> None:
        """Log in by the page, remembered."""
        self.post("/account/login", 303, identifier=email, password=password, remember="true")

    def look_around(self) -> None:
        """Ask for every page and answer that has no parameter."""
        for rule in self.site.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and not rule.arguments:
                self.get(rule.rule)

    def _noted(self, answer: TestResponse) -> TestResponse:
        self.answers.append(answer)
        self.secrets |= set(self._held())
        return answer

    def _held(self) -> Iterator[str]:
        """Yield what the browser keeps and has to keep for itself."""
        with self.client.session_transaction(**self.options) as held:
            if TOKEN in held:
                yield held[TOKEN].split(".")[1]
            if BROWSER in held:
                yield held[BROWSER][0]
        for name in ("porter_device", "__Host-porter_device"):
            cookie = self.client.get_cookie(name, domain=self._host)
            if cookie is not None:
                yield cookie.value

    @property
    def _host(self) -> str:
        return "larder.test" if self.options else "localhost"

    def mails(self) -> None:
        """Deliver what waits, and note what opens something in it."""
        for mail in self.site.mails:
            links = [link for link in (mail.link, mail.not_me_link) if link is not None]
            self.secrets |= {token_of(link) for link in links} | ({mail.code} - {None})  # type: ignore[operator]


def live(life: Life) -> None:
    """Register, verify, log in, change all there is to change, and close the account."""
    site = life.site
    life.post("/account/register", 303, email=EMAIL, password=FIRST)
    life.mails()
    life.post("/account/verify-email", 200, code=site.last_code(EMAIL))
    life.post("/account/login", 401, identifier=EMAIL, password=WRONG)
    life.post("/account/api/login", 401, identifier=EMAIL, password=WRONG)
    life.log_in(EMAIL, FIRST)
    life.look_around()
    life.post("/account/reauthenticate", 401, password=WRONG)
    life.post("/account/reauthenticate", 303, password=FIRST)
    _change(life)
    _recover(life)
    _be_looked_after(site)
    _leave(life)


def _change(life: Life) -> None:
    site = life.site
    life.post("/account/change-password", 401, password=WRONG, new_password=SECOND)
    life.post("/account/change-password", 200, password=FIRST, new_password=SECOND)
    life.post("/account/change-email", 303, email=NEW_EMAIL)
    life.mails()
    life.get(site.last_link(NEW_EMAIL, "change_email"))
    life.post("/account/change-email/confirm", 200)
    life.post("/account/devices/end-others", 303)
    life.post("/account/download-data", 200)
    life.post("/account/logout", 303)
    life.mails()


def _recover(life: Life) -> None:
    site = life.site
    life.post("/account/reset-password", 303, identifier=NEW_EMAIL)
    life.mails()
    life.post("/account/reset-password", 401, code="00000000")
    life.get(site.last_link(NEW_EMAIL, "reset_password"))
    life.post("/account/reset-password/new", 200, new_password=THIRD)
    answer = life.post("/account/api/login/bearer", 200, identifier=NEW_EMAIL, password=THIRD)
    life.secrets.add(str((answer.json or {})["session_token"]).split(".")[1])
    life.log_in(NEW_EMAIL, THIRD)
    life.mails()


def _be_looked_after(site: Site) -> None:
    operator = Caller("cli")
    site.run(roles.set_permissions, operator, role="editor", permissions=("edit",))
    for flow in (roles.grant, roles.revoke):
        site.run(flow, operator, user=NEW_EMAIL, role="editor")
    for about in (operators.send_reset, operators.disable, operators.enable):
        site.run(about, operator, user=NEW_EMAIL)


def _leave(life: Life) -> None:
    life.mails()
    life.log_in(NEW_EMAIL, THIRD)
    life.post("/account/api/logout", 204)
    life.post("/account/api/reset-password", 202, identifier=NEW_EMAIL)
    life.log_in(NEW_EMAIL, THIRD)
    life.post("/account/logout-everywhere", 303)
    life.log_in(NEW_EMAIL, THIRD)
    life.post("/account/close-account", 401, password=WRONG)
    life.post("/account/close-account", 200, password=THIRD)
    life.mails()
