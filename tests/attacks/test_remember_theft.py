"""Attacks RM01 to RM17 on the remember cookie, each also where it works: on Flask-Login 0.6.3."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
import time_machine
from flask import Flask, request
from flask.testing import FlaskClient

from flask_porter import encode_cookie
from flask_porter.login.remember_token import mint
from tests.login.vault import Keeper, Vault, copy_of, open_vault, restart

ORIGINAL = import_module("flask_login")


@pytest.fixture
def vault() -> Vault:
    return open_vault(hardened=True)


def original_site() -> Flask:
    """The same log-in on Flask-Login, whose cookie the attacks take."""
    library: ModuleType = ORIGINAL
    app = Flask("original")
    app.secret_key = "vault key"
    manager = library.LoginManager(app)
    app.keepers = {"1": Keeper("1"), "2": Keeper("2")}  # type: ignore[attr-defined]
    manager.user_loader(lambda user_id: app.keepers.get(user_id))  # type: ignore[attr-defined]

    @app.get("/login/<user_id>")
    def login(user_id: str) -> str:
        keeper: Any = app.keepers[user_id]  # type: ignore[attr-defined]
        return str(library.login_user(keeper, remember="remember" in request.args))

    @app.get("/who")
    def who() -> str:
        return library.current_user.get_id() or "nobody"

    return app


def remembered(client: FlaskClient, user_id: str = "1") -> str:
    client.get(f"/login/{user_id}?remember")
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    return cookie.value


def shown_to(app: Flask, cookie: str) -> str:
    client = app.test_client()
    client.set_cookie("remember_token", cookie)
    response = client.get("/who")
    assert response.status_code == 200
    return response.text


def test_rm01_who_does_not_ask_gets_no_long_lived_cookie(vault: Vault) -> None:
    client = vault.client()
    client.get("/login/1")
    assert client.get_cookie("remember_token") is None
    session_cookie = client.get_cookie("session")
    assert session_cookie is not None
    assert session_cookie.expires is None
    assert session_cookie.max_age is None


def test_rm02_two_devices_get_two_tokens(vault: Vault) -> None:
    assert remembered(vault.client()) != remembered(vault.client())
    original = original_site()
    assert remembered(original.test_client()) == remembered(original.test_client())


def test_rm04_rm05_a_copy_is_refused_after_the_stamp_changed(vault: Vault) -> None:
    """A password, an e-mail address, a second factor: whatever the app puts into the stamp."""
    cookie = remembered(vault.client())
    assert shown_to(vault.app, cookie) == "1"
    vault.keepers["1"].stamp = "password, e-mail or factor changed"
    assert shown_to(vault.app, cookie) == "nobody"
    original = original_site()
    theirs = remembered(original.test_client())
    original.keepers["1"].stamp = "changed"  # type: ignore[attr-defined]
    assert shown_to(original, theirs) == "1"


def test_rm09_a_remembered_session_is_not_fresh(vault: Vault) -> None:
    client = vault.client()
    remembered(client)
    restart(client)
    assert client.get("/who").text == "1"
    assert client.get("/fresh").status_code == 401
    client.get("/confirm")
    assert client.get("/fresh").text == "fresh"


def test_rm11_parts_of_two_tokens_do_not_make_a_third(vault: Vault) -> None:
    mine, theirs = remembered(vault.client(), "1"), remembered(vault.client(), "2")
    ours, others = mine.split("."), theirs.split(".")
    for position in range(len(ours)):
        mixed = [*ours]
        mixed[position] = others[position]
        if mixed not in (ours, others):
            assert shown_to(vault.app, ".".join(mixed)) == "nobody"
    with vault.app.app_context():
        signature = encode_cookie("1").rpartition("|")[2]
    assert shown_to(vault.app, f"2|{signature}") == "nobody"


JUNK = [b"1|\xc3\xa9", b"|", b"1|", b"|" * 70_000, b"x" * 70_000, b"1\x00|", b"\xff\xfe|\xff", b"."]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk[:8]))
def test_rm12_junk_is_nobody_and_is_cleared(vault: Vault, junk: bytes) -> None:
    for app in (vault.app, open_vault().app):
        client = FlaskClient(app, use_cookies=False)
        header = b"remember_token=" + junk
        response = client.get("/who", environ_overrides={"HTTP_COOKIE": header.decode("latin-1")})
        assert (response.status_code, response.text) == (200, "nobody")
        cleared = any("remember_token=;" in line for line in response.headers.getlist("Set-Cookie"))
        assert cleared is (app is vault.app)


def test_rm12_brings_the_original_down() -> None:
    client = FlaskClient(original_site(), use_cookies=False)
    header = (b"remember_token=" + JUNK[0]).decode("latin-1")
    assert client.get("/who", environ_overrides={"HTTP_COOKIE": header}).status_code == 500


def test_rm13_the_server_ends_the_cookie_whatever_the_browser_keeps(vault: Vault) -> None:
    start = datetime.now(UTC)
    original = original_site()
    with time_machine.travel(start, tick=False):
        cookie, theirs = remembered(vault.client()), remembered(original.test_client())
    for later, ours in ((timedelta(days=29, hours=23), "1"), (timedelta(days=31), "nobody")):
        with time_machine.travel(start + later, tick=False):
            assert shown_to(vault.app, cookie) == ours
            assert shown_to(original, theirs) == "1"


def test_rm13_a_token_that_says_it_lasts_for_years_does_not(vault: Vault) -> None:
    start = datetime.now(UTC)
    with vault.app.app_context(), time_machine.travel(start, tick=False):
        cookie = mint("1", None, start + timedelta(days=3650))
    with time_machine.travel(start + timedelta(days=31), tick=False):
        assert shown_to(vault.app, cookie) == "nobody"


@pytest.mark.parametrize("end", ["deleted", "deactivated"])
def test_rm14_the_token_of_who_is_gone_is_refused_and_cleared(vault: Vault, end: str) -> None:
    client = vault.client()
    remembered(client)
    restart(client)
    keeper = vault.keepers["1"]
    if end == "deleted":
        del vault.keepers["1"]
    else:
        keeper.active = False
    assert client.get("/who").text == "nobody"
    assert client.get_cookie("remember_token") is None


def test_rm17_the_old_format_counts_in_its_window_only_and_is_replaced(vault: Vault) -> None:
    old = remembered(original_site().test_client())
    assert shown_to(vault.app, old) == "nobody"
    vault.manager.legacy_remember_until = datetime.now(UTC) + timedelta(days=1)
    client = vault.client()
    client.set_cookie("remember_token", old)
    assert client.get("/who").text == "1"
    assert client.get("/fresh").status_code == 401
    replaced = client.get_cookie("remember_token")
    assert replaced is not None
    assert "|" not in replaced.value


def test_one_accounts_cookie_does_not_come_back_after_anothers_log_in(vault: Vault) -> None:
    client = vault.client()
    remembered(client, "1")
    client.get("/login/2")
    assert client.get_cookie("remember_token") is None
    restart(client)
    assert client.get("/who").text == "nobody"
    theirs = original_site().test_client()
    remembered(theirs, "1")
    theirs.get("/login/2")
    restart(theirs)
    assert theirs.get("/who").text == "1"


def test_a_token_of_another_app_is_nobody_here(vault: Vault) -> None:
    other = open_vault(key="another key", hardened=True)
    assert shown_to(vault.app, remembered(other.client())) == "nobody"
    assert shown_to(other.app, remembered(other.client())) == "1"


def test_a_copy_is_good_until_something_ends_it(vault: Vault) -> None:
    """What only a store can mend: a log-out ends the browser's cookie, not the thief's copy."""
    client = vault.client()
    remembered(client)
    thief = copy_of(client, "remember_token")
    client.get("/logout")
    assert thief.get("/who").text == "1"
    vault.keepers["1"].stamp = "logged out everywhere"
    assert thief.get("/who").text == "nobody"
