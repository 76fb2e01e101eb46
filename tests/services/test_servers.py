"""Tests that the servers answer, each in the ways it can be found."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
import redis

from tests.services import postgres
from tests.services.processes import DidNotStartError, running, short_folder


def test_redis_answers(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        client.set("key", "value")
        assert client.get("key") == "value"


def test_redis_is_empty_for_each_test(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_postgres_answers(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT current_database()").fetchone()
    assert row is not None
    assert row[0].startswith("porter_test_")


@pytest.mark.parametrize("number", [1, 2])
def test_postgres_is_empty_for_each_test(postgres_url: str, number: int) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE once (id integer)")


def test_the_wheel_carries_a_postgres_that_starts() -> None:
    carried = postgres.find_in_wheel()
    assert carried is not None
    with short_folder("wheel") as folder:
        binaries = postgres.copy_for_others(carried, folder)
        with postgres.cluster(folder, binaries) as url, psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_ends_early_shows_what_it_wrote(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "echo no room; exit 1"]
    with (
        pytest.raises(DidNotStartError, match="no room"),
        running(command, answers=lambda: False, log=tmp_path / "log"),
    ):
        pass


def test_a_server_ends_with_its_block(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    command = [
        "/bin/sh",
        "-c",
        f"echo $$ > {started}.new; mv {started}.new {started}; exec sleep 60",
    ]
    with running(command, answers=started.exists, log=tmp_path / "log"):
        number = started.read_text().strip()
        assert Path(f"/proc/{number}").exists()
    assert not Path(f"/proc/{number}").exists()


def test_node_parses_a_url_as_browsers_do(node: str) -> None:
    script = r"console.log(new URL('/\\\\elsewhere.example', 'http://here.example').host)"
    answer = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "elsewhere.example"
