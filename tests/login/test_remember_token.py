"""The second format of the remember cookie: dated, salted, bound, and safe beside older nodes."""

import hmac
import re
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from flask_porter import encode_cookie, login_refused, login_user
from flask_porter.login.remember_token import RememberToken, _serializer, mint, verify
from tests.login.vault import Keeper, Vault, copy_of, open_vault, restart

ORIGINAL = import_module("flask_login")
LATER = datetime.now(UTC) + timedelta(days=300)


def remembered_client(vault: Vault, query: str = "remember") -> FlaskClient:
    client = vault.client()
    client.get(f"/login/1?{query}")
    restart(client)
    return client


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    return cookie.value


@given(st.text(st.characters(exclude_categories=["Cs"])), st.none() | st.text("abc", max_size=30))
def test_a_token_says_what_was_put_into_it(user_id: str, stamp: str | None) -> None:
    with open_vault().app.app_context():
        token = verify(mint(user_id, stamp, LATER))
    assert token is not None
    assert (token.user_id, token.stamp) == (user_id, stamp)
    assert token.expires_at == int(LATER.timestamp())
    assert not token.is_outdated


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_token_is_pure_ascii_and_no_first_format_cookie_to_any_node(user_id: str) -> None:
    app = open_vault().app
    with app.app_context():
        token = mint(user_id, None, LATER)
        assert ORIGINAL.decode_cookie(token) is None
    assert re.fullmatch(r"[A-Za-z0-9._-]+", token)


def test_no_two_tokens_are_equal() -> None:
    with open_vault().app.app_context():
        assert len({mint("1", None, LATER) for _ in range(1000)}) == 1000


def test_a_token_with_any_byte_changed_is_no_token() -> None:
    with open_vault().app.app_context():
        token = mint("1", "stamp", LATER)
        for position in range(len(token)):
            for letter in "Aa0.-|":
                if token[position] != letter:
                    # The last letter of a digest has bits that say nothing (RFC 4648 section 3.5).
                    changed = verify(token[:position] + letter + token[position + 1 :])
                    assert changed is None or position == len(token) - 1
            assert verify(token[:position]) is None


@pytest.mark.parametrize(
    "body",
    [None, [], {}, "1", ["1"], [1, None, 5, "n"], ["1", 7, 5, "n"], ["1", None, "5", "n"],
     ["1", None, True, "n"], ["1", None, 5, "n", "more"]],
)  # fmt: skip
def test_a_signed_body_of_another_shape_is_no_token(body: Any) -> None:
    with open_vault().app.app_context():
        signed = _serializer(b"vault key").dumps(body)
        assert verify(signed) is None


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "é", "\ud800", "x" * 70_000, "1|", "\x00"]
)
def test_junk_is_no_token(text: str) -> None:
    with open_vault().app.app_context():
        assert verify(text) is None


def test_a_session_cookie_is_no_remember_cookie_and_the_other_way_round() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1?remember")
    session_cookie = client.get_cookie("session")
    assert session_cookie is not None
    swapped = vault.client()
    swapped.set_cookie("remember_token", session_cookie.value)
    swapped.set_cookie("session", cookie_of(client))
    assert swapped.get("/who").text == "nobody"


def test_a_token_is_over_when_its_own_time_is_whatever_the_browser_keeps() -> None:
    vault = open_vault()
    start = datetime.now(UTC).replace(microsecond=0)
    with time_machine.travel(start, tick=False):
        client = remembered_client(vault, "remember&seconds=600")
        cookie = cookie_of(client)
    for seconds, who in ((599, "1"), (600, "nobody"), (601, "nobody")):
        kept = vault.client()
        kept.set_cookie("remember_token", cookie)
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            assert kept.get("/remembered").text == str(who == "1")
            assert kept.get("/who").text == who


