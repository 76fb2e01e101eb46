"""The bench compares like with like, and can measure everything it claims to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench import sides
from bench.measure import take_turns
from bench.pages import Row, environ, rows
from bench.report import promise

ROOT = Path(__file__).parents[2]
NAMES = [
    "public page, no cookie",
    "public page, logged in",
    "guarded page, basic",
    "guarded page, strong",
    "guarded page, cookie never seen",
    "template without the user",
    "template with the user",
    "remember cookie",
    "request loader",
    "static file",
    "static file, logged in",
    "one of 1000 guarded routes",
]


@pytest.fixture(scope="module")
def measured() -> dict[str, Row]:
    return {row.name: row for row in rows()}


@pytest.mark.parametrize("name", NAMES)
def test_all_sides_of_a_row_give_the_same_answer(measured: dict[str, Row], name: str) -> None:
    row = measured[name]
    assert {sides.KEYED, sides.FLASK_LOGIN, sides.PORTER, row.beside} <= set(row.cells)
    answers = {side: cell.answer() for side, cell in row.cells.items()}
    assert {answer.status for answer in answers.values()} == {"200 OK"}
    assert len({answer.body for answer in answers.values()}) == 1


def test_every_row_is_named_here(measured: dict[str, Row]) -> None:
    assert list(measured) == NAMES


@pytest.mark.parametrize("side", [sides.FLASK_LOGIN, sides.PORTER])
def test_the_guarded_page_is_guarded(side: str) -> None:
    client = sides.make_app(side).test_client()
    assert client.get("/guarded").status_code == 401
    assert client.get("/public").status_code == 200


@pytest.mark.parametrize("side", [sides.FLASK_LOGIN, sides.PORTER])
def test_a_remember_cookie_makes_a_session(measured: dict[str, Row], side: str) -> None:
    answer = measured["remember cookie"].cells[side].answer()
    assert any(name == "Set-Cookie" for name, _ in answer.headers)


@pytest.mark.parametrize("name", ["static file", "static file, logged in"])
def test_a_static_file_gets_no_header_more_than_from_flask(
    measured: dict[str, Row], name: str
) -> None:
    cells = measured[name].cells
    ours, theirs = (
        [header for header, _ in cells[side].answer().headers]
        for side in (sides.PORTER, sides.KEYED)
    )
    assert ours == theirs


def test_no_cookie_of_the_row_of_unseen_ones_is_sent_twice(measured: dict[str, Row]) -> None:
    environs = measured["guarded page, cookie never seen"].cells[sides.PORTER].environs
    assert len({request["HTTP_COOKIE"] for request in environs}) == len(environs) > 1024


def test_a_request_is_not_used_up(measured: dict[str, Row]) -> None:
    cell = measured["guarded page, basic"].cells[sides.PORTER]
    before = [dict(request) for request in cell.environs]
    cell.send()
    assert [dict(request) for request in cell.environs] == before


def test_the_sides_take_turns_and_are_compared_within_a_round() -> None:
    order: list[str] = []
    clock = iter(range(1, 100))

    def noted(name: str) -> float:
        order.append(name)
        return float(next(clock))

    timings = take_turns({"a": lambda: noted("a"), "b": lambda: noted("b")}, "a", rounds=2)
    assert order == ["a", "b", "b", "a"]
    assert timings["a"].seconds == (1.0, 4.0)
    assert timings["b"].shares == (2 / 1, 3 / 4)
    assert (timings["b"].least, timings["b"].least_share) == (2.0, 0.75)


def test_a_missed_promise_is_shown() -> None:
    def share_of(ours: float) -> str:
        actions = {sides.KEYED: lambda: 2.0, sides.PORTER: lambda: ours}
        row = Row("row", {}, sides.KEYED, 1.10)
        return promise(row, take_turns(actions, sides.KEYED, rounds=3))

    assert share_of(2.2).endswith("kept")
    assert share_of(2.3).endswith("MISSED")


def test_requests_look_like_those_of_a_browser() -> None:
    assert environ("/")["REMOTE_ADDR"] == "127.0.0.1"
    assert "HTTP_COOKIE" not in environ("/")


def test_the_quick_run_prints_every_row() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for name in NAMES:
        assert sum(line.startswith(f"{name}  ") for line in lines) == 2, name
    for table in "the same page on a site with", "import, over Flask's":
        assert table in done.stdout
    assert "through gunicorn" in done.stdout or "was not measured" in done.stdout
