"""The one switch: session data is renewed at log-in and cleared at log-out; off, all stays."""

import pytest
from flask import Flask, flash, get_flashed_messages, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from flask_porter import login_user, session_ended, user_loaded
from tests.login.vault import Keeper, open_vault, session_of

BOTH = pytest.mark.parametrize("hardened", [False, True])


@BOTH
def test_what_a_stranger_planted_before_the_log_in_is_gone(hardened: bool) -> None:
    client = open_vault(hardened=hardened).client()
    client.get("/put/planted")
    client.get("/login/1")
    assert ("planted" in session_of(client)) is not hardened


def test_it_is_gone_for_a_user_called_none_too() -> None:
    vault = open_vault(hardened=True)
    vault.keepers["None"] = Keeper("None")
    client = vault.client()
    client.get("/put/planted")
    client.get("/login/None")
    assert "planted" not in session_of(client)


def test_named_keys_are_carried_over() -> None:
    client = open_vault(hardened=True, carry_over=("cart", "next")).client()
    for name in ("cart", "next", "planted"):
        client.get(f"/put/{name}")
    client.get("/login/1")
    assert {"cart", "next"} <= set(session_of(client))
    assert "planted" not in session_of(client)


def test_the_same_users_data_stays_when_they_log_in_again() -> None:
    client = open_vault(hardened=True).client()
    client.get("/login/1")
    client.get("/put/draft")
    client.get("/login/1")
    assert "draft" in session_of(client)
    client.get("/login/2")
    assert "draft" not in session_of(client)


@BOTH
def test_log_out_leaves_nothing_of_the_user(hardened: bool) -> None:
    client = open_vault(hardened=hardened, carry_over=("cart",)).client()
    client.get("/login/1")
    for name in ("cart", "draft"):
        client.get(f"/put/{name}")
    client.get("/logout")
    assert set(session_of(client)) == (set() if hardened else {"cart", "draft"})


def test_messages_and_a_permanent_session_outlive_the_log_in() -> None:
    vault = open_vault(hardened=True)
    with vault.app.test_request_context():
        session.permanent = True
        flash("Welcome")
        login_user(vault.keepers["1"])
        assert session.permanent
        assert get_flashed_messages() == ["Welcome"]


@BOTH
def test_the_log_out_of_a_remembered_user_clears_the_cookie(hardened: bool) -> None:
    client = open_vault(hardened=hardened).client()
    client.get("/login/1?remember")
    client.get("/logout")
    assert client.get_cookie("remember_token") is None
    assert client.get("/who").text == "nobody"


class Regenerating(SecureCookieSessionInterface):
    """Like a server-side session interface that can give a session another id."""

    def __init__(self) -> None:
        self.regenerated: list[set[str]] = []

    def regenerate(self, session: SecureCookieSession) -> None:
        # As Flask-Session does: what is empty keeps its id.
        if session:
            self.regenerated.append(set(session))


@BOTH
def test_a_server_side_session_gets_another_id_at_log_in(hardened: bool) -> None:
    vault = open_vault(hardened=hardened)
    vault.app.session_interface = interface = Regenerating()
    client = vault.client()
    client.get("/put/planted")
    client.get("/login/1")
    assert len(interface.regenerated) == hardened
    assert all("planted" not in kept for kept in interface.regenerated)


@BOTH
@pytest.mark.parametrize(("change", "reason"), [("gone", "user_missing"), ("off", "inactive")])
def test_who_is_gone_or_inactive_is_logged_out(hardened: bool, change: str, reason: str) -> None:
    """On the bare floor the id stays in the session, and the user class decides."""
    vault = open_vault(hardened=hardened)
    client = vault.client()
    client.get("/login/1")
    keeper = vault.keepers["1"]
    if change == "gone":
        del vault.keepers["1"]
    else:
        keeper.active = False
    heard: list[object] = []

    def note(_app: Flask, user_id: object, reason: object) -> None:
        heard.append(reason)

    with session_ended.connected_to(note):
        shown = client.get("/who").text
    assert heard == ([reason] if hardened else [])
    assert shown == ("1" if change == "off" and not hardened else "nobody")
    assert ("_user_id" in session_of(client)) is not hardened
    vault.keepers["1"], keeper.active = keeper, True
    assert client.get("/who").text == ("nobody" if hardened else "1")


def test_who_was_loaded_and_from_where_is_told() -> None:
    vault = open_vault()
    vault.manager.request_loader(lambda request: vault.keepers.get(request.args.get("key")))
    client = vault.client()
    client.get("/login/1?remember")
    heard: list[tuple[object, object]] = []

    def note(_app: Flask, user: object, source: object) -> None:
        heard.append((user, source))

    with user_loaded.connected_to(note):
        client.get("/who")
        client.delete_cookie("session")
        client.get("/who")
        vault.client().get("/who?key=2")
        vault.client().get("/who")
    one, two = vault.keepers["1"], vault.keepers["2"]
    assert heard == [(one, "session"), (one, "remember_cookie"), (two, "request")]


@pytest.mark.parametrize("way", ["logout", "protection"])
def test_why_a_session_ended_is_told(way: str) -> None:
    vault = open_vault(session_protection="strong")
    client = vault.client()
    client.get("/login/1")
    heard: list[tuple[object, object]] = []

    def note(_app: Flask, user_id: object, reason: object) -> None:
        heard.append((user_id, reason))

    with session_ended.connected_to(note):
        if way == "logout":
            client.get("/logout")
            client.get("/logout")
        else:
            client.get("/who", headers={"User-Agent": "another"})
            client.get("/who", headers={"User-Agent": "another"})
    assert heard == [("1", "logout" if way == "logout" else "client_changed")]
