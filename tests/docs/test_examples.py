"""Runs every Python example that a reader could copy from the README and the documentation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.docs.blocks import Block, python_blocks
from tests.docs.endings import ended

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "docs" / "_build"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_EXAMPLES = [page for page in PAGES if BUILT not in page.parents and python_blocks(page)]


def run_page(page: Path) -> dict[str, Any]:
    """Run a page's blocks from top to bottom; return the last namespace."""
    namespaces: list[dict[str, Any]] = [{"__name__": "example"}]
    with ended(namespaces):
        for block in python_blocks(page):
            if block.fresh:
                namespaces.append({"__name__": "example"})
            if block.own_process:
                run_alone(block)
            elif block.reason_not_to_run is None:
                exec(block.compiled(), namespaces[-1])
    return namespaces[-1]


def run_alone(block: Block) -> None:
    """Run one block in a new interpreter. Raises: CalledProcessError when it fails."""
    subprocess.run([sys.executable, "-W", "error", "-c", block.code], check=True, cwd=ROOT)


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_example_runs(page: Path) -> None:
    run_page(page)


def test_the_readme_example_logs_in() -> None:
    app: Flask = run_page(ROOT / "README.md")["app"]
    client = app.test_client()
    assert client.get("/members").status_code == 401
    wrong = {"name": "ada", "password": "wrong"}
    client.post("/login", data=wrong)
    assert client.get("/members").status_code == 401
    right = {"name": "ada", "password": "correct horse battery staple"}
    answer = client.post("/login", data=right, follow_redirects=True)
    assert answer.text == "Welcome back, ada"


def test_a_failing_example_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n```python\nx = 1\n```\n\n```python\nassert x == 2\n```\n")
    with pytest.raises(AssertionError) as failure:
        run_page(page)
    assert failure.traceback[-1].path == page
    assert failure.traceback[-1].lineno == 7


def test_a_failing_example_of_its_own_process_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- own-process -->\n```python\nraise SystemExit(3)\n```\n")
    with pytest.raises(subprocess.CalledProcessError):
        run_page(page)


def test_a_fresh_block_knows_nothing_of_the_others(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\nx = 1\n```\n\n<!-- fresh -->\n```python\nx\n```\n")
    with pytest.raises(NameError):
        run_page(page)


def test_a_block_is_left_out_for_a_reason_only(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- no-run: needs a mail server -->\n```python\nraise OSError\n```\n")
    run_page(page)
    page.write_text("<!-- no-run: -->\n```python\nraise OSError\n```\n")
    with pytest.raises(ValueError, match="reason"):
        run_page(page)


def test_a_misspelt_comment_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- norun: typo -->\n```python\npass\n```\n")
    with pytest.raises(ValueError, match="norun"):
        run_page(page)
