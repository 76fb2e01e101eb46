"""What a request costs that asks who it is: one read of the record, one of the user, no write."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_porter import current_user, login_required
from tests.account_site import ADA, Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path)
    made.register()
    made.app.add_url_rule("/", "home", login_required(_home))
    made.app.add_url_rule("/open", "open", _open)
    return made


def _home() -> str:
    email: str = current_user.email
    return email


def _open() -> str:
    return "open to all"


def test_a_logged_in_request_reads_twice_and_writes_nothing(site: Site) -> None:
    client = site.logged_in_client()
    with site.statements() as sent:
        assert client.get("/").text == ADA
    tables = [statement.partition("FROM ")[2].split()[0] for statement in sent]
    assert tables == ["porter_sessions", "porter_users"]


def test_an_hour_of_requests_is_noted_by_the_minute(site: Site) -> None:
    client = site.logged_in_client()
    with site.statements() as sent:
        for _ in range(4):
            site.clock.advance(seconds=30)
            client.get("/")
    assert sum(statement.startswith("UPDATE") for statement in sent) == 2


def test_a_view_that_asks_for_nobody_reads_nothing(site: Site) -> None:
    client = site.logged_in_client()
    with site.statements() as sent:
        answer = client.get("/open")
    assert sent == []
    assert "Set-Cookie" not in answer.headers


def test_a_stranger_costs_no_read(site: Site) -> None:
    with site.statements() as sent:
        assert site.client().get("/").status_code == 302
    assert sent == []
