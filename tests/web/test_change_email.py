"""The pages by which somebody gives the account another e-mail address."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.account_site import ADA, PASSWORD, Site

ASK = "/account/change-email"
CONFIRM = "/account/change-email/confirm"
NEW = "ada@new.example"


def ask(client: FlaskClient, email: str = NEW) -> str:
    answer = client.post(ASK, data={"email": email})
    assert (answer.status_code, answer.location) == (303, "/account/check-your-mail/change_email")
    return client.get(answer.location).text


def test_the_code_is_typed_into_the_page_that_is_open(site: Site) -> None:
    client = site.logged_in_client()
    assert ADA in client.get(ASK).text
    ask(client)
    done = client.post(ASK, data={"code": site.last_code(NEW)})
    assert done.status_code == 200
    assert client.get("/account/").status_code == 200
    assert site.user(NEW) is not None


def test_the_link_shows_a_button_first(site: Site) -> None:
    client = site.logged_in_client()
    ask(client)
    opened = client.get(site.last_link(NEW))
    assert (opened.status_code, opened.location) == (303, CONFIRM)
    page = client.get(CONFIRM).text
    assert NEW in page
    assert 'type="password"' not in page
    assert site.user(NEW) is None
    assert client.post(CONFIRM).status_code == 200
    assert site.user(NEW) is not None


def test_another_browser_is_asked_for_the_password_and_shown_no_address(site: Site) -> None:
    """TK21."""
    ask(site.logged_in_client())
    site.register("bob@example.org")
    bob = site.logged_in_client("bob@example.org")
    bob.get(site.last_link(NEW))
    page = bob.get(CONFIRM).text
    assert 'type="password"' in page
    assert NEW not in page
    assert bob.post(CONFIRM).status_code == 422
    assert site.user(NEW) is None
    assert bob.post(CONFIRM, data={"password": PASSWORD}).status_code == 200
    assert site.user(NEW) is not None
    assert "bob@example.org" in bob.get("/account/").text


def test_a_taken_address_gets_the_same_page(site: Site) -> None:
    """E08."""
    site.register("bob@example.org")
    client = site.logged_in_client()
    free, taken = ask(client), ask(client, "bob@example.org")
    assert taken.replace("bob@example.org", NEW).split("<main")[1] == free.split("<main")[1]


def test_it_is_asked_again_who_they_are(site: Site) -> None:
    client = site.logged_in_client()
    site.clock.advance(minutes=11)
    sent_on = client.get(ASK)
    assert sent_on.status_code == 302
    assert sent_on.location.startswith("/account/reauthenticate")
    assert client.post(ASK, data={"email": NEW}).status_code == 302
    assert site.mails == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_there_is_nothing_to_confirm_without_a_link(site: Site, method: str) -> None:
    client = site.logged_in_client()
    ask(client)
    answer = client.open(CONFIRM, method=method)
    assert (answer.status_code, answer.location) == (303, ASK)
    assert site.user(NEW) is None


def test_a_dead_link_says_so(site: Site) -> None:
    client = site.logged_in_client()
    ask(client)
    link = site.last_link(NEW)
    client.get(link)
    client.post(CONFIRM)
    client.get(link)
    dead = client.get(CONFIRM)
    assert dead.status_code == 410
    assert f'href="{ASK}"' in dead.text


def test_an_address_that_is_none_is_told_beside_its_field(site: Site) -> None:
    refused = site.logged_in_client().post(ASK, data={"email": "no address"})
    assert refused.status_code == 422
    assert 'id="email-error"' in refused.text
