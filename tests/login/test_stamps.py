"""A changed stamp ends every log-in of that user, and of nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import session

from flask_porter import LoginManager, login_user, session_ended
from flask_porter.login import stamps
from tests.login.vault import Vault, copy_of, open_vault, restart, session_of


def test_a_changed_stamp_ends_the_session_at_the_next_request() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1")
    assert client.get("/who").text == "1"
    vault.keepers["1"].stamp = "second"
    assert client.get("/who").text == "nobody"
    assert "_user_id" not in session_of(client)


def test_a_changed_stamp_ends_every_copy_of_the_remember_cookie() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1?remember")
    copy = copy_of(client, "remember_token")
    assert copy_of(client, "remember_token").get("/who").text == "1"
    vault.keepers["1"].stamp = "second"
    response = copy.get("/who")
    assert response.text == "nobody"
    assert copy.get_cookie("remember_token") is None


def test_a_changed_stamp_ends_nobody_elses_session() -> None:
    vault = open_vault()
    other = vault.client()
    other.get("/login/2")
    vault.keepers["1"].stamp = "second"
    assert other.get("/who").text == "2"


def test_the_browser_that_made_the_change_stays_and_every_other_ends() -> None:
    vault = open_vault()
    mine, theirs = vault.client(), vault.client()
    mine.get("/login/1?remember")
    theirs.get("/login/1?remember")
    old_cookie = copy_of(mine, "remember_token")
    mine.get("/stamp/1/second")
    assert mine.get("/who").text == "1"
    assert theirs.get("/who").text == "nobody"
    assert old_cookie.get("/who").text == "nobody"
    restart(mine)
    assert mine.get("/who").text == "1"


def test_a_renewed_remember_cookie_ends_when_the_old_one_did() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1?remember&seconds=600")
    before = client.get_cookie("remember_token")
    client.get("/stamp/1/second")
    after = client.get_cookie("remember_token")
    assert before is not None
    assert after is not None
    assert before.expires is not None
    assert after.expires is not None
    assert before.value != after.value
    assert abs(after.expires - before.expires) <= timedelta(seconds=2)


def test_changing_somebody_elses_stamp_leaves_the_own_session_alone() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1")
    before = session_of(client)
    client.get("/stamp/2/second")
    assert session_of(client) == before
    assert client.get("/who").text == "1"


def test_renewing_a_stamp_gives_no_remember_cookie_to_who_has_none_or_is_logging_out() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/stamp/1/second")
    client.get("/login/1")
    client.get("/stamp/1/third")
    assert client.get_cookie("remember_token") is None
    client.set_cookie("remember_token", "junk")
    client.get("/stamp/1/fourth")
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    assert cookie.value == "junk"
    client.get("/login/1?remember")
    with client.session_transaction() as stored:
        stored["_remember"] = "clear"
    client.get("/stamp/1/fifth")
    assert client.get_cookie("remember_token") is None


def test_a_stamp_of_another_id_counts_as_absent() -> None:
    """An older node has logged somebody else in and left our key where it was."""
    vault = open_vault()
    client = vault.client()
    client.get("/login/1")
    with client.session_transaction() as stored:
        stored["_user_id"] = "2"
    assert client.get("/who").text == "2"
    assert session_of(client)["_stamp"][0] == "2"


def test_users_without_the_method_have_no_stamp_in_their_session() -> None:
    vault = open_vault()
    vault.keepers["1"].stamp = None
    client = vault.client()
    client.get("/login/1")
    assert "_stamp" not in session_of(client)
    assert client.get("/who").text == "1"


def test_a_user_who_offers_a_stamp_no_more_is_still_known() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1?remember")
    vault.keepers["1"].stamp = None
    assert client.get("/who").text == "1"
    restart(client)
    assert client.get("/who").text == "1"


def rotated(vault: Vault) -> Vault:
    """The same site after its key was rotated."""
    old = vault.app.secret_key
    new = open_vault(key="a newer key")
    new.app.config["SECRET_KEY_FALLBACKS"] = [old]
    new.keepers.update(vault.keepers)
    return new


def test_a_digest_under_an_older_key_is_accepted_and_rewritten() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1?remember")
    new = rotated(vault)
    moved = new.client()
    for name in ("session", "remember_token"):
        cookie = client.get_cookie(name)
        assert cookie is not None
        moved.set_cookie(name, cookie.value)
    old_digest = session_of(client)["_stamp"]
    with moved.session_transaction() as stored:
        stored["_stamp"] = old_digest
    assert moved.get("/who").text == "1"
    assert session_of(moved)["_stamp"] != old_digest
    new.app.config["SECRET_KEY_FALLBACKS"] = []
    assert moved.get("/who").text == "1"


def test_a_remember_cookie_under_an_older_key_is_rewritten() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1?remember")
    new = rotated(vault)
    moved = new.client()
    cookie = client.get_cookie("remember_token")
    assert cookie is not None
    moved.set_cookie("remember_token", cookie.value)
    assert moved.get("/who").text == "1"
    new.app.config["SECRET_KEY_FALLBACKS"] = []
    restart(moved)
    assert moved.get("/who").text == "1"


@pytest.mark.parametrize(
    "junk", ["", "1", [], ["1"], ["1", 2], ["1", "é"], ["1", "x"], {"a": 1}, 7]
)
def test_a_junk_stamp_never_lets_anybody_in_who_must_have_one(junk: object) -> None:
    vault = open_vault(stamp_required_from=datetime(2000, 1, 1, tzinfo=UTC))
    client = vault.client()
    client.get("/login/1")
    with client.session_transaction() as stored:
        stored["_stamp"] = junk
    assert client.get("/who").text == "nobody"


def absent(vault: Vault, signed: datetime) -> str:
    """Sign a session without a stamp at a time, and tell who it is now."""
    client = vault.client()
    with time_machine.travel(signed, tick=False):
        client.get("/login/1")
        with client.session_transaction() as stored:
            del stored["_stamp"]
    return client.get("/who").text


def test_a_missing_stamp_is_judged_by_when_the_cookie_was_signed() -> None:
    now = datetime.now(UTC)
    cut_off = now - timedelta(days=2)
    vault = open_vault(stamp_required_from=cut_off)
    assert absent(vault, cut_off - timedelta(seconds=2)) == "1"
    assert absent(vault, cut_off + timedelta(seconds=2)) == "nobody"
    vault.manager.stamp_required_from = None
    assert absent(vault, cut_off + timedelta(seconds=2)) == "1"


def test_a_missing_stamp_is_written_where_it_is_accepted() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1")
    with client.session_transaction() as stored:
        del stored["_stamp"]
    assert client.get("/who").text == "1"
    vault.keepers["1"].stamp = "second"
    assert client.get("/who").text == "nobody"


def test_a_first_format_cookie_without_a_stamp_ends_with_the_cut_off() -> None:
    vault = open_vault(remember_format="legacy")
    client = vault.client()
    client.get("/login/1?remember")
    restart(client)
    assert client.get("/who").text == "1"
    restart(client)
    vault.manager.stamp_required_from = datetime.now(UTC) - timedelta(hours=1)
    assert client.get("/who").text == "nobody"


def test_a_dated_remember_cookie_without_a_stamp_is_judged_by_its_own_date() -> None:
    now = datetime.now(UTC)
    cut_off = now - timedelta(days=2)
    vault = open_vault(remember_format="signed", stamp_required_from=cut_off)
    for signed, who in ((-2, "1"), (2, "nobody")):
        client = vault.client()
        vault.keepers["1"].stamp = None
        with time_machine.travel(cut_off + timedelta(seconds=signed), tick=False):
            client.get("/login/1?remember")
        vault.keepers["1"].stamp = "first"
        restart(client)
        assert client.get("/who").text == who


def test_a_dated_remember_cookie_without_a_stamp_gets_one_on_use() -> None:
    vault = open_vault(remember_format="signed")
    vault.keepers["1"].stamp = None
    client = vault.client()
    client.get("/login/1?remember")
    vault.keepers["1"].stamp = "first"
    restart(client)
    assert client.get("/who").text == "1"
    vault.keepers["1"].stamp = "second"
    restart(client)
    assert client.get("/who").text == "nobody"


def test_a_session_cookie_of_an_endless_date_has_no_date() -> None:
    vault = open_vault()
    with vault.app.test_request_context(headers={"Cookie": f"session=a.{'_' * 400}.b"}):
        assert stamps.session_holds(vault.manager, vault.keepers["1"], "1")
        vault.manager.stamp_required_from = datetime.now(UTC) - timedelta(hours=1)
        del session["_stamp"]
        assert not stamps.session_holds(vault.manager, vault.keepers["1"], "1")


def test_the_signed_time_is_now_where_no_dated_cookie_holds_the_session() -> None:
    vault = open_vault(stamp_required_from=datetime.now(UTC) + timedelta(hours=1))
    with vault.app.test_request_context(headers={"Cookie": "session=junk"}):
        assert stamps.session_holds(vault.manager, vault.keepers["1"], "1")
    vault.app.session_interface = object()  # type: ignore[assignment]
    vault.manager.stamp_required_from = datetime.now(UTC) - timedelta(hours=1)
    with open_vault().app.test_request_context() as context:
        context.app.session_interface = vault.app.session_interface
        assert not stamps.session_holds(vault.manager, vault.keepers["1"], "1")


def test_without_a_key_nothing_is_stamped() -> None:
    vault = open_vault()
    vault.app.secret_key = None
    with vault.app.test_request_context():
        stamps.write(vault.keepers["1"], "1")
        assert "_stamp" not in session


def test_whose_stamp_changed_is_told_to_listeners() -> None:
    vault = open_vault()
    client = vault.client()
    client.get("/login/1")
    heard: list[tuple[object, object]] = []

    def note(_app: object, user_id: object, reason: object) -> None:
        heard.append((user_id, reason))

    vault.keepers["1"].stamp = "second"
    with session_ended.connected_to(note):
        client.get("/who")
        client.get("/who")
    assert heard == [("1", "stamp_changed")]


def test_digests_of_neighbouring_ids_and_stamps_differ() -> None:
    with open_vault().app.test_request_context():
        assert stamps._digest(b"k", "1", "2x") != stamps._digest(b"k", "12", "x")
        assert stamps._digest(b"k", "1", "x") != stamps._digest(b"l", "1", "x")


def test_a_manager_of_ones_own_still_logs_in() -> None:
    """The method is looked up on the user, whatever class it is."""

    class Plain:
        is_active = is_authenticated = True
        is_anonymous = False

        def get_id(self) -> str:
            return "9"

    app = open_vault().app
    LoginManager(app)
    with app.test_request_context():
        assert login_user(Plain())
        assert "_stamp" not in session
