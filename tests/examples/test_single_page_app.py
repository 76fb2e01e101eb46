"""The page of plain JavaScript: a whole life in a browser, and nothing that its policy forbids."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from flask_porter.flows.deliver_mail import deliver
from flask_porter.outbound.mailbox import Mailbox
from tests.services.page_errors import PageErrors

FOLDER = Path(__file__).parents[2] / "examples" / "single_page_app"
ADA = "ada@example.org"
PASSWORD = "three brown owls sleeping"
NEW_PASSWORD = "a kettle on the green roof"

#: What the browser writes of an answer that is no success; the page itself shows it.
REFUSED = "Failed to load resource: the server responded with a status of"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("single_page_app", FOLDER / "app.py")
    assert spec
    assert spec.loader
    # Flask finds the files of a module that is known.
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app: Flask = load().create_app(str(tmp_path), TESTING=True, PORTER_MAIL_DELIVERY="manual")
    yield app
    app.extensions["porter"].accounts.database.engine().dispose()


def last_code(app: Flask) -> str:
    accounts = app.extensions["porter"].accounts
    with app.app_context():
        deliver(accounts)
    assert isinstance(accounts.mailer, Mailbox)
    code = accounts.mailer.letters()[0].message.code
    assert code is not None
    return code


def form_of(page: Page, flow: str) -> Any:
    form = page.locator(f"form#{flow}")
    expect(form).to_be_visible()
    return form


def send(page: Page, flow: str, **fields: str) -> None:
    form = form_of(page, flow)
    for name, value in fields.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("button").click()


def log_in(page: Page, address: str, password: str = PASSWORD) -> None:
    page.goto(address)
    send(page, "login", identifier=ADA, password=password)
    expect(page.locator("#who")).to_have_text(ADA)


def test_a_life_in_one_page(
    app: Flask, context: BrowserContext, new_context: Any, page_errors: PageErrors, serve: Any
) -> None:
    page_errors.expect(REFUSED)
    address, page = serve(app), context.new_page()
    page.goto(address)
    page.get_by_role("button", name="Register").click()
    send(page, "register", email=ADA, password="short")
    expect(page.locator("#register small")).to_contain_text("At least 15 characters")
    send(page, "register", email=ADA, password=PASSWORD)
    send(page, "verify_email", code="00000000")
    expect(page.get_by_role("status")).to_contain_text("That is not the code")
    send(page, "verify_email", code=last_code(app))
    send(page, "login", identifier=ADA, password="wrong")
    expect(page.get_by_role("status")).to_contain_text("That is not right")
    send(page, "login", identifier=ADA, password=PASSWORD)
    expect(page.locator("#who")).to_have_text(ADA)
    expect(page.locator("#devices li")).to_have_count(1)

    other = new_context().new_page()
    log_in(other, address)
    expect(other.locator("#devices li")).to_have_count(2)
    other.get_by_role("button", name="End").click()
    expect(other.locator("#devices li")).to_have_count(1)
    page.reload()
    form_of(page, "login")

    page.get_by_role("button", name="Choose a new password").click()
    send(page, "reset_password", identifier=ADA)
    send(page, "reset_password_finish", code=last_code(app), new_password=NEW_PASSWORD)
    send(page, "login", identifier=ADA, password=NEW_PASSWORD)
    expect(page.locator("#who")).to_have_text(ADA)
    other.reload()
    form_of(other, "login")
    page.get_by_role("button", name="Log out").click()
    form_of(page, "login")


def test_what_waits_for_the_password_is_done_afterwards(
    app: Flask, context: BrowserContext, new_context: Any, page_errors: PageErrors, serve: Any
) -> None:
    page_errors.expect(REFUSED)
    address, page, other = serve(app), context.new_page(), new_context().new_page()
    register(app)
    log_in(other, address)
    log_in(page, address)
    let_pass(app, timedelta(minutes=11))
    page.get_by_role("button", name="End").click()
    send(page, "reauthenticate", password=PASSWORD)
    expect(page.locator("#devices li")).to_have_count(1)
    other.reload()
    form_of(other, "login")


def let_pass(app: Flask, time: timedelta) -> None:
    """Have every log-in be so much older."""
    accounts = app.extensions["porter"].accounts
    with accounts.database.open_session() as session:
        for row in session.scalars(select(accounts.models.session)):
            row.auth_time -= time
        session.commit()


def register(app: Flask) -> None:
    client = app.test_client()
    client.environ_base |= {"HTTP_SEC_FETCH_SITE": "same-origin"}
    api = "/account/api"
    client.post(f"{api}/register", json={"email": ADA, "password": PASSWORD})
    client.post(f"{api}/verify-email", json={"code": last_code(app)})


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_it_is_readable_wherever_it_is_read(
    app: Flask,
    new_context: Callable[..., BrowserContext],
    page_errors: PageErrors,
    serve: Any,
    width: int,
    scheme: str,
) -> None:
    page_errors.expect(REFUSED)
    size = {"width": width, "height": 700}
    page = new_context(viewport=size, color_scheme=scheme).new_page()
    page.goto(serve(app))
    form_of(page, "login")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_its_policy_lets_nothing_in_from_elsewhere(app: Flask) -> None:
    with app.test_client().get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
        html = answer.get_data(as_text=True)
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert re.findall(r"<script[^>]*>(.*?)</script>", html) == [""]
    assert not re.search(r"<style|\sstyle=|\son\w+=|https?://", html)


def test_it_depends_on_nothing() -> None:
    script = (FOLDER / "static" / "app.js").read_text()
    assert not re.search(r"^import|innerHTML|eval\(|https?://", script, re.MULTILINE)
    assert len(script.splitlines()) < 200


def test_each_form_is_of_a_row(app: Flask) -> None:
    html = (FOLDER / "static" / "index.html").read_text()
    adapter = app.url_map.bind("localhost")
    forms = re.findall(r'<form id="(\w+)" action="([^"]+)"', html)
    assert len(forms) == 6
    for flow, action in forms:
        assert adapter.match(action, "POST")[0] == f"porter_api.{flow}"
