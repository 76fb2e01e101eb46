"""Every page of a real app in a browser: wide and light, then small and dark, one after another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import abort, request
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect

from flask_porter import fresh_login_required
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site
from tests.services.page_errors import PageErrors

WIDE: ViewportSize = {"width": 1280, "height": 800}
SMALL: ViewportSize = {"width": 320, "height": 640}
# A phone whose owner has set letters twice as large (WCAG 2.2, 1.4.4).
PHONE: ViewportSize = {"width": 360, "height": 640}
LARGE_LETTERS = "document.documentElement.style.fontSize"
FRAME = (
    "<!doctype html><html lang=en><link rel=icon href=data:,><title>Form</title>"
    "<main><h1>Form</h1>{}</main></html>"
)
FORM = (
    '<form method="post"><input name="to" value="Grace"><input name="password" value="x">'
    "<button>Send</button></form>"
)

#: What keeps a password manager from its work (NIST SP 800-63B-4 3.1.1.2, ASVS 5.0 6.2.7).
IN_THE_WAY = """() => [...document.querySelectorAll("main input:not([type=hidden])")]
.flatMap(input => {
    const secret = input.type === "password";
    const token = input.autocomplete;
    const wrong = [];
    if (secret !== /^(current|new)-password$/.test(token)) wrong.push("token");
    if (secret && token === "new-password" && document.querySelector(".person, .side") &&
        !document.querySelector("[autocomplete=username]")) wrong.push("whose");
    if (input.maxLength !== -1) wrong.push("maxlength");
    if (input.form.autocomplete === "off") wrong.push("off");
    return wrong.map(each => `${input.name}: ${each}`);
})"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path)
    made.register()

    @made.app.before_request
    def fail() -> None:
        if "abort" in request.args:
            abort(int(request.args["abort"]))

    @fresh_login_required
    def order() -> str:
        sent = request.form
        return FRAME.format(f"Sent to {sent['to']} by {sent['password']}" if sent else FORM)

    made.app.add_url_rule("/", "home", lambda: FRAME.format("Larder"))
    made.app.add_url_rule("/order", "order", order, methods=["GET", "POST"])
    return made


