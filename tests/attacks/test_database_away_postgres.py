"""Attacks AZ18 and FI03 on PostgreSQL: stopped, restarted, locked and read-only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import Engine, create_engine

from tests.account_site import ADA, PASSWORD, Site, make_site
from tests.attacks.broken_database import add_views, asked, cookie_of, note_refusals

pytestmark = pytest.mark.postgres


class Address:
    """Where the server is, as a test says at the moment, and with which options."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.options = "-c lock_timeout=50"

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url, options=self.options)

    def do(self, statement: LiteralString) -> None:
        with psycopg.connect(self.url, autocommit=True) as other:
            other.execute(statement)


@pytest.fixture
def address(postgres_url: str) -> Address:
    return Address(postgres_url)


@pytest.fixture
def site(tmp_path: Path, address: Address) -> Iterator[Site]:
    engine = create_engine("postgresql+psycopg://", creator=address.connect)
    site = make_site(tmp_path, engine=engine, PORTER_THROTTLES=False)
    site.register()
    add_views(site)
    yield site
    engine.dispose()


def engine_of(site: Site) -> Engine:
    return site.accounts.database.engine()


@contextmanager
def stopped(site: Site, address: Address) -> Iterator[None]:
    """Let nothing listen where the server was."""
    url = address.url
    with create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    address.url = f"postgresql://postgres@127.0.0.1:{port}/nothing"
    engine_of(site).dispose()
    yield
    address.url = url


def test_az18_every_route_refuses_while_the_server_is_down(site: Site, address: Address) -> None:
    client = site.logged_in_client()
    cookie, refused = cookie_of(client), list[str]()
    note_refusals(engine_of(site), refused)
    statuses: list[int] = []
    with stopped(site, address):
        for what, answer in asked(site, cookie):
            assert (answer.status_code == 503) == bool(refused), what
            assert answer.status_code in {200, 303, 404, 422, 503}, what
            assert "Set-Cookie" not in answer.headers, what
            statuses.append(answer.status_code)
            refused.clear()
    assert statuses.count(503) >= 30
    assert client.get("/mine").text == "mine"


def test_fi03_a_restarted_server_costs_one_refusal_and_nobody_their_log_in(
    site: Site, address: Address
) -> None:
    """Connections that the server has ended are thrown away together."""
    client = site.logged_in_client()
    address.do(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    answer = client.get("/mine")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (503, False)
    assert client.get("/mine").text == "mine"


def test_fi03_a_locked_and_a_read_only_server_keep_no_half_of_a_log_in(
    site: Site, address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    client = site.client()

    def refuses() -> str:
        caplog.clear()
        answer = client.post("/account/login", data={"identifier": ADA, "password": PASSWORD})
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (503, False)
        assert answer.headers["Retry-After"] == "10"
        return caplog.records[0].message

    with psycopg.connect(address.url) as other:
        other.execute("LOCK TABLE porter_sessions")
        assert "(LockNotAvailable, 55P03): another connection has locked what we need" in refuses()
    address.options = "-c default_transaction_read_only=on"
    engine_of(site).dispose()
    assert "it can only be read" in refuses()
    address.options = ""
    engine_of(site).dispose()
    address.do("ALTER TABLE porter_sessions RENAME TO former")
    assert "run 'flask porter database upgrade'" in refuses()
    address.do("ALTER TABLE former RENAME TO porter_sessions")
    assert site.rows(site.porter.models.session) == site.rows(site.porter.models.outbox) == []
    assert (
        client.post("/account/login", data={"identifier": ADA, "password": PASSWORD}).status_code
        == 303
    )