@pytest.mark.parametrize(("hardened", "who"), [(False, "1"), (True, "nobody")])
def test_hardened_no_token_lives_longer_than_thirty_days(hardened: bool, who: str) -> None:
    vault = open_vault()
    start = datetime.now(UTC)
    with time_machine.travel(start, tick=False):
        client = remembered_client(vault)
        cookie = cookie_of(client)
    vault.manager.hardened = hardened
    kept = vault.client()
    kept.set_cookie("remember_token", cookie)
    with time_machine.travel(start + timedelta(days=29, hours=23), tick=False):
        assert copy_of(kept, "remember_token").get("/who").text == "1"
    with time_machine.travel(start + timedelta(days=30, seconds=1), tick=False):
        assert kept.get("/who").text == who


def test_hardened_the_browser_is_told_of_thirty_days_at_most() -> None:
    client = remembered_client(open_vault(hardened=True))
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    assert cookie.expires is not None
    assert cookie.expires - datetime.now(UTC) <= timedelta(days=30)


def test_which_format_is_written() -> None:
    """For a user without a stamp the first, on the bare floor, unless asked for the second."""
    first = re.compile(r".*\|[0-9a-f]{128}$")
    for hardened, chosen, stamp, is_first in (
        (False, None, None, True),
        (False, None, "stamp", False),
        (False, "signed", None, False),
        (False, "legacy", "stamp", True),
        (True, None, None, False),
        (True, "legacy", None, True),
    ):
        vault = open_vault(hardened=hardened, remember_format=chosen)
        vault.keepers["1"].stamp = stamp
        cookie = cookie_of(remembered_client(vault))
        assert bool(first.match(cookie)) is is_first, (hardened, chosen, stamp)


def test_the_first_format_is_accepted_until_the_date_and_replaced_on_use() -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    for hardened in (False, True):
        vault = open_vault(hardened=hardened, remember_format="signed", legacy_remember_until=until)
        with vault.app.app_context():
            old = encode_cookie("1")
        client = vault.client()
        client.set_cookie("remember_token", old)
        assert client.get("/who").text == "1"
        assert client.get("/fresh").status_code == 401
        assert "|" not in cookie_of(client)
        restart(client)
        assert client.get("/who").text == "1"
        late = vault.client()
        late.set_cookie("remember_token", old)
        with time_machine.travel(until + timedelta(seconds=1), tick=False):
            assert late.get("/who").text == "nobody"


@pytest.mark.parametrize(("hardened", "who"), [(False, "1"), (True, "nobody")])
def test_without_a_date_only_the_bare_floor_accepts_the_first_format(
    hardened: bool, who: str
) -> None:
    vault = open_vault(hardened=hardened)
    client = vault.client()
    with vault.app.app_context():
        client.set_cookie("remember_token", encode_cookie("1"))
    assert client.get("/who").text == who


def test_one_switch_keeps_writing_the_first_format_for_older_nodes() -> None:
    vault = open_vault(hardened=True, remember_format="legacy")
    client = remembered_client(vault)
    with vault.app.app_context():
        assert ORIGINAL.decode_cookie(cookie_of(client)) == "1"
    assert client.get("/who").text == "1"


@pytest.mark.parametrize("hardened", [False, True])
def test_the_date_counts_also_while_the_first_format_is_still_written(hardened: bool) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    vault = open_vault(hardened=hardened, remember_format="legacy", legacy_remember_until=until)
    client = remembered_client(vault)
    late = copy_of(client, "remember_token")
    assert client.get("/who").text == "1"
    with time_machine.travel(until + timedelta(seconds=1), tick=False):
        assert late.get("/who").text == "nobody"


@pytest.mark.parametrize("empty", ["", b"", None])
@pytest.mark.parametrize("cookie", ["junk", "1|" + "0" * 128])
def test_an_empty_older_key_signs_nothing_and_breaks_nothing(empty: Any, cookie: str) -> None:
    vault = open_vault()
    vault.app.config["SECRET_KEY_FALLBACKS"] = [empty]
    client = vault.client()
    client.set_cookie("remember_token", cookie)
    assert client.get("/who").text == "nobody"
    forged = hmac.digest(b"", b"1", "sha512").hex()
    client.set_cookie("remember_token", f"1|{forged}")
    assert client.get("/who").text == "nobody"


