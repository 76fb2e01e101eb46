"""Every mail says what happened and what to do, and nothing that a stranger has put into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from flask_porter.flows.caller import Caller
from flask_porter.flows.deliver_mail import send_test
from flask_porter.flows.device_names import device_name
from flask_porter.flows.mails import KINDS
from flask_porter.outbound.mail import Message
from tests.flows.mail_office import (
    CALLER,
    FIREFOX,
    TEMPLATES,
    Office,
    on_sqlite,
    opened,
)

EVIL = (
    '<a href="https://evil.example">click</a> https://evil.example www.evil.example x@evil.example'
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
    " Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
)
ZWNJ = "\N{ZERO WIDTH NON-JOINER}"
# What mail programs make links of: a scheme, an address, or a host with a top level.
AUTO_LINK = re.compile(r"https?://|www\.|[\w.+-]@[\w-]|[\w-]+\.(?:example|com|org|net)\b")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(on_sqlite(tmp_path / "mail.sqlite3")) as office:
        yield office


def mail_of(
    office: Office, kind: str, *, caller: Caller = CALLER, person: Any = None, **context: Any
) -> Message:
    ada = person or office.person()
    values = {"context": {"new_email": "new@example.com", **context}}
    to = "new@example.com" if kind == "change_email" else None
    bound = KINDS[kind].has_code
    office.post(kind, ada, caller=caller, to=to, browser_bound=bound, **values)
    office.deliver()
    return office.only()


def words_of(html: str) -> str:
    """Return what a reader sees of a page, as one line."""
    body = re.sub(r"<(head|style)>.*?</\1>", " ", html, flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", body)
    for entity, letter in (("&#39;", "'"), ("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, letter)
    return " ".join(text.replace("&nbsp;", " ").replace("&amp;", "&").split())


def template_of(kind: str) -> str:
    return (TEMPLATES / "porter" / "mail" / f"{kind}.txt").read_text()


def links_of(html: str) -> set[str]:
    return set(re.findall(r'href="([^"]*)"', html))


def test_every_kind_has_both_templates() -> None:
    found = {path.name for path in (TEMPLATES / "porter" / "mail").iterdir()}
    expected = {f"{kind}.{end}" for kind in [*KINDS, "test"] for end in ("txt", "html")}
    assert {name for name in found if not name.startswith("_")} == expected


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same(kind: str, office: Office) -> None:
    mail = mail_of(office, kind)
    seen = words_of(mail.html)
    assert mail.subject in seen
    assert "Hello ada," in seen
    for line in mail.text.splitlines():
        if line in {"", "-- ", "Acme"} or (line.endswith((":", ".")) and line in seen):
            continue
        # The button's label is a sentence with a colon in the text.
        assert " ".join(line.split()).rstrip(":") in seen, line


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_links_to_nothing_but_what_it_is_about(kind: str, office: Office) -> None:
    mail = mail_of(office, kind)
    carried = {link for link in (mail.link, mail.not_me_link) if link}
    assert links_of(mail.html) == carried
    assert set(re.findall(r"https?://\S+", mail.text)) == carried
    for tag in ("<img", "<script", "<form", "<link", "url(", "@import"):
        assert tag not in mail.html
    assert bool(mail.link) == bool(KINDS[kind].purpose)
    assert bool(mail.not_me_link) == KINDS[kind].has_not_me
    assert bool(mail.code) == KINDS[kind].has_code


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_stranger_writes_becomes_markup_or_a_link(kind: str, office: Office) -> None:
    """N20, LG10: by the browser's name, a network address that is none, a name, a new address."""
    caller = replace(CALLER, user_agent=EVIL, address=EVIL)
    person = office.person(username=EVIL)
    mail = mail_of(office, kind, caller=caller, person=person, new_email=EVIL)
    ours = re.compile("|".join(filter(None, (mail.link, mail.not_me_link, "none of ours"))))
    for seen in (ours.sub("", mail.text), words_of(ours.sub("", mail.html))):
        assert AUTO_LINK.search(seen) is None, seen
    # Else there would be nothing to look for.
    assert ("evil" in mail.text) == ("new_email }}" in template_of(kind))
    assert links_of(mail.html) <= {mail.link, mail.not_me_link}
    assert "<b" not in mail.html.replace("<body", "").replace("<br>", "")
    assert "evil" not in mail.subject


