"""What logging in promises on every site; each check derives a class from it."""

from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient


def log_in(client: FlaskClient, **form: str) -> None:
    answer = client.post("/log-in", data={"id": "1", **form})
    assert answer.status_code == 302


def restart_browser(client: FlaskClient) -> None:
    """Drop the cookies that last as long as the browser."""
    client.delete_cookie(client.application.config["SESSION_COOKIE_NAME"])


def name_seen_by(client: FlaskClient) -> str:
    """Return the name on the page, once the handler has said the same."""
    page, handler = client.get("/page").text, client.get("/handler").get_json()
    assert handler["name"] == (None if page == "nobody" else page)
    return page


def asked_for(client: FlaskClient, path: str) -> str | None:
    """Return the page that the visitor of `path` is sent to, None when let in."""
    answer = client.get(path)
    if answer.status_code == 200:
        return None
    assert answer.status_code == 302
    target = urlsplit(answer.location)
    assert parse_qs(target.query) == {"next": [path]}
    return target.path


class AccountPromises:
    """The contract: a check derives a class from it and gives a fixture `app`."""

    def test_a_login_lasts_until_the_logout(self, app: Flask) -> None:
        client = app.test_client()
        assert name_seen_by(client) == "nobody"
        log_in(client)
        for _ in range(3):
            assert name_seen_by(client) == "Ada"
        assert client.get("/members").text == "Hello Ada"
        assert client.post("/log-out").status_code == 302
        assert name_seen_by(client) == "nobody"

    def test_a_login_without_remember_ends_with_the_browser(self, app: Flask) -> None:
        client = app.test_client()
        log_in(client)
        restart_browser(client)
        assert name_seen_by(client) == "nobody"

    def test_a_visitor_is_sent_to_log_in(self, app: Flask) -> None:
        client = app.test_client()
        assert asked_for(client, "/members") == "/log-in"
        assert asked_for(client, "/vault") == "/log-in"

    def test_a_remembered_member_returns_stale(self, app: Flask) -> None:
        client = app.test_client()
        log_in(client, remember="yes")
        assert client.get("/handler").get_json()["fresh"] is True
        restart_browser(client)
        seen = client.get("/handler").get_json()
        assert seen == {"name": "Ada", "fresh": False, "remembered": True}
        assert asked_for(client, "/members") is None

    def test_a_stale_member_is_asked_to_confirm_and_is_then_fresh(self, app: Flask) -> None:
        client = app.test_client()
        log_in(client, remember="yes")
        assert asked_for(client, "/vault") is None
        restart_browser(client)
        assert asked_for(client, "/vault") == "/confirm"
        client.post("/confirm")
        assert client.get("/vault").text == "Ada's gold"

    def test_a_logout_forgets_a_remembered_member(self, app: Flask) -> None:
        client = app.test_client()
        log_in(client, remember="yes")
        restart_browser(client)
        assert name_seen_by(client) == "Ada"
        client.post("/log-out")
        assert client.get_cookie("remember_token") is None
        restart_browser(client)
        assert name_seen_by(client) == "nobody"

    def test_another_browser_with_the_same_cookies_is_stale(self, app: Flask) -> None:
        client = app.test_client()
        log_in(client)
        answer = client.get("/vault", headers={"User-Agent": "another"})
        assert answer.status_code == 302
        assert client.get("/members", headers={"User-Agent": "another"}).status_code == 200

    def test_two_visitors_are_two(self, app: Flask) -> None:
        ada, grace, stranger = (app.test_client() for _ in range(3))
        log_in(ada)
        log_in(grace, id="2", remember="yes")
        everyone = (ada, grace, stranger)
        assert [name_seen_by(one) for one in everyone] == ["Ada", "Grace", "nobody"]
        ada.post("/log-out")
        assert [name_seen_by(one) for one in everyone] == ["nobody", "Grace", "nobody"]
