"""The pages by which somebody chooses a new password by mail."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Event

import pytest
from flask.testing import FlaskClient

from flask_porter.outbound.messages import Message
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site

ASK = "/account/reset-password"
NEW = "/account/reset-password/new"


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return site.client()


def ask(client: FlaskClient, identifier: str = ADA) -> str:
    answer = client.post(ASK, data={"identifier": identifier})
    assert answer.status_code == 303
    return client.get(answer.location).text


def without_address(page: str, address: str) -> str:
    return re.sub(r"nonce=\"[^\"]+\"", "", page.replace(address, "somebody"))


def test_whoever_forgot_it_types_the_code_then_the_password(
    site: Site, client: FlaskClient
) -> None:
    assert 'autocomplete="one-time-code"' in ask(client)
    typed = client.post(ASK, data={"code": site.last_code()})
    assert (typed.status_code, typed.location) == (303, NEW)
    page = client.get(NEW).text
    assert 'autocomplete="new-password"' in page
    assert f'value="{ADA}" autocomplete="username"' in page
    done = client.post(NEW, data={"new_password": NEW_PASSWORD})
    assert done.status_code == 200
    assert 'href="/account/login"' in done.text
    site.logged_in_client(password=NEW_PASSWORD)


@pytest.mark.parametrize("path", ["reset-password", "verify-email/again", "login"])
def test_whoever_names_nobody_is_asked_again(client: FlaskClient, path: str) -> None:
    """No mail can come, and no attempt is counted."""
    answer = client.post(f"/account/{path}", data={"identifier": "", "password": PASSWORD})
    assert answer.status_code == 422
    assert 'id="identifier-error"' in answer.text


def test_whoever_follows_the_link_comes_straight_to_the_password(site: Site) -> None:
    ask(site.client())
    other = site.client()
    opened = other.get(site.last_link())
    assert (opened.status_code, opened.location) == (303, NEW)
    assert other.post(NEW, data={"new_password": NEW_PASSWORD}).status_code == 200
    site.logged_in_client(password=NEW_PASSWORD)


def test_the_page_is_the_same_for_everybody(site: Site) -> None:
    """E02."""
    site.register("disabled@example.org", disabled_at=site.clock())
    people = [ADA, "nobody@example.org", "disabled@example.org"]
    assert len({without_address(ask(site.client(), each), each) for each in people}) == 1


def test_a_refused_password_is_told_beside_its_field_and_can_be_typed_again(
    site: Site, client: FlaskClient
) -> None:
    ask(client)
    client.get(site.last_link())
    refused = client.post(NEW, data={"new_password": "too short"})
    assert refused.status_code == 422
    assert 'id="new_password-error"' in refused.text
    assert "too short" not in refused.text
    assert client.post(NEW, data={"new_password": NEW_PASSWORD}).status_code == 200


def test_a_wrong_code_asks_for_it_again(site: Site, client: FlaskClient) -> None:
    ask(client)
    wrong = f"{(int(site.last_code()) + 1) % 10**8:08d}"
    refused = client.post(ASK, data={"code": wrong})
    assert refused.status_code == 401
    assert 'autocomplete="one-time-code"' in refused.text
    assert client.post(ASK, data={"code": site.last_code()}).status_code == 303


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_comes_to_the_new_password_without_link_or_code(
    site: Site, client: FlaskClient, method: str
) -> None:
    """TK23: not by asking, and not by sending a token that this browser has not opened."""
    ask(client)
    token = site.last_link().partition("token=")[2]
    given = {"new_password": NEW_PASSWORD, "token": token, "code": site.last_code()}
    for data in ({"new_password": NEW_PASSWORD}, given):
        answer = client.open(NEW, method=method, data=data if method == "POST" else None)
        assert (answer.status_code, answer.location) == (303, ASK)
    site.logged_in_client(password=PASSWORD)


def test_a_finished_reset_cannot_be_sent_again(site: Site, client: FlaskClient) -> None:
    """TK23."""
    ask(client)
    link = site.last_link()
    client.get(link)
    client.post(NEW, data={"new_password": NEW_PASSWORD})
    assert client.post(NEW, data={"new_password": PASSWORD}).location == ASK
    client.get(link)
    dead = client.post(NEW, data={"new_password": PASSWORD})
    assert dead.status_code == 410
    assert f'href="{ASK}"' in dead.text
    site.logged_in_client(password=NEW_PASSWORD)


def test_a_reset_logs_its_own_browser_out_and_nobody_in(site: Site) -> None:
    """CS-FP2."""
    client = site.logged_in_client()
    ask(client)
    client.get(site.last_link())
    client.post(NEW, data={"new_password": NEW_PASSWORD})
    assert client.get("/account/").status_code == 302


def test_a_mail_server_that_hangs_delays_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E07: mail goes out beside the request."""
    site = make_site(tmp_path, PORTER_MAIL_DELIVERY="thread")
    site.register()
    tried, may_go = Event(), Event()

    def hang(_: object, message: Message) -> None:
        tried.set()
        may_go.wait(30)

    monkeypatch.setattr(type(site.accounts.mailer), "send", hang)
    try:
        page = ask(site.client())
        assert tried.wait(30)
        assert without_address(ask(site.client(), "no@example.org"), "no@example.org") == (
            without_address(page, ADA)
        )
    finally:
        may_go.set()
        site.app.extensions["porter"].mail_thread.stop()
