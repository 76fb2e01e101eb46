"""Attacks FI: the app's own transaction is its own, ours is whole or nothing, a hook may break."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from flask_porter import confirm_login, current_user, login_fresh, login_user, logout_user
from flask_porter.errors import SetUpError
from flask_porter.flows.roles import set_permissions
from tests.attacks.transactions import Shop, opened

#: What an app calls of ours in the middle of its own work.
STEPS: dict[str, Callable[[Shop], Any]] = {
    "current_user": lambda shop: current_user.id,
    "login_fresh": lambda shop: login_fresh(),
    "login_user": lambda shop: login_user(shop.me()),
    "confirm_login": lambda shop: confirm_login(),
    "logout_user": lambda shop: logout_user(),
    "run": lambda shop: shop.site.porter.run(set_permissions, role="cook"),
}
WRITES = ("login_user", "confirm_login", "logout_user", "run")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    url = f"sqlite:///{tmp_path / 'shop.sqlite3'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url").replace("://", "+psycopg://", 1)
    with opened(tmp_path, url) as shop:
        yield shop


@pytest.mark.parametrize("step", STEPS)
def test_what_the_app_has_begun_is_neither_lost_nor_written(shop: Shop, step: str) -> None:
    """Also not flushed: the note cannot be written yet."""
    session = shop.db.session

    def work() -> None:
        ada, note = shop.me(), shop.note()
        session.add(note)
        ada.nickname = "Countess"
        shop.site.clock.advance(minutes=5)
        STEPS[step](shop)
        assert set(session.new) == {note}
        assert set(session.dirty) == {ada}
        assert ada.nickname == "Countess"
        assert shop.kept() == ([], None)
        note.text = "two eggs"
        session.commit()

    shop.during(shop.client(), work)
    assert shop.kept() == (["two eggs"], "Countess")


@pytest.mark.parametrize("step", STEPS)
def test_what_the_app_has_written_and_not_committed_stays_its_own(shop: Shop, step: str) -> None:
    """One connection writes to SQLite at a time, so there a flow cannot; it says what to do."""
    session = shop.db.session
    is_stuck = shop.is_sqlite and step in WRITES

    def work() -> None:
        session.add(shop.note(text="two eggs"))
        session.flush()
        shop.site.clock.advance(minutes=5)
        began = time.monotonic()
        if is_stuck:
            with pytest.raises(SetUpError, match="commit or roll back"):
                STEPS[step](shop)
        else:
            STEPS[step](shop)
        assert time.monotonic() - began < 5
        assert shop.kept() == ([], None)
        assert list(session.scalars(select(shop.note.text))) == ["two eggs"]
        session.commit()

    client = shop.client()
    shop.during(client, work)
    assert shop.kept() == (["two eggs"], None)
    assert shop.is_logged_in(client) is (is_stuck or step != "logout_user")
