"""The quickstart does what it says, typed into an empty folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

import flask_porter
from tests.docs.blocks import python_blocks
from tests.services.processes import free_port, running

PAGE = Path(__file__).parents[2] / "docs" / "quickstart.md"
COMMAND = "flask --app app run --debug"
CODE = python_blocks(PAGE)[0].code


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Yield the address at which the page's own command serves the page's own code."""
    assert f"\n{COMMAND}\n" in PAGE.read_text()
    (tmp_path / "app.py").write_text(CODE)
    port = free_port()
    command = [
        *("env", f"--chdir={tmp_path}", f"PYTHONPATH={Path(flask_porter.__file__).parents[1]}"),
        *(sys.executable, "-m", *COMMAND.split(), f"--port={port}", "--no-reload"),
    ]
    log = tmp_path / "log"
    with running(command, answers=lambda: "Running on" in log.read_text(), log=log):
        yield f"http://localhost:{port}"


def test_it_has_as_many_lines_as_it_says() -> None:
    assert "eleven lines" in PAGE.read_text()
    assert len([line for line in CODE.splitlines() if line]) == 11


def test_the_first_page_asks_to_log_in_and_offers_to_register(site: str) -> None:
    with urlopen(site) as answer:
        assert answer.url == f"{site}/account/login?next=%2F"
        assert "Register</a>" in answer.read().decode()
    with urlopen(f"{site}/account/development") as answer:
        assert "Mailbox" in answer.read().decode()


def test_its_files_stay_in_its_folder(site: str, tmp_path: Path) -> None:
    urlopen(f"{site}/account/register").close()
    assert {entry.name for entry in os.scandir(tmp_path / "instance")} >= {"quickstart.sqlite3"}