class Walk:
    """Looks at one page after another, and keeps what is wrong with them."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page = page
        self.site = site
        self.faults: list[str] = []
        self.seen: list[str] = []
        self._axe = Axe()

    def look(self, path: str = "", heading: str = "") -> None:
        """Go there, or stay here, and look at the page in both its faces."""
        page = self.page
        if path:
            page.goto(path)
        if heading:
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert page.title().endswith("– Larder"), page.url
        self._note("wide", self._found())
        self._note("password managers", page.evaluate(IN_THE_WAY))
        page.set_viewport_size(SMALL)
        page.emulate_media(color_scheme="dark")
        self._note("dark", self._found("color-contrast", "target-size"))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self._note("small", ["wider than the window"])
        page.set_viewport_size(PHONE)
        if page.evaluate(
            f"{LARGE_LETTERS} = '200%', document.documentElement.scrollWidth > innerWidth"
        ):
            self._note("large letters", ["wider than the window"])
        page.evaluate(f"{LARGE_LETTERS} = ''")
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        self.seen.append(page.title())

    def press(self, button: str, **fields: str) -> None:
        """Fill in the form of this page, and press its button."""
        for name, value in fields.items():
            self.page.fill(f"main [name={name}]", value)
        with self.page.expect_navigation():
            self.page.get_by_role("main").get_by_role("button", name=button, exact=True).click()

    def _found(self, *rules: str) -> list[str]:
        found = self._axe.run(self.page, options={"runOnly": list(rules)} if rules else None)
        violations = found.response["violations"]
        return [f"{each['id']}: {each['nodes'][0]['html']}" for each in violations]

    def _note(self, face: str, found: list[str]) -> None:
        self.faults += [f"{self.page.url} ({self.page.title()}), {face}: {each}" for each in found]


@pytest.fixture
def walk(new_context: Callable[..., BrowserContext], serve: Callable[..., str], site: Site) -> Walk:
    return Walk(new_context(base_url=serve(site.app), viewport=WIDE).new_page(), site)


def as_stranger(walk: Walk) -> None:
    walk.look("/account/login", "Log in")
    walk.press("Log in", identifier=ADA, password="not the password of Ada")
    walk.look(heading="Log in")
    walk.look("/account/register", "Register")
    walk.press("Register", email="nobody", password="short")
    walk.look(heading="Register")
    walk.press("Register", email="bob@example.org", password=PASSWORD)
    walk.look(heading="Check your mail")
    walk.press("Continue", code="00000000")
    walk.look(heading="Check your mail")
    walk.look("/account/verify-email/again", "Ask for another mail")
    walk.look(walk.site.last_link(), "Confirm your e-mail address")
    walk.press("Confirm")
    walk.look(heading="Thank you, that is confirmed")
    walk.look("/account/verify-email?token=x", "This link no longer works")
    walk.look("/account/reset-password", "Choose a new password")
    walk.press("Send the mail", identifier=ADA)
    walk.look(heading="Check your mail")
    walk.look(walk.site.last_link(ADA), "Choose a new password")
    walk.press("Save the password", new_password="short")
    walk.look(heading="Choose a new password")
    walk.press("Save the password", new_password=NEW_PASSWORD)
    walk.look(heading="You have a new password")
    walk.look(walk.site.last_not_me(ADA), "This wasn't me")


def after_errors(walk: Walk) -> None:
    walk.look("/account/nothing", "There is nothing here")
    walk.look("/account/devices/end", "That cannot be done here")
    walk.look("/account/login?abort=403", "That is not allowed")
    walk.look("/account/login?abort=429", "Please wait a little")
    walk.look("/account/login?abort=500", "Something went wrong here")
    walk.look("/account/development", "Development console")
    walk.look("/account/api/", "Larder: accounts")


def as_ada(walk: Walk) -> None:
    walk.page.goto("/account/login")
    walk.press("Log in", identifier=ADA, password=NEW_PASSWORD)
    walk.site.logged_in_client(ADA, NEW_PASSWORD)
    walk.look("/account/", "Your account")
    walk.look("/account/devices", "Devices")
    walk.look("/account/activity", "Activity")
    walk.look("/account/download-data", "Download your data")
    walk.look("/account/logout", "Log out?")
    walk.look("/account/change-password", "Change your password")
    walk.press("Change the password", password="wrong", new_password="short")
    walk.look(heading="Change your password")
    walk.press("Change the password", password=NEW_PASSWORD, new_password=PASSWORD)
    walk.look(heading="Your password has changed")
    walk.look("/account/change-email", "Change your e-mail address")
    walk.press("Send the mail", email="ada@example.com")
    walk.look(heading="Check your mail")
    walk.press("Continue", code=walk.site.last_code("ada@example.com"))
    walk.look(heading="Your e-mail address has changed")


def interrupted(walk: Walk) -> None:
    walk.page.goto("/order")
    walk.site.clock.advance(minutes=11)
    walk.press("Send")
    walk.look(heading="Is it still you?")
    expect(walk.page.get_by_text("is kept for ten minutes")).to_be_visible()
    walk.press("Continue", password=PASSWORD)
    walk.look(heading="Shall we send this?")
    walk.page.reload()
    walk.press("Send it", password="typed again")
    expect(walk.page.locator("main")).to_contain_text("Sent to Grace by typed again")
    assert walk.page.url.endswith("/order")
    walk.page.go_back()
    expect(walk.page.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def closing(walk: Walk) -> None:
    walk.look("/account/close-account", "Close the account")
    walk.press("Close the account for good", password="wrong")
    walk.look(heading="Close the account")
    walk.press("Close the account for good", password=PASSWORD)
    walk.look(heading="Your account is closed")


def test_no_page_has_a_fault(walk: Walk, page_errors: PageErrors) -> None:
    # Answers of 401, 403, 404 and their like are errors in the console.
    page_errors.expect("Failed to load resource")
    for part in (as_stranger, after_errors, as_ada, interrupted, closing):
        part(walk)
    assert walk.faults == []


def test_a_password_can_be_pasted_however_long_it_is(walk: Walk) -> None:
    longest = "correct horse battery staple " * 8 + "and a little more text"
    page = walk.page
    page.goto("/account/register")
    page.fill("[name=email]", longest)
    for key in ("Control+a", "Control+c", "Tab", "Control+v"):
        page.keyboard.press(key)
    expect(page.locator("[name=password]")).to_have_value(longest)
    walk.press("Register", email="grace@example.org")
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
    walk.press("Continue", code=walk.site.last_code("grace@example.org"))
    page.goto("/account/login")
    walk.press("Log in", identifier="grace@example.org", password=longest)
    expect(page.locator("main")).to_contain_text("Larder")
