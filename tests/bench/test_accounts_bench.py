"""The bench of accounts compares two sites that work, and says of ours what we claim."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.account_sides import ALLAUTH, FLASK_SECURITY, PORTER, SIDES, make_site
from bench.account_site import EMAIL
from bench.accounts import FINDINGS, found, rows, statements

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("side", SIDES)
def test_the_page_is_for_who_has_logged_in(side: str, tmp_path: Path) -> None:
    site = make_site(side, tmp_path)
    client = site.client()
    assert client.get("/members").status_code == 302
    site.log_in(client)
    assert client.get("/members").text == f"Hello, {EMAIL}"


@pytest.mark.parametrize(
    ("name", "on_ours"),
    [
        ("a copied cookie outlives the log-out", False),
        ("another site logs a visitor in", False),
        ("a log-in tells who exists", False),
        ("wrong passwords that were looked at", "5 of 20"),
        ("twenty of them keep the owner out", False),
    ],
)
def test_what_is_claimed_of_ours_is_so(name: str, on_ours: object) -> None:
    assert found(FINDINGS[name], PORTER) == on_ours


def test_a_finding_can_be_another() -> None:
    assert found(FINDINGS["a copied cookie outlives the log-out"], FLASK_SECURITY) is True
    assert found(FINDINGS["a log-in tells who exists"], FLASK_SECURITY) is True
    assert found(FINDINGS["twenty of them keep the owner out"], ALLAUTH) is True


def test_all_sides_of_a_row_answer_alike(tmp_path: Path) -> None:
    sites = {side: make_site(side, tmp_path) for side in SIDES}
    measured = {row.name: row for row in rows(sites)}
    for row in measured.values():
        statuses = {cell.answer().status.partition(" ")[0] for cell in row.cells.values()}
        assert len(statuses) == 1, row.name
    greeted = measured["guarded page, logged in"].cells
    assert {cell.answer().body for cell in greeted.values()} == {f"Hello, {EMAIL}".encode()}
    assert statements(sites[PORTER], greeted[PORTER]) == 2


@pytest.mark.long
def test_the_quick_run_prints_every_finding_and_row() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.accounts", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for name in FINDINGS:
        assert f"{name}  " in done.stdout
    for name in "guarded page, logged in", "guarded page, a stranger", "log-in page":
        assert done.stdout.count(f"{name}  ") == 2, name
