"""Attacks HC05 and HC11 in Chromium: nothing typed or kept becomes a script, nor a page a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from playwright.sync_api import BrowserContext, Dialog, Page
from pydantic import Field
from sqlalchemy.orm import Mapped, mapped_column

from flask_porter import Porter, fresh_login_required
from flask_porter.flows.deliver_mail import deliver
from flask_porter.flows.inputs import Line
from flask_porter.flows.register import RegisterWithUsername
from flask_porter.models.users import AccountMixin
from tests.account_site import PASSWORD, SETTINGS, Clock, Site, make_site
from tests.authenticators.quick import quick_hasher
from tests.services.page_errors import PageErrors

pytestmark = pytest.mark.browser

#: What is a script somewhere: in text, in an attribute, in a URL, in a template, in other letters.
PAYLOADS = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    "<svg/onload=alert(3)>",
    "</title></textarea></style></script></iframe></noscript><script>alert(4)</script>",
    "' autofocus onfocus=alert(5) x='",
    '" autofocus onfocus=alert(6) x="',
    "javascript:alert(7)",
    "{{alert(8)}}{{7*191}}{% print 7*191 %}${7*191}",
    '<iframe srcdoc="<script>parent.alert(9)</script>"></iframe>',
    "<math><mtext><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(10)&gt;'>",
    "\\u003cscript\\u003ealert(11)\\u003c/script\\u003e\u2028\uff1cscript\uff1e",
    "&lt;b onclick=alert(12)&gt;<a href='jav&#x09;ascript:alert(13)' id=x>x</a>",
    "<base href=//evil.test><meta http-equiv=refresh content=0;//evil.test>",
]
XSS = "".join(PAYLOADS)

#: What a page may not have after it is parsed, whether or not a policy keeps it from running.
FOREIGN = """() => [...document.querySelectorAll("*")].flatMap(one => {
  const found = [...one.attributes].map(at => at.name).filter(name => name.startsWith("on"));
  for (const name of ["href", "src", "action", "formaction", "xlink:href"]) {
    const to = one.getAttribute(name);
    const scheme = to === null ? "" : new URL(to, "http://here.test/").protocol;
    if (scheme && !["http:", "https:", "data:", "mailto:"].includes(scheme)) found.push(name);
  }
  if (["BASE", "MATH", "META"].includes(one.tagName.toUpperCase()))
    if (one.tagName !== "META" || one.httpEquiv) found.push("tag");
  if (one.tagName === "SCRIPT" && !one.src.includes("/account/static/")) found.push("tag");
  return found.map(what => `${one.tagName} ${what}: ${one.outerHTML.slice(0, 200)}`);
})"""
VIOLATIONS = (
    "addEventListener('securitypolicyviolation',"
    " event => console.error('violation of', event.violatedDirective))"
)


class MyRegister(RegisterWithUsername):
    """A field of the app's own."""

    nickname: Line = Field(title="What we call you", min_length=2)


