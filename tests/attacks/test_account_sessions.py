"""Session records under attack: tampering, fixation, replay, lifetimes, what a store gives away.

S01 to S38, as far as a record decides; the cookie that carries its token is the login floor's.
"""

from __future__ import annotations

import string
from base64 import urlsafe_b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import session
from flask.testing import FlaskClient
from sqlalchemy import text

from flask_porter import confirm_login, current_user, login_required
from flask_porter.authenticators import tokens
from flask_porter.flows import users as operators
from flask_porter.flows.caller import Caller
from flask_porter.flows.resume import resume
from flask_porter.login.records import TOKEN
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site, token_of
from tests.attacks.thief import copy_of, token_in, who, who_is, with_session, without_nonce

BOB = "bob@example.org"
OPERATOR = Caller("cli")
LOGIN = {"identifier": ADA, "password": PASSWORD}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path)
    site.app.add_url_rule("/who", view_func=who, methods=["GET", "POST"])
    site.register()
    return site


def sessions_of(site: Site) -> list[Any]:
    return site.rows(site.accounts.models.session)


def bearer_token(site: Site) -> str:
    answer = site.client().post("/account/api/login/bearer", json=LOGIN)
    assert answer.status_code == 200, answer.text
    token: str = answer.json["session_token"] if answer.json else ""
    return token


def test_s01_s02_no_changed_or_shortened_token_is_accepted(site: Site) -> None:
    client = site.logged_in_client()
    token, user_id = token_in(client), str(site.user().id)
    letters = string.ascii_letters + string.digits + "-_"
    changed = [
        token[:at] + letters[(letters.find(old) + 1) % len(letters)] + token[at + 1 :]
        for at, old in enumerate(token)
    ]
    changed += [token[:length] for length in range(len(token))]
    changed += [token + "A", f" {token}", f"{token}\n", token.replace(".", "..")]
    with site.app.app_context():
        assert resume(site.accounts, token, "cookie") is not None
        assert not [one for one in changed if resume(site.accounts, one, "cookie") is not None]
    assert who_is(with_session(site, _user_id=user_id, **{TOKEN: token})) == ADA
    assert who_is(with_session(site, _user_id=user_id, **{TOKEN: changed[30]})) is None


def test_s07_a_planted_session_is_worthless_after_the_log_in_and_its_record_is_gone(
    site: Site,
) -> None:
    site.register(BOB)
    planted = site.logged_in_client(BOB)
    victim = copy_of(planted, site)
    before = token_in(planted)
    victim.post("/account/login", data=LOGIN)
    assert who_is(victim) == ADA
    assert token_in(victim).split(".")[0] != before.split(".")[0]
    assert who_is(planted) is None
    assert [record.user_id for record in sessions_of(site)] == [site.user().id]


def test_s08_each_proof_gives_the_record_another_id_and_the_old_token_is_refused(
    site: Site,
) -> None:
    def confirm() -> str:
        confirm_login()
        return "proven"

    site.app.add_url_rule("/confirm", view_func=login_required(confirm), methods=["POST"])
    client = site.logged_in_client()
    for path, given in [
        ("/account/reauthenticate", {"password": PASSWORD}),
        ("/account/login", LOGIN),
        ("/confirm", {}),
        ("/account/change-password", {"password": PASSWORD, "new_password": NEW_PASSWORD}),
    ]:
        thief, before = copy_of(client, site), token_in(client)
        assert who_is(thief) == ADA
        assert client.post(path, data=given).status_code in {200, 303}
        assert who_is(client) == ADA
        assert token_in(client) != before
        assert who_is(thief) is None
    assert len(sessions_of(site)) == 1


