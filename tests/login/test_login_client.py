"""The test client that logs in as a view does, without opening one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g, request
from flask.testing import FlaskClient
from werkzeug.test import Cookie

from flask_porter import (
    FlaskLoginClient,
    LoginClient,
    LoginManager,
    current_user,
    login_fresh,
    user_logged_in,
    user_logged_out,
)
from tests.login.mended import OURS, Site, restart, session_of, shown, site
from tests.login.vault import Vault, open_vault
from tests.parity.member_site import Member

MODES = [None, "basic", "strong"]


@pytest.fixture
def house() -> Site:
    house = site(OURS)
    house.app.test_client_class = LoginClient
    return house


@pytest.fixture
def ada(house: Site) -> Member:
    return house.members["1"]


@pytest.fixture
def grace(house: Site) -> Member:
    return house.members["2"]


def cookie_of(client: FlaskClient, name: str) -> tuple[object, ...] | None:
    """Return the cookie with all its attributes; its end to the nearest minute."""
    cookie = client.get_cookie(name)
    if cookie is None:
        return None
    value = cookie.value if name == "remember_token" else ""
    ends = _minute(cookie)
    return value, cookie.domain, cookie.path, cookie.secure, cookie.http_only, ends


def _minute(cookie: Cookie) -> int | None:
    return None if cookie.expires is None else round(cookie.expires.timestamp() / 60)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fresh", [True, False])
def test_somebody_is_logged_in_and_as_fresh_as_asked_in_each_mode(
    house: Site, ada: Member, mode: str | None, fresh: bool
) -> None:
    house.app.config["SESSION_PROTECTION"] = mode
    with house.app.test_client(user=ada, fresh_login=fresh) as client:
        for _ in range(2):
            assert client.get("/who").text == "Ada"
            assert client.get("/fresh").text == str(fresh)


@pytest.mark.parametrize(
    ("mode", "seen"), [("basic", ["Ada", "False"]), ("strong", ["nobody", "False"])]
)
def test_the_client_of_flask_login_cannot(
    house: Site, ada: Member, mode: str, seen: list[str]
) -> None:
    house.app.config["SESSION_PROTECTION"] = mode
    client = FlaskLoginClient(house.app, user=ada)
    assert [client.get("/who").text, client.get("/fresh").text] == seen


@pytest.mark.parametrize(
    ("path", "how"),
    [
        ("/login?id=1", {}),
        ("/login?id=1&stale", {"fresh": False}),
        ("/login?id=1&remember", {"remember": True}),
        ("/login?id=1&remember&stale", {"remember": True, "fresh": False}),
        (
            "/login?id=1&remember&seconds=90",
            {"remember": True, "duration": timedelta(seconds=90)},
        ),
        ("/login?id=3&force", {"force": True}),
        ("/login?id=佐藤&remember", {"remember": True}),
    ],
)
def test_the_client_keeps_what_a_log_in_view_would_have_given_it(
    house: Site, path: str, how: dict[str, Any]
) -> None:
    house.app.config.update(
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_PATH="/who",
        REMEMBER_COOKIE_SECURE=True,
        REMEMBER_COOKIE_DOMAIN="localhost",
    )
    visitor, client = FlaskClient(house.app), LoginClient(house.app)
    visitor.get(path)
    member = house.members[path.partition("id=")[2].partition("&")[0]]
    client.log_in(member, **how)

    def kept(client: FlaskClient) -> list[Any]:
        with client.session_transaction("/who") as session:
            stored = dict(session)
        names = [("session", "/who"), ("remember_token", "/")]
        cookies = [client.get_cookie(name, path=path) for name, path in names]
        return [stored, *(cookie and (cookie.secure, cookie.http_only) for cookie in cookies)]

    assert kept(client) == kept(visitor)
    assert kept(client)[0]["_user_id"] == member.id
    assert cookie_of(client, "remember_token") == cookie_of(visitor, "remember_token")
    assert (cookie_of(client, "remember_token") is not None) is ("remember" in how)


def hold(vault: Vault) -> None:
    vault.manager.idle_timeout = timedelta(minutes=5)
    vault.manager.absolute_timeout = timedelta(hours=1)
    vault.manager.stamp_required_from = datetime.fromisoformat("2020-01-01T00:00+00:00")


@pytest.mark.parametrize("hardened", [True, False])
@pytest.mark.parametrize("remember", [True, False])
def test_stamps_timeouts_and_hardening_are_kept_to(hardened: bool, remember: bool) -> None:
    vault = open_vault(hardened=hardened)
    hold(vault)
    client = LoginClient(vault.app, user=vault.keepers["1"], remember=remember)
    visitor = vault.client()
    visitor.get("/login/1" + "?remember" * remember)
    keys = session_of(visitor).keys()
    assert session_of(client).keys() == keys
    assert {"_stamp", "_began", "_seen"} <= keys
    for browser in (client, visitor):
        assert browser.get("/who").text == "1"
        assert browser.get("/remembered").text == str(remember)
        restart(browser)
        assert browser.get("/who").text == ("1" if remember else "nobody")
    vault.keepers["1"].stamp = "second"
    assert client.get("/who").text == "nobody"


def test_the_client_of_flask_login_carries_no_stamp() -> None:
    vault = open_vault()
    hold(vault)
    client = FlaskLoginClient(vault.app, user=vault.keepers["1"])
    assert client.get("/who").text == "nobody"


def test_a_stale_client_may_not_do_what_needs_a_fresh_log_in() -> None:
    vault = open_vault()
    client = LoginClient(vault.app, user=vault.keepers["1"], fresh_login=False)
    assert client.get("/fresh").status_code == 401
    client.log_in(vault.keepers["1"])
    assert client.get("/fresh").text == "fresh"


def test_the_apps_own_session_data_stays(house: Site, ada: Member) -> None:
    client = house.app.test_client()
    with client.session_transaction() as session:
        session["cart"] = ["tea"]
    assert isinstance(client, LoginClient)
    client.log_in(ada)
    assert session_of(client)["cart"] == ["tea"]
    client.log_out()
    assert session_of(client) == {"cart": ["tea"]}


def test_the_signals_are_sent_by_the_app(house: Site, ada: Member) -> None:
    heard: list[object] = []

    def note(sender: Flask, user: Member) -> None:
        heard.append((sender, user, current_user._get_current_object()))

    client = LoginClient(house.app)
    with user_logged_in.connected_to(note):
        client.log_in(ada)
    with user_logged_out.connected_to(note):
        client.log_out()
    assert heard == [(house.app, ada, ada), (house.app, ada, ada)]


def test_log_out_takes_the_remember_cookie_along(house: Site, ada: Member) -> None:
    client = LoginClient(house.app, user=ada, remember=True)
    assert client.get_cookie("remember_token") is not None
    client.log_out()
    assert client.get_cookie("remember_token") is None
    assert session_of(client) == {}
    assert shown(client) == "nobody"


def test_log_out_does_what_a_view_does(house: Site, ada: Member) -> None:
    by_view = LoginClient(house.app, user=ada, remember=True)
    by_client = LoginClient(house.app, user=ada, remember=True)
    by_view.get("/logout")
    by_client.log_out()
    assert session_of(by_client) == session_of(by_view)
    assert cookie_of(by_client, "remember_token") == cookie_of(by_view, "remember_token")


def test_another_user_ends_the_remembered_one(house: Site, ada: Member, grace: Member) -> None:
    client = LoginClient(house.app, user=ada, remember=True)
    client.log_in(grace)
    restart(client)
    assert shown(client) == "nobody"


def test_who_is_not_active_cannot_be_logged_in_by_mistake(house: Site) -> None:
    mallory = house.members["3"]
    with pytest.raises(ValueError, match="not active"):
        LoginClient(house.app, user=mallory)
    client = LoginClient(house.app)
    with pytest.raises(ValueError, match="force=True"):
        client.log_in(mallory)
    assert session_of(client) == {}
    client.log_in(mallory, force=True)
    assert session_of(client)["_user_id"] == 3


def test_a_client_without_cookies_says_why_it_cannot(house: Site, ada: Member) -> None:
    with pytest.raises(TypeError, match="use_cookies=False"):
        house.app.test_client(use_cookies=False, user=ada)
    client = LoginClient(house.app, use_cookies=False)
    assert shown(client) == "nobody"
    with pytest.raises(TypeError, match="use_cookies=False"):
        client.log_out()


def test_nobody_is_logged_in_when_nobody_is_named(house: Site) -> None:
    for client in (house.app.test_client(), house.app.test_client(user=None)):
        assert session_of(client) == {}
        assert shown(client) == "nobody"


def test_a_user_that_counts_as_false_is_somebody(house: Site, ada: Member) -> None:
    class Empty(Member):
        def __len__(self) -> int:
            return 0

    house.members["1"] = Empty(1, "Ada")
    assert shown(house.app.test_client(user=house.members["1"])) == "Ada"


@pytest.mark.parametrize("mode", MODES)
def test_address_and_user_agent_are_the_clients_own(
    house: Site, ada: Member, mode: str | None
) -> None:
    house.app.config["SESSION_PROTECTION"] = mode
    client = LoginClient(house.app)
    client.environ_base.update(REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Lynx")
    client.log_in(ada)
    assert [shown(client), shown(client, "/fresh")] == ["Ada", "True"]
    phone = LoginClient(house.app)
    phone.log_in(ada, environ_base={"REMOTE_ADDR": "192.0.2.8"}, headers={"User-Agent": "Phone"})
    there: dict[str, Any] = {
        "environ_base": {"REMOTE_ADDR": "192.0.2.8"},
        "headers": {"User-Agent": "Phone"},
    }
    assert [shown(phone, **there), shown(phone, "/fresh", **there)] == ["Ada", "True"]
    assert shown(phone) == ("nobody" if mode == "strong" else "Ada")
    assert shown(phone, "/fresh") == str(mode is None)


def test_a_site_of_many_hosts_is_logged_in_to_host_by_host(house: Site, ada: Member) -> None:
    shop, blog = "https://shop.example", "https://blog.example"
    client = LoginClient(house.app)
    client.log_in(ada, base_url=shop)
    assert shown(client, base_url=shop) == "Ada"
    assert shown(client, base_url=blog) == "nobody"
    client.log_out(base_url=blog)
    assert shown(client, base_url=shop) == "Ada"
    client.log_out(base_url=shop)
    assert shown(client, base_url=shop) == "nobody"


def test_a_failing_handler_leaves_the_client_as_it_was(house: Site, ada: Member) -> None:
    def refuse(sender: Flask, user: Member) -> None:
        raise OSError("no audit log")

    client = LoginClient(house.app)
    with user_logged_in.connected_to(refuse), pytest.raises(OSError, match="audit"):
        client.log_in(ada)
    assert session_of(client) == {}


def test_hooks_of_the_app_are_left_alone(house: Site, ada: Member) -> None:
    house.app.before_request(lambda: setattr(g, "began", True))

    @house.app.after_request
    def finish(response: Any) -> Any:
        assert g.began
        return response

    client = LoginClient(house.app, user=ada)
    assert shown(client) == "Ada"


def test_an_app_without_a_manager_says_what_is_missing() -> None:
    app = Flask("bare")
    app.secret_key = "deterministic"
    with pytest.raises(AttributeError, match="no login manager"):
        LoginClient(app, user=Member(1, "Ada"))


def test_an_app_without_a_key_says_what_is_missing() -> None:
    app = Flask("keyless")
    LoginManager(app).user_loader(lambda user_id: None)
    with pytest.raises(RuntimeError, match="secret"):
        LoginClient(app, user=Member(1, "Ada"))


def test_code_without_a_view_can_be_run_as_somebody(house: Site, ada: Member) -> None:
    with OURS.logged_in_as(house.app, ada, path="/report", fresh=False):
        assert current_user == ada
        assert request.path == "/report"
        assert login_fresh() is False
        with OURS.logged_in_as(house.app, house.members["2"]):
            assert current_user == house.members["2"]
            assert login_fresh() is True
            with OURS.logged_in_as(house.app, current_user):
                assert current_user == house.members["2"]
        assert current_user == ada
    assert current_user._get_current_object() is None
    with (
        pytest.raises(ValueError, match="not active"),
        OURS.logged_in_as(house.app, house.members["3"]),
    ):
        pass