def make_hostile_site(tmp_path: Path) -> Site:
    """Return a site whose name, logo and fields are hostile, with a user whose row is."""
    app = Flask("Larder", instance_path=str(tmp_path))
    app.config |= {**SETTINGS, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/shop.sqlite3"}
    app.config |= {"PORTER_IDENTIFIERS": "both", "PORTER_MAIL_URL": "mailbox:"}
    app.config |= {"PORTER_APP_NAME": PAYLOADS[3], "PORTER_LOGO_URL": '/x"onerror="alert(0)'}
    db: Any = SQLAlchemy(app)

    class Member(AccountMixin, db.Model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        nickname: Mapped[str | None]

    clock = Clock()
    porter = Porter(app, db, user=Member, register=MyRegister, hasher=quick_hasher(), clock=clock)
    app.add_url_rule("/order", view_func=fresh_login_required(_order), methods=["POST"])
    with app.app_context():
        db.create_all()
    return Site(app, porter, clock, [])


def _order() -> str:
    return "ordered"


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Site]:
    site = make_hostile_site(tmp_path)
    yield site
    with site.app.app_context():
        site.app.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Iterator[Page]:
    """Yield a page in Chromium, in which no script but ours may run.

    What a policy stops is an error in the console, and fails the test as well.
    """
    page, ran = new_context(user_agent=f"Firefox/130.0 {XSS}".split("\u2028")[0]).new_page(), []

    def note(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    page.add_init_script(VIOLATIONS)
    yield page
    assert ran == []


def looked_at(page: Page, address: str) -> str:
    """Open a page; return its text once nothing foreign was found in it."""
    page.goto(address, wait_until="domcontentloaded")
    return checked(page)


def checked(page: Page) -> str:
    assert page.evaluate(FOREIGN) == [], page.url
    content = page.content()
    assert "1337" not in content
    return content


def submit(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"#{name}", value)
    with page.expect_navigation():
        page.locator("main form").first.evaluate("form => form.submit()")


def test_hc11_nothing_typed_becomes_a_script(
    hostile: Site, serve: Callable[..., str], page: Page, page_errors: PageErrors
) -> None:
    """Each form is shown again with what was typed, and each page gets it in its address."""
    address = serve(hostile.app)
    page_errors.expect("status of 422", "status of 404")
    given = {"password": PASSWORD}
    line = XSS.replace("\u2028", "")
    for path, fields in {
        "login": {"identifier": line},
        "register": {"email": line, "username": line, "nickname": line},
    }.items():
        looked_at(page, f"{address}/account/{path}?next={quote(XSS)}")
        submit(page, **fields, **given)
        checked(page)
        page.wait_for_selector("#problems")
        for name in fields:
            assert page.input_value(f"#{name}") == line
    looked_at(page, f"{address}/account/reset-password")
    submit(page, identifier=line)
    checked(page)
    for path in (quote(XSS, safe=""), f"check-your-mail/{quote(XSS, safe='')}"):
        looked_at(page, f"{address}/account/{path}")


def fill(site: Site) -> FlaskClient:
    """Have all that is kept about somebody be hostile; return their browser."""
    with site.app.app_context():
        user = site.register(
            email=f"{XSS}@example.org", username="ada", username_key="ada", nickname=XSS
        )
        client = site.client(HTTP_USER_AGENT=f"Firefox/130.0 {XSS}", REMOTE_ADDR=XSS)
        given = {"identifier": "ada", "password": PASSWORD}
        assert client.post("/account/login", data=given).status_code == 303
        assert client.post("/account/login", data={**given, "password": XSS}).status_code == 401
        client.post("/account/reset-password", data={"identifier": "ada"})
        site.change(user, username=XSS, language=XSS)
        with site.accounts.database.open_session() as session:
            accounts = site.accounts.within(session)
            accounts.roles.ensure(XSS, [XSS])
            accounts.roles.grant(user.id, XSS)
            session.commit()
        deliver(site.accounts)
    return client


def test_hc11_nothing_kept_becomes_a_script(
    hostile: Site, serve: Callable[..., str], page: Page, page_errors: PageErrors
) -> None:
    """Every page and mail for somebody whose row, devices, events and request are full of it."""
    site = hostile
    client = fill(site)
    address = serve(site.app)
    cookie = client.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
    page_errors.expect("status of 404")
    rules = [rule for rule in site.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    for rule in rules:
        if not rule.arguments:
            looked_at(page, f"{address}{rule.rule}?next={quote(XSS)}")
    assert "alert(4)" in looked_at(page, f"{address}/account/")
    letters = page.goto(f"{address}/account/development") and page.locator(".mails a").count()
    assert letters
    for number in range(letters):
        page.locator(".mails a").nth(number).click()
        checked(page)
    with site.app.app_context():
        site.clock.advance(seconds=site.accounts.settings.fresh_for.total_seconds() + 1)
    interrupted = client.post(f"/order?{XSS}", data={XSS: XSS, "note": XSS})
    looked_at(page, address + interrupted.headers["Location"])
    page.wait_for_load_state("load")
    submit(page, password=PASSWORD)
    page.wait_for_url("**/resume/**")
    assert checked(page).count("alert(4)") >= 3


def test_hc05_chromium_shows_no_page_of_ours_in_a_frame(
    tmp_path: Path,
    serve: Callable[..., str],
    new_context: Callable[..., BrowserContext],
    page_errors: PageErrors,
) -> None:
    """Not even in one of the same site."""
    site = make_site(tmp_path)
    site.app.add_url_rule("/framable", view_func=lambda: "let me in")
    address = serve(site.app)
    page = new_context(base_url=address).new_page()
    paths = ("/account/login", "/account/nothing", "/account/api/session", "/framable")
    frames = "".join(f'<iframe src="{path}"></iframe>' for path in paths)
    refused = "violates the following Content Security Policy directive: \"frame-ancestors 'none'\""
    page_errors.expect(refused, "net::ERR_BLOCKED_BY_RESPONSE", "status of 401", "status of 404")
    page.route("**/framing", lambda route: route.fulfill(body=frames, content_type="text/html"))
    page.goto("/framing")
    page.wait_for_load_state("networkidle")
    shown = [frame.url for frame in page.frames if frame != page.main_frame]
    assert shown == ["chrome-error://chromewebdata/"] * 3 + [f"{address}/framable"]