def test_s10_a_token_counts_in_its_own_place_alone(site: Site) -> None:
    token = token_in(site.logged_in_client())
    stranger = site.client()
    assert who_is(stranger, query_string={"session": token, "sid": token, TOKEN: token}) is None
    for name in ("X-Session-Id", "Cookie2", "X-Api-Key"):
        assert who_is(stranger, headers={name: token}) is None
    for scheme in ("Bearer", "Basic", "Session", "bearer "):
        assert who_is(stranger, headers={"Authorization": f"{scheme} {token}"}) is None
    answer = stranger.post("/who", data={"session": token, TOKEN: token})
    assert answer.json == {"who": None, "own": None}
    bearer = bearer_token(site)
    assert who_is(stranger, headers={"Authorization": f"Bearer {bearer}"}) == ADA
    assert who_is(with_session(site, _user_id=str(site.user().id), **{TOKEN: bearer})) is None


def test_s11_a_copy_is_worthless_after_the_log_out_and_the_record_is_gone(site: Site) -> None:
    client = site.logged_in_client()
    thief = copy_of(client, site)
    assert who_is(thief) == ADA
    assert client.post("/account/logout").status_code == 303
    assert who_is(thief) is None
    assert thief.get("/account/").status_code == 302
    assert sessions_of(site) == []


def test_s12_a_late_answer_brings_no_session_back(site: Site) -> None:
    """Also CC13: two answers that save one session never restore a log-in."""
    other_tab: FlaskClient

    def slow() -> str:
        assert current_user.email == ADA
        assert other_tab.post("/account/logout").status_code == 303
        session["own"] = "written late"
        return "done"

    site.app.add_url_rule("/slow", view_func=slow)
    client = site.logged_in_client()
    other_tab = copy_of(client, site)
    assert client.get("/slow").text == "done"
    assert token_in(client)
    assert who_is(client) is None
    assert sessions_of(site) == []


def test_s13_the_idle_limit_is_kept_to_the_second(site: Site) -> None:
    limit = site.accounts.settings.idle_timeout
    assert limit is not None
    for seconds, expected in ((-1, ADA), (0, None), (1, None)):
        client = site.logged_in_client()
        site.clock.now += limit + timedelta(seconds=seconds)
        assert who_is(client) == expected


def test_s13_no_time_in_the_cookie_counts(site: Site) -> None:
    limit = site.accounts.settings.idle_timeout
    assert limit is not None
    client = site.logged_in_client()
    site.clock.now += limit
    with client.session_transaction() as held:
        for name in ("_fresh", "_seen", "_begun", "_proven", "_remembered_until", "_seen_at"):
            held[name] = int(site.clock.now.timestamp()) + 10**6
    assert who_is(client) is None


def test_s14_no_activity_puts_the_absolute_limit_off(site: Site) -> None:
    settings = site.accounts.settings
    assert settings.idle_timeout is not None
    client, step = site.logged_in_client(), settings.idle_timeout / 2
    end = site.clock() + settings.absolute_timeout
    while site.clock() + step < end:
        site.clock.now += step
        assert who_is(client) == ADA
    site.clock.now = end - timedelta(seconds=1)
    assert who_is(client) == ADA
    site.clock.now = end
    assert who_is(client) is None


def test_s17_session_tokens_are_random_and_say_nothing() -> None:
    drawn = {tokens.mint(16) for _ in range(50_000)}
    assert len(drawn) == 50_000
    # 16 bytes in base64 (RFC 4648): 22 characters, of which each bit is drawn.
    assert {len(id) for id in drawn} == {22}
    for at in range(21):
        assert len({id[at] for id in drawn}) == 64


def test_s18_no_cookie_can_be_made_of_what_the_table_holds(site: Site) -> None:
    client = site.logged_in_client()
    secret = token_in(client).split(".")[1]
    with site.accounts.database.open_session() as database:
        table = site.accounts.models.session.__tablename__
        row = database.execute(text(f"SELECT * FROM {table}")).mappings().one()
    values = [part for value in row.values() for part in _spellings(value)]
    assert secret not in values
    made = [*values, *(f"{row['id']}.{value}" for value in values)]
    with site.app.app_context():
        assert not [one for one in made if resume(site.accounts, one, "cookie") is not None]


def _spellings(value: object) -> list[str]:
    if isinstance(value, bytes):
        return [value.hex(), urlsafe_b64encode(value).rstrip(b"=").decode()]
    return [str(value)]


