"""Follows the tutorial from an empty folder, page by page, to the application of the example."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.tutorial import (
    EXAMPLE,
    ROOT,
    TUTORIAL,
    Folder,
    Page,
    lines_of,
    names_imported,
    pages,
    read,
)

OF_THE_APPLICATION = sorted(
    path
    for path in (EXAMPLE / "lesson").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
)


def follow(pages: list[Page]) -> Folder:
    folder = Folder()
    for page in pages:
        folder.follow(page)
    return folder


def write(folder: Folder, where: Path) -> None:
    for name, text in folder.files():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text)


def try_it(number: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """Do what a page tells to try. Its reader has not configured anything in the environment."""
    surroundings = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LESSON_", "FLASK_", "DATABASE_URL", "SECRET_KEY"))
    }
    command = [sys.executable, "-W", "error", "-m", "tests.docs.tutorial_steps"]
    return subprocess.run(
        [*command, str(number), str(folder)],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_page_can_be_followed_and_tried(tmp_path: Path) -> None:
    folder = Folder()
    for number, page in enumerate(pages(), start=1):
        folder.follow(page)
        write(folder, tmp_path)
        tried = try_it(number, tmp_path)
        assert tried.returncode == 0, f"{page.path.name}\n{tried.stderr}"


def test_a_page_whose_step_is_missing_fails(tmp_path: Path) -> None:
    reader = follow(pages()[:3])
    reader.shown["lesson/login_manager.py"].clear()
    write(reader, tmp_path)
    tried = try_it(3, tmp_path)
    assert tried.returncode == 1
    assert "login_manager" in tried.stderr


@pytest.mark.parametrize(
    "path", OF_THE_APPLICATION, ids=lambda path: path.relative_to(EXAMPLE).as_posix()
)
def test_each_line_of_the_application_is_shown(path: Path) -> None:
    shown = follow(pages()).shown.get(path.relative_to(EXAMPLE).as_posix(), set())
    missing = [
        f"{number + 1}: {line.rstrip()}"
        for number, line in enumerate(lines_of(path))
        if line.strip() and number not in shown
    ]
    assert missing == []


def test_nothing_written_for_now_is_left_at_the_end() -> None:
    end = follow(pages())
    assert end.for_now == {}
    for name, text in end.files():
        final = (EXAMPLE / name).read_text()
        assert [line for line in text.splitlines() if line] == [
            line for line in final.splitlines() if line
        ]


def test_imports_for_now_are_a_part_of_those_at_the_end() -> None:
    for page in pages():
        for name, body in page.for_now:
            if name.endswith(".py"):
                assert names_imported(body) <= names_imported((EXAMPLE / name).read_text())


def test_the_packages_to_install_are_those_of_the_example() -> None:
    told = re.search(r"pip install (.+)", (TUTORIAL / "set_up.md").read_text())
    assert told is not None
    needed = (ROOT / "requirements" / "examples.in").read_text().splitlines()
    of_the_example = {
        name for name in needed if name and not name.startswith(("#", "-r")) and name != "flit-core"
    }
    assert set(told[1].split()) == of_the_example | {"flask-porter"}


def test_the_tree_of_the_first_page_is_that_of_the_example() -> None:
    text = (TUTORIAL / "set_up.md").read_text()
    tree = dict(re.findall(r"[├└]── (\S+?)/? +(\d)\b", text))
    first_shown: dict[str, str] = {}
    for number, page in enumerate(pages(), start=1):
        for name in [*page.shown, *dict(page.for_now)]:
            first_shown.setdefault(name.split("/")[1], str(number))
    assert tree == first_shown


def test_a_file_under_a_wrong_name_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    source = EXAMPLE / "lesson" / "api.py"
    page.write_text(f"```{{literalinclude}} {source}\n:caption: lesson/models.py\n```\n")
    with pytest.raises(ValueError, match=r"lesson/models\.py"):
        read(page)


def test_a_mark_that_is_nowhere_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    source = EXAMPLE / "lesson" / "api.py"
    page.write_text(
        f"```{{literalinclude}} {source}\n:caption: lesson/api.py\n:start-at: no such\n```\n"
    )
    with pytest.raises(ValueError, match="no such"):
        read(page)