def test_a_new_address_is_shown_as_it_is_to_the_eye(office: Office) -> None:
    mail = mail_of(office, "email_changed", new_email="eve@evil.example")
    assert "eve@evil.example" not in mail.text
    assert "eve@evil.example" in mail.text.replace(ZWNJ, "")
    assert "eve@evil.example" in words_of(mail.html).replace(ZWNJ, "")


def test_a_notice_names_time_device_and_address(office: Office) -> None:
    mail = mail_of(office, "new_device", caller=replace(CALLER, address="2001:db8::7"))
    assert "When: 2026-11-21 05:30 UTC" in mail.text
    assert "Device: Firefox (Linux)" in mail.text
    assert "Network address: 2001:db8::7" in mail.text


def test_a_notice_of_what_an_operator_did_names_no_device(office: Office) -> None:
    mail = mail_of(office, "password_changed", caller=Caller("cli"))
    assert "Who: those who run Acme" in mail.text
    assert "Device:" not in mail.text


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("ada", "Hello ada,"),
        ("Ada Lovelace-King", "Hello Ada Lovelace-King,"),
        ("Åsa_3", "Hello Åsa_3,"),
        ("win a prize at evil.example", "Hello,"),
        ("x" * 41, "Hello,"),
        ("one two three four five six", "Hello,"),
        (None, "Hello,"),
    ],
)
def test_a_greeting_carries_no_advertisement(
    name: str | None, greeting: str, office: Office
) -> None:
    person = office.person(username=name)
    assert mail_of(office, "verify_email", person=person).text.splitlines()[0] == greeting


def test_a_mail_is_marked_as_written_by_a_program(office: Office) -> None:
    headers = mail_of(office, "new_device").headers
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].endswith("@app.example.com>")
    assert headers["Date"] == "Sat, 21 Nov 2026 05:30:00 +0000"
    assert headers["Content-Language"] == "en"


def test_the_reader_has_it_in_their_language(office: Office) -> None:
    german = office.person(language="de")
    office.post("new_device", german, caller=replace(CALLER, language="en"))
    office.post("new_device", None, caller=replace(CALLER, language="de"))
    assert [row.language for row in office.rows()] == ["de", "de"]


def test_a_test_mail_goes_out_past_the_outbox(office: Office) -> None:
    send_test(office.accounts, "root@example.com")
    assert office.only().to == "root@example.com"
    assert office.only().subject == "Mail works"
    assert office.rows() == []


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox (Linux)"),
        (IPHONE, "Safari (iOS)"),
        ("curl/8.1", "curl"),
        ("", ""),
        ("Click https://evil.example now", ""),
        ("a" * 100_000, ""),
        ("\ud800\x00", ""),
    ],
)
def test_a_device_has_the_name_its_owner_knows(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mail_can_be_read_on_a_telephone(
    scheme: Any, office: Office, new_context: Any
) -> None:
    context: BrowserContext = new_context(
        color_scheme=scheme, viewport={"width": 320, "height": 600}
    )
    page = context.new_page()
    for kind in KINDS:
        office.bag.sent.clear()
        person = office.person(email=f"{kind}@example.com", username=kind.replace("_", "-"))
        page.set_content(mail_of(office, kind, person=person).html)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, kind
        worst = page.evaluate(CONTRAST)
        assert worst >= 4.5, (kind, worst)


#: The worst contrast of a text to what is behind it (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const [r, g, b] = parts(colour).slice(0, 3).map(part => part / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let worst = 21;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.data.trim()) continue;
    const element = node.parentElement;
    const pair = [light(getComputedStyle(element).color), light(behind(element))];
    worst = Math.min(worst, (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05));
  }
  return worst;
}"""