def test_s20_a_new_password_ends_every_other_log_in_and_renews_this_one(site: Site) -> None:
    client, others = site.logged_in_client(), [site.logged_in_client() for _ in range(2)]
    bearer = {"Authorization": f"Bearer {bearer_token(site)}"}
    thief, before = copy_of(client, site), token_in(client)
    assert [who_is(one) for one in (client, thief, *others)] == [ADA] * 4
    assert who_is(site.client(), headers=bearer) == ADA
    given = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    assert client.post("/account/change-password", data=given).status_code in {200, 303}
    assert who_is(client) == ADA
    assert token_in(client) != before
    assert [who_is(one) for one in (thief, *others)] == [None] * 3
    assert who_is(site.client(), headers=bearer) is None


def test_s21_a_password_reset_by_mail_ends_the_session_of_a_thief(site: Site) -> None:
    thief, victim = site.logged_in_client(), site.client()
    victim.post("/account/reset-password", data={"identifier": ADA})
    victim.get(site.last_link(ADA))
    done = victim.post("/account/reset-password/new", data={"new_password": NEW_PASSWORD})
    assert done.status_code in {200, 303}
    assert who_is(thief) is None
    assert sessions_of(site) == []
    victim.post("/account/login", data={**LOGIN, "password": NEW_PASSWORD})
    assert who_is(victim) == ADA


def test_s22_all_browsers_of_a_user_are_out_at_the_very_next_request(site: Site) -> None:
    browsers = [site.logged_in_client() for _ in range(3)]
    assert [who_is(client) for client in browsers] == [ADA] * 3
    site.run(operators.end_sessions, OPERATOR, user=ADA)
    assert [who_is(client) for client in browsers] == [None] * 3


def test_s24_a_disabled_user_is_out_by_every_way(site: Site) -> None:
    client, bearer = site.logged_in_client(), bearer_token(site)
    remembered = site.client()
    remembered.post("/account/login", data={**LOGIN, "remember": "true"})
    with_header = {"Authorization": f"Bearer {bearer}"}
    assert who_is(remembered) == who_is(site.client(), headers=with_header) == ADA
    site.run(operators.disable, OPERATOR, user=ADA)
    assert who_is(client) is None
    assert who_is(remembered) is None
    assert who_is(site.client(), headers=with_header) is None
    again = client.post("/account/reauthenticate", data={"password": PASSWORD})
    assert again.status_code == 302
    assert site.client().post("/account/login", data=LOGIN).status_code == 401
    assert sessions_of(site) == []


def test_s24_so_is_one_who_was_disabled_by_the_row_alone(site: Site) -> None:
    """The record says so by itself: the login floor, which asks too, is not all that holds it."""
    client, bearer = site.logged_in_client(), bearer_token(site)
    token = token_in(client)
    site.change(site.user(), disabled_at=site.clock())
    assert who_is(client) is None
    with site.app.app_context():
        assert resume(site.accounts, token, "cookie") is None
        assert resume(site.accounts, bearer, "bearer") is None


def test_s25_what_the_device_list_shows_is_no_session(site: Site) -> None:
    client = site.logged_in_client()
    site.logged_in_client()
    ids, secret = [record.id for record in sessions_of(site)], token_in(client).split(".")[1]
    shown = client.get("/account/devices").text + client.get("/account/api/devices").text
    assert not [part for part in (*ids, secret) if part in shown]
    handles = [device["handle"] for device in _devices(client)]
    assert len(handles) == 2
    with site.app.app_context():
        for handle in handles:
            for made in (handle, f"{handle}.{secret}"):
                assert resume(site.accounts, made, "cookie") is None


