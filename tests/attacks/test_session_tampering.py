"""Attacks S01 to S38 on the session cookie, as far as a floor without a store can meet them."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from flask import Flask, session
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from tests.login.vault import Vault, open_vault, session_of

ORIGINAL = import_module("flask_login")


@pytest.fixture(params=[False, True], ids=["bare", "hardened"])
def vault(request: pytest.FixtureRequest) -> Vault:
    return open_vault(hardened=request.param)


def logged_in_cookie(vault: Vault, user_id: str = "1") -> str:
    client = vault.client()
    client.get(f"/login/{user_id}")
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def who(app: Flask, cookie_header: bytes, path: str = "/who", **environ: str) -> str:
    """Send the very bytes as the Cookie header, as a server hands them to the app."""
    environ_base = {"HTTP_COOKIE": cookie_header.decode("latin-1"), **environ}
    client = FlaskClient(app, use_cookies=False)
    response = client.get(path, environ_overrides=environ_base)
    assert response.status_code < 500
    assert response.headers.getlist("Set-Cookie") == []
    return response.text


def test_s01_no_changed_bit_of_the_cookie_is_accepted(vault: Vault) -> None:
    cookie = logged_in_cookie(vault).encode()
    assert who(vault.app, b"session=" + cookie) == "1"
    accepted = set()
    for position in range(len(cookie)):
        for bit in range(8):
            changed = bytearray(cookie)
            changed[position] ^= 1 << bit
            if who(vault.app, b"session=" + bytes(changed)) != "nobody":
                accepted.add(position)
    # The last letter of the digest has two bits that say nothing (RFC 4648 section 3.5).
    assert accepted <= {len(cookie) - 1}


def test_s02_no_shortened_cookie_is_accepted(vault: Vault) -> None:
    cookie = logged_in_cookie(vault).encode()
    for length in range(len(cookie)):
        assert who(vault.app, b"session=" + cookie[:length]) == "nobody"


def test_s04_of_two_cookies_one_counts_and_nothing_is_mixed(vault: Vault) -> None:
    """Werkzeug takes the first of a name, which is the one of the longest path (RFC 6265 5.4)."""
    mine, theirs = logged_in_cookie(vault, "1"), logged_in_cookie(vault, "2")
    for first, second in ((mine, theirs), (theirs, mine)):
        alone = who(vault.app, f"session={first}".encode())
        assert who(vault.app, f"session={first}; session={second}".encode()) == alone


def test_s05_a_nameless_cookie_is_not_the_session(vault: Vault) -> None:
    cookie = logged_in_cookie(vault)
    assert who(vault.app, f"=session={cookie}".encode()) == "nobody"
    assert who(vault.app, f"session={cookie}".encode()) == "1"


@pytest.mark.parametrize(
    "carrier",
    [
        {"query_string": "session={0}&sid={0}&_user_id=1"},
        {"headers": {"Authorization": "Bearer {0}"}},
        {"headers": {"X-Session-Id": "{0}"}},
        {"data": {"session": "{0}", "_user_id": "1"}, "method": "POST"},
    ],
)
def test_s10_a_session_is_read_from_its_cookie_alone(vault: Vault, carrier: dict[str, Any]) -> None:
    vault.app.add_url_rule("/any", "any", vault.app.view_functions["who"], methods=["GET", "POST"])
    cookie = logged_in_cookie(vault)

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(part) for name, part in value.items()}
        return value.format(cookie)

    assert vault.client().open("/any", **filled(carrier)).text == "nobody"


def test_s34_what_another_purpose_has_signed_is_no_session(vault: Vault) -> None:
    for salt in ("flask_porter.remember-token", "csrf", "reset", "itsdangerous"):
        forged = URLSafeTimedSerializer("vault key", salt=salt).dumps({"_user_id": "1"})
        assert who(vault.app, f"session={forged}".encode()) == "nobody"


@pytest.mark.parametrize(
    "cookie",
    [
        urlsafe_b64encode(b'{"_user_id":"1"}').decode(),
        '{"_user_id":"1"}',
        urlsafe_b64encode(b'{"_user_id":"1"}').decode() + "..",
        urlsafe_b64encode(b"\x80\x04}\x94\x8c\x08_user_id\x94\x8c\x011\x94s.").decode(),
    ],
)
def test_s35_an_unsigned_session_is_none(vault: Vault, cookie: str) -> None:
    assert who(vault.app, f"session={cookie}".encode()) == "nobody"


@pytest.mark.parametrize("user_id", [["1"], {"a": 1}, True, None, [], {}, [["1"]]])
def test_s37_a_signed_id_that_is_no_id_is_nobody(vault: Vault, user_id: object) -> None:
    client = vault.client()
    with client.session_transaction() as stored:
        stored["_user_id"] = user_id
    response = client.get("/who")
    assert (response.status_code, response.text) == (200, "nobody")


@pytest.mark.parametrize("user_id", [["1"], {"a": 1}])
def test_s37_brings_the_original_down(user_id: object) -> None:
    app = Flask("original")
    app.secret_key = "any"
    ORIGINAL.LoginManager(app).user_loader({"1": object()}.get)
    app.add_url_rule("/who", "who", lambda: str(ORIGINAL.current_user.is_authenticated))
    client = app.test_client()
    with client.session_transaction() as stored:
        stored["_user_id"] = user_id
    assert client.get("/who").status_code == 500


def test_s38_another_browser_is_never_trusted_more(vault: Vault) -> None:
    cookie = logged_in_cookie(vault)
    header = f"session={cookie}"
    client = FlaskClient(vault.app, use_cookies=False)
    environ = {"HTTP_COOKIE": header, "HTTP_USER_AGENT": "another", "REMOTE_ADDR": "192.0.2.9"}
    assert client.get("/fresh", environ_overrides={"HTTP_COOKIE": header}).text == "fresh"
    assert client.get("/fresh", environ_overrides=environ).status_code == 401


@pytest.mark.parametrize(("hardened", "shown"), [(False, "1"), (True, "nobody")])
def test_cf02_strong_protection_is_not_weakened_by_a_permanent_session(
    hardened: bool, shown: str
) -> None:
    vault = open_vault(hardened=hardened, session_protection="strong")

    @vault.app.before_request
    def keep() -> None:
        session.permanent = True

    client = vault.client()
    client.get("/login/1")
    assert client.get("/who").text == "1"
    assert client.get("/who", headers={"User-Agent": "another"}).text == shown


@pytest.mark.parametrize("key", ["_began", "_seen", "_auth_time", "_stamp", "_fresh"])
def test_s13_editing_a_clock_in_the_cookie_ends_the_session(vault: Vault, key: str) -> None:
    """They stand in the signed part: whoever changes one has no session any more."""
    vault.manager.idle_timeout = vault.manager.absolute_timeout = timedelta(hours=1)
    cookie = logged_in_cookie(vault)
    body, _, signature = cookie.partition(".")
    forged = URLSafeTimedSerializer("guessed").dumps({"_user_id": "1", key: 2_000_000_000})
    for value in (f"{forged.partition('.')[0]}.{signature}", forged, f"{body}.{forged}"):
        assert who(vault.app, f"session={value}".encode()) == "nobody"


def test_s20_a_new_password_ends_every_other_session_and_remember_cookie(vault: Vault) -> None:
    browsers = [vault.client() for _ in range(3)]
    for browser in browsers:
        browser.get("/login/1?remember")
    browsers[0].get("/stamp/1/new-password")
    assert [browser.get("/who").text for browser in browsers] == ["1", "nobody", "nobody"]
    for browser in browsers[1:]:
        assert "_user_id" not in session_of(browser)


def test_s20_goes_unnoticed_without_a_stamp(vault: Vault) -> None:
    vault.keepers["1"].stamp = None
    browser = vault.client()
    browser.get("/login/1?remember")
    assert browser.get("/who").text == "1"
    vault.app.config["PASSWORD_OF_1"] = "new"
    assert browser.get("/who").text == "1"


def test_s24_a_deactivated_user_is_out_by_session_and_remember_cookie() -> None:
    for hardened, shown in ((True, "nobody"), (False, "1")):
        vault = open_vault(hardened=hardened)
        client = vault.client()
        client.get("/login/1?remember")
        vault.keepers["1"].active = False
        assert client.get("/who").text == shown
        client.delete_cookie("session")
        assert client.get("/who").text == shown


def test_cf09_two_apps_in_one_process_share_nothing() -> None:
    one, two = open_vault(key="one"), open_vault(key="two")
    two.keepers["1"].id = "somebody else"
    first, second = one.client(), two.client()
    with one.app.app_context(), two.app.app_context():
        first.get("/login/1")
        assert second.get("/who").text == "nobody"
        assert first.get("/who").text == "1"
    cookie = first.get_cookie("session")
    assert cookie is not None
    second.set_cookie("session", cookie.value)
    assert second.get("/who").text == "nobody"


@pytest.mark.parametrize(
    ("answer", "bare", "hardened"),
    [("other", "2", "nobody"), ("none", "nobody", "nobody"), ("inactive", "1", "nobody")],
)
def test_cf06_a_loader_that_answers_with_somebody_else_opens_nothing(
    answer: str, bare: str, hardened: str
) -> None:
    for switch, shown in ((False, bare), (True, hardened)):
        vault = open_vault(hardened=switch)
        client = vault.client()
        client.get("/login/1?remember")
        match answer:
            case "other":
                vault.keepers["1"] = vault.keepers["2"]
            case "none":
                del vault.keepers["1"]
            case "inactive":
                vault.keepers["1"].active = False
        assert client.get("/who").text == shown
        client.delete_cookie("session")
        if answer != "other":
            assert client.get("/who").text == shown


def test_an_expired_session_cookie_is_refused_by_the_server() -> None:
    vault = open_vault(hardened=True)
    with time_machine.travel(datetime.now(UTC) - timedelta(days=32)):
        cookie = logged_in_cookie(vault)
        assert who(vault.app, f"session={cookie}".encode()) == "1"
    assert who(vault.app, f"session={cookie}".encode()) == "nobody"
