"""Test clients beside each other: in one context, in preserved ones, on one session store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cachelib.file import FileSystemCache
from flask import Flask, request
from flask_session import Session

from flask_porter import LoginClient, current_user
from tests.login.mended import OURS, Site, shown, site
from tests.parity.member_site import Member


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


def test_clients_beside_each_other_do_not_mix(house: Site, ada: Member, grace: Member) -> None:
    first, second = LoginClient(house.app, user=ada), LoginClient(house.app, user=grace)
    for _ in range(2):
        assert [shown(first), shown(second)] == ["Ada", "Grace"]
    first.log_in(grace)
    second.log_in(ada)
    assert [shown(first), shown(second)] == ["Grace", "Ada"]
    first.log_out()
    assert [shown(first), shown(second)] == ["nobody", "Ada"]


@pytest.mark.parametrize(
    "pushed", [Flask.app_context, Flask.test_request_context], ids=["app", "request"]
)
def test_they_do_not_mix_inside_one_pushed_context(
    house: Site, ada: Member, grace: Member, pushed: Callable[[Flask], Any]
) -> None:
    with pushed(house.app):
        before = bool(current_user)
        test_clients_beside_each_other_do_not_mix(house, ada, grace)
        assert bool(current_user) is before
        if before:
            assert current_user.is_anonymous


def test_they_do_not_mix_in_preserved_contexts(house: Site, ada: Member, grace: Member) -> None:
    first, second = LoginClient(house.app, user=ada), LoginClient(house.app)
    with first:
        first.get("/who")
        assert request.path == "/who"
        second.log_in(grace)
        assert current_user == ada
        assert second.get("/who").text == "Grace"
        assert current_user == ada
        first.log_in(grace)
        assert first.get("/who").text == "Grace"
        assert current_user == grace


def test_current_user_itself_can_be_logged_in(house: Site, ada: Member, grace: Member) -> None:
    first, second = LoginClient(house.app, user=ada), LoginClient(house.app, user=grace)
    with first:
        first.get("/who")
        second.log_in(current_user)
    assert shown(second) == "Ada"


@pytest.fixture
def stored_on_disk(house: Site, tmp_path: Path) -> Flask:
    house.app.config.update(
        SESSION_TYPE="cachelib", SESSION_CACHELIB=FileSystemCache(str(tmp_path))
    )
    Session(house.app)
    return house.app


@pytest.mark.parametrize("hardened", [True, False])
def test_sessions_on_the_server_work_too(
    stored_on_disk: Flask, house: Site, ada: Member, grace: Member, hardened: bool
) -> None:
    house.manager.hardened = hardened
    client = LoginClient(stored_on_disk)
    with client.session_transaction() as session:
        session["cart"] = ["tea"]
    planted = client.get_cookie("session")
    client.log_in(ada)
    issued = client.get_cookie("session")
    assert planted is not None
    assert issued is not None
    assert (issued.value == planted.value) is not hardened
    assert b"_user_id" not in issued.value.encode()
    assert shown(client) == "Ada"
    assert shown(client, "/fresh") == "True"
    test_clients_beside_each_other_do_not_mix(house, ada, grace)
    client.log_out()
    assert shown(client) == "nobody"
