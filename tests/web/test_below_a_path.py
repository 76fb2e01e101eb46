"""An app that is mounted below a path: no redirect, link, API answer or mail leaves that path."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from flask_porter import fresh_login_required, login_required
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site

HERE = "/sub"
BROWSER = {"HTTP_SEC_FETCH_SITE": "same-origin", "REMOTE_ADDR": "127.0.0.1"}
OWN: dict[str, Any] = {
    "PORTER_AFTER_LOGIN": "/home",
    "PORTER_AFTER_LOGOUT": "/bye",
    "PORTER_LOGO_URL": "/logo.svg",
}


class Browser:
    """Asks for pages below the path, follows redirects, and looks at every link on its way."""

    def __init__(self, site: Site) -> None:
        self.site = site
        mounted = DispatcherMiddleware(Flask("outside"), {HERE: site.app})
        self._client = Client(mounted, Response)
        self.seen: set[str] = set()

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request, follow its redirects, and return the last answer."""
        answer = self._client.open(path, method=method, environ_overrides=BROWSER, **options)
        while answer.location:
            self._note(answer.location)
            # Only a kept form is sent on as it was (RFC 9110 section 15.4.8).
            again = options if answer.status_code == 307 else {}
            method = method if again else "GET"
            answer = self._client.open(
                answer.location, method=method, environ_overrides=BROWSER, **again
            )
        assert answer.status_code < 400, (path, answer.status, answer.text)
        self._look(answer)
        return answer

    def get(self, path: str) -> TestResponse:
        """Follow a link."""
        return self.send("GET", path)

    def press(self, page: TestResponse, action: str = "", **fields: str) -> TestResponse:
        """Send the form of a page, with its hidden fields."""
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        data = {name: unescape(value) for name, value in hidden} | fields
        assert page.request is not None
        return self.send("POST", action or urlsplit(page.request.url).path, data=data)

    def follow_all(self) -> None:
        """Ask for all that was linked to."""
        for path in sorted(self.seen):
            with self._client.get(path, environ_overrides=BROWSER) as answer:
                assert answer.status_code != 404, path

    def _look(self, page: TestResponse) -> None:
        if page.mimetype == "text/html":
            for url in re.findall(r'(?:href|src|action)="([^"]*)"', page.text):
                self._note(unescape(url))
        elif "json" in (page.mimetype or ""):
            for url in re.findall(r'"(?:href|url|login_url)": ?"([^"]*)"', page.text):
                self._note(url)

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme == "data" or url.startswith("#"):
            return
        assert parts.netloc in {"", "localhost"}, url
        assert parts.path.startswith(f"{HERE}/"), url
        self.seen.add(parts.path)


@pytest.fixture(params=["in production", "in development"])
def browser(request: pytest.FixtureRequest, tmp_path: Path) -> Browser:
    """The site knows its path by a setting, or by how it is asked, as in development."""
    if request.param == "in production":
        site = make_site(tmp_path, APPLICATION_ROOT=HERE, **OWN)
    else:
        site = make_site(tmp_path, PORTER_BASE_URL=None, **OWN)
    for name in ("home", "bye", "logo.svg"):
        site.app.add_url_rule(f"/{name}", name, _here)
    site.app.add_url_rule("/secret", "secret", login_required(_secret))
    view = fresh_login_required(_order)
    site.app.add_url_rule("/order", "order", view, methods=["GET", "POST"])
    return Browser(site)


def _here() -> str:
    return "here"


def _secret() -> str:
    return "secret"


def _order() -> str:
    return request.form.get("what", "nothing")


def mailed(browser: Browser) -> str:
    """Return the path of the link in the last mail."""
    link = browser.site.last_mail().link
    assert link is not None
    assert link.startswith(f"http://localhost{HERE}/account/")
    return link.removeprefix("http://localhost")


def test_a_whole_life_below_a_path(browser: Browser) -> None:
    page = browser.get(f"{HERE}/secret")
    assert "<h1>Log in</h1>" in page.text
    register(browser)
    page = browser.press(browser.get(f"{HERE}/account/login"), identifier=ADA, password=PASSWORD)
    assert page.text == "here"
    look_around(browser)
    reauthenticate(browser)
    page = browser.get(f"{HERE}/account/logout")
    assert browser.press(page, f"{HERE}/account/logout").text == "here"
    reset(browser)
    page = browser.get(f"{HERE}/account/login?next={HERE}/secret")
    given = {"identifier": ADA, "password": NEW_PASSWORD}
    assert browser.press(page, **given).text == "secret"
    close(browser)
    browser.follow_all()
    assert {f"{HERE}/home", f"{HERE}/bye", f"{HERE}/logo.svg"} < browser.seen


def register(browser: Browser) -> None:
    page = browser.get(f"{HERE}/account/register")
    assert "Check your mail" in browser.press(page, email=ADA, password=PASSWORD).text
    page = browser.press(browser.get(mailed(browser)))
    assert "You can log in now" in page.text


def reset(browser: Browser) -> None:
    page = browser.get(f"{HERE}/account/reset-password")
    assert "Check your mail" in browser.press(page, identifier=ADA).text
    page = browser.get(mailed(browser))
    page = browser.press(page, f"{HERE}/account/reset-password/new", new_password=NEW_PASSWORD)
    assert "You have a new password" in page.text
    # Its last link: what a security notice leads to.
    notice = browser.site.last_mail(kind="password_reset_done").not_me_link
    assert notice is not None
    browser.get(notice.removeprefix("http://localhost"))


def look_around(browser: Browser) -> None:
    for name in ("", "devices", "activity", "change-password", "change-email", "close-account"):
        browser.get(f"{HERE}/account/{name}")
    browser.send("POST", f"{HERE}/account/devices/end-others")
    for name in ("", "openapi.json", "session"):
        browser.get(f"{HERE}/account/api/{name}")
    answer = Client(browser.site.app, Response).get(
        "/account/api/session", environ_overrides={"SCRIPT_NAME": HERE}
    )
    assert answer.status_code == 401
    assert re.findall(r'"href":"([^"]*)"', answer.text)[0].startswith(f"{HERE}/account/api/")


def reauthenticate(browser: Browser) -> None:
    browser.site.clock.advance(minutes=11)
    asked = browser.send("POST", f"{HERE}/order", data={"what": "plums"})
    assert "Is it still you?" in asked.text
    page = browser.press(asked, password=PASSWORD)
    assert "plums" in page.text
    assert browser.press(page).text == "plums"


def close(browser: Browser) -> None:
    page = browser.get(f"{HERE}/account/close-account")
    page = browser.press(page, password=NEW_PASSWORD)
    assert "Your account is closed" in page.text