@pytest.mark.parametrize("hardened", [False, True])
def test_without_a_key_a_cookie_is_no_cookie(hardened: bool) -> None:
    vault = open_vault(hardened=hardened)
    vault.app.secret_key = None
    client = vault.client()
    client.set_cookie("remember_token", "junk")
    response = client.get("/who")
    assert (response.status_code, response.text) == (200, "nobody")
    assert (client.get_cookie("remember_token") is None) is hardened


@pytest.mark.parametrize("hardened", [False, True])
def test_who_asked_for_no_cookie_gets_none_after_another_who_did(hardened: bool) -> None:
    vault = open_vault(hardened=hardened)

    @vault.app.get("/both")
    def both() -> str:
        login_user(vault.keepers["1"], remember=True)
        return str(login_user(vault.keepers["2"]))

    client = vault.client()
    assert client.get("/both").text == "True"
    assert client.get_cookie("remember_token") is None


@pytest.mark.parametrize("hardened", [False, True])
def test_who_has_no_id_yet_gets_no_cookie_of_a_user_called_none(hardened: bool) -> None:
    vault = open_vault(hardened=hardened)
    vault.keepers["new"] = Keeper("new")
    vault.keepers["new"].get_id = lambda: None  # type: ignore[method-assign, assignment, return-value]
    client = vault.client()
    assert client.get("/login/new?remember").text == "True"
    assert client.get_cookie("remember_token") is None


def test_refreshing_each_request_gives_nobody_a_cookie_of_a_user_called_none() -> None:
    vault = open_vault()
    vault.app.config["REMEMBER_COOKIE_REFRESH_EACH_REQUEST"] = True
    vault.keepers["None"] = Keeper("None")
    client = vault.client()
    client.get("/login/None?remember")
    restart(client)
    assert client.get("/put/name").status_code == 200
    assert client.get("/who").text == "None"


def test_a_token_of_the_right_key_names_its_user_only() -> None:
    """One account's token cannot be carried over to another: the id is inside the signature."""
    vault = open_vault()
    with vault.app.app_context():
        mine, theirs = mint("1", None, LATER), mint("2", None, LATER)
        body, _, rest = mine.partition(".")
        other_body, _, _ = theirs.partition(".")
        assert verify(f"{other_body}.{rest}") is None
        assert verify(f"{body}.{rest}") is not None


@pytest.mark.parametrize("hardened", [False, True])
@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("cookie", "remember_cookie_invalid"),
        ("user", "user_missing"),
        ("stamp", "stamp_changed"),
        ("activity", "inactive"),
        ("loader", "user_mismatch"),
    ],
)
def test_a_refused_cookie_is_told_and_cleared_where_it_is_over(
    hardened: bool, spoil: str, reason: str
) -> None:
    vault = open_vault(hardened=hardened)
    client = remembered_client(vault)
    match spoil:
        case "cookie":
            client.set_cookie("remember_token", "junk")
        case "user":
            del vault.keepers["1"]
        case "stamp":
            vault.keepers["1"].stamp = "second"
        case "activity":
            vault.keepers["1"].active = False
        case "loader":
            vault.keepers["1"] = vault.keepers["2"]
    heard: list[object] = []

    def note(_app: object, user: object, reason: object) -> None:
        heard.append(reason)

    with login_refused.connected_to(note):
        shown = client.get("/who").text
    if spoil == "activity" and not hardened:
        # Flask-Login lets a user class say that inactive users are authenticated.
        assert (shown, heard) == ("1", [])
        return
    if spoil == "loader" and not hardened:
        # Nor does it look whether the loader has found whom it was asked for.
        assert (shown, heard) == ("2", [])
        return
    assert (shown, heard) == ("nobody", [reason])
    is_cleared = client.get_cookie("remember_token") is None
    assert is_cleared is (hardened or spoil == "stamp")


def test_a_token_is_a_value() -> None:
    token = RememberToken("1", None, 0.0, None, is_outdated=False)
    with pytest.raises(AttributeError):
        token.user_id = "2"  # type: ignore[misc]
