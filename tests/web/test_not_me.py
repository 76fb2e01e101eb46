"""The page behind the link "this wasn't me"."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_porter.flows.mails import KINDS
from flask_porter.web.texts import TEXTS
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site

PAGE = "/account/not-me"
EVE = "eve@evil.example"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a site where somebody who knows the password has changed it and the address."""
    made = make_site(tmp_path)
    made.register()
    eve = made.logged_in_client()
    given = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    eve.post("/account/change-password", data=given)
    eve.post("/account/change-email", data={"email": EVE})
    eve.post("/account/change-email", data={"code": made.last_code(EVE)})
    assert made.user(EVE) is not None
    return made


def test_one_press_gives_the_account_back(site: Site) -> None:
    """TK32."""
    owner = site.client()
    opened = owner.get(site.last_not_me(ADA, "email_changed"))
    assert (opened.status_code, opened.location) == (303, PAGE)
    page = owner.get(PAGE).text
    assert "Your e-mail address has changed" in page
    assert site.user(EVE) is not None
    assert owner.post(PAGE).status_code == 200
    assert site.user(ADA) is not None
    owner.get(site.last_link(ADA))
    chosen = {"new_password": "a third one, of the owner"}
    assert owner.post("/account/reset-password/new", data=chosen).status_code == 200
    site.logged_in_client(ADA, "a third one, of the owner")


def test_whoever_did_it_is_out_at_once(site: Site) -> None:
    eve = site.logged_in_client(EVE, NEW_PASSWORD)
    assert eve.get("/account/").status_code == 200
    owner = site.client()
    owner.get(site.last_not_me(ADA, "email_changed"))
    owner.post(PAGE)
    assert eve.get("/account/").status_code == 302


def test_a_used_link_says_so(site: Site) -> None:
    owner, link = site.client(), site.last_not_me(ADA, "email_changed")
    owner.get(link)
    owner.post(PAGE)
    for method in ("GET", "POST"):
        owner.get(link)
        dead = owner.open(PAGE, method=method)
        assert dead.status_code == 410
        assert 'href="/account/reset-password"' in dead.text


def test_without_a_link_there_is_nothing(site: Site) -> None:
    client = site.client()
    assert client.get(PAGE).status_code == 303
    assert client.post(PAGE).status_code == 303
    assert site.user(EVE) is not None


def test_who_can_get_no_mail_is_told_whom_to_ask(site: Site) -> None:
    owner, link = site.client(), site.last_not_me(ADA, "email_changed")
    site.register(ADA)
    owner.get(link)
    assert "tell those who run this site" in owner.post(PAGE).text


@pytest.mark.parametrize("kind", sorted(kind for kind, what in KINDS.items() if what.has_not_me))
def test_every_notice_with_a_link_has_words_for_its_page(kind: str) -> None:
    assert f"not_me_{kind}" in TEXTS


def test_a_browser_of_the_account_is_logged_out(site: Site) -> None:
    client = site.logged_in_client(EVE, NEW_PASSWORD)
    client.get(site.last_not_me(ADA, "email_changed"))
    client.post(PAGE)
    with client.session_transaction() as session:
        assert "_user_id" not in session