def _devices(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get("/account/api/devices").json
    devices: list[dict[str, Any]] = answer["devices"] if answer else []
    return devices


def test_s26_s27_no_handle_of_another_user_or_of_nobody_ends_anything(site: Site) -> None:
    site.register(BOB)
    client, bob = site.logged_in_client(), site.logged_in_client(BOB)
    theirs = _devices(bob)[0]["handle"]
    own = _devices(client)[0]["handle"]
    ids = [record.id for record in sessions_of(site)]
    forged = [theirs, theirs[::-1], own[:-1], own + "A", "A" * 22, *ids]
    answers = [client.post("/account/devices/end", data={"handle": one}) for one in forged]
    assert {answer.status_code for answer in answers} == {404}
    assert len({without_nonce(answer.text) for answer in answers}) == 1
    statuses = {client.delete(f"/account/api/devices/{one}").status_code for one in forged}
    assert statuses == {404}
    assert who_is(bob) == BOB
    assert len(sessions_of(site)) == 2


def test_s28_the_oldest_record_is_ended_at_the_cap(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_MAX_SESSIONS=3)
    site.app.add_url_rule("/who", view_func=who)
    site.register()
    browsers = []
    for _ in range(4):
        browsers.append(site.logged_in_client())
        site.clock.advance(minutes=1)
    assert [who_is(client) for client in browsers] == [None, ADA, ADA, ADA]


def test_s34_no_other_secret_is_a_session(site: Site) -> None:
    client = site.logged_in_client()
    id, secret = token_in(client).split(".")
    device = client.get_cookie("porter_device")
    assert device is not None
    site.client().post("/account/reset-password", data={"identifier": ADA})
    link = token_of(site.last_link(ADA))
    made = [id, secret, device.value, link, f"{id}.{link}", f"{id}.{tokens.mint()}"]
    for one in made:
        assert who_is(with_session(site, _user_id=str(site.user().id), **{TOKEN: one})) is None


#: What somebody who can write to the table may write: columns, and values that are never ours.
JUNK: list[tuple[str, Any]] = [
    ("secret_digest", b"short"),
    ("secret_digest", "\x80\x04pickle"),
    ("amr", "[" * 5000),
    ("expires_at", "when it pleases"),
    ("generation", "many"),
    ("user_id", "{}"),
    ("user_agent", "x" * 100_000),
    ("transport", "carrier pigeon"),
    ("last_seen_at", 10**17),
    ("idle_timeout", "for ever"),
]


def test_s36_what_we_have_never_written_is_nobody_and_no_error(site: Site) -> None:
    table = site.accounts.models.session.__tablename__
    for column, junk in JUNK:
        client = site.logged_in_client()
        assert who_is(client) == ADA
        with site.accounts.database.open_session() as database:
            database.execute(text("PRAGMA foreign_keys=OFF"))
            database.execute(text(f"UPDATE {table} SET {column} = :junk"), {"junk": junk})
            database.commit()
        assert who_is(client) is None, column
        assert client.get("/account/").status_code == 302
        assert client.post("/account/logout").status_code in {302, 303}
        with site.accounts.database.open_session() as database:
            database.execute(text(f"DELETE FROM {table}"))
            database.commit()


def test_s37_a_signed_id_beside_somebody_elses_token_is_nobody(site: Site) -> None:
    site.register(BOB)
    token = token_in(site.logged_in_client())
    for id in (["1"], {"a": 1}, True, None, 2, "2", "01", "1 ", "٣", 1.5, "1" * 99):
        assert who_is(with_session(site, _user_id=id, **{TOKEN: token})) is None, id
    assert who_is(with_session(site, _user_id=str(site.user().id), **{TOKEN: token})) == ADA


def test_s37_a_signed_token_that_is_none_is_nobody(site: Site) -> None:
    id = str(site.user().id)
    for token in (["a"], {"a": 1}, True, None, 7, "", "a.b", "\x00" * 66, "é" * 66):
        assert who_is(with_session(site, _user_id=id, _fresh=True, **{TOKEN: token})) is None


def test_s38_another_browser_with_the_cookie_is_never_trusted_more(site: Site) -> None:
    client = site.logged_in_client()
    site.clock.now += site.accounts.settings.fresh_for
    thief = copy_of(client, site)
    thief.environ_base |= {"REMOTE_ADDR": "203.0.113.9", "HTTP_USER_AGENT": "Another/1.0"}
    assert who_is(thief) == ADA
    assert thief.get("/account/close-account").status_code == 302
    assert thief.get_cookie("porter_device") is None
