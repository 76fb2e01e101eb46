"""An import that is killed has imported nobody; who looks sees how far it is."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine, text

#: Its clock, which is asked twice a line, ends the process when it has been asked that often.
APP = """
import itertools, os, signal
from datetime import UTC, datetime
from pathlib import Path
from flask import Flask
from flask_porter import Porter

asked = itertools.count(1)

def clock():
    if next(asked) == int(os.environ.get("KILLED_AT", "0")):
        os.kill(os.getpid(), signal.SIGKILL)
    return datetime.now(UTC)

app = Flask("Club", instance_path=str(Path(__file__).parent))
app.config |= {"SECRET_KEY": "0a4b6d1c" * 8, "PORTER_MAIL_DELIVERY": "manual"}
app.config |= {"PORTER_MODE": "development", "PORTER_MAIL_URL": "mailbox:"}
Porter(app, clock=clock)
"""


def command(folder: Path, *arguments: str) -> list[str]:
    (folder / "club.py").write_text(APP)
    app = str(folder / "club.py")
    return [sys.executable, "-m", "flask", "--app", app, "porter", *arguments]


def file_of(folder: Path, count: int) -> str:
    file = folder / "users.csv"
    file.write_text("email\n" + "".join(f"u{n}@example.org\n" for n in range(count)))
    return str(file)


def how_many(folder: Path) -> int:
    engine = create_engine(f"sqlite:///{folder}/porter.sqlite3")
    try:
        with engine.connect() as connection:
            return connection.scalar(text("SELECT count(*) FROM porter_users")) or 0
    finally:
        engine.dispose()


def shown_on_a_terminal(asked: list[str], typed: bytes = b"") -> tuple[int, str]:
    """Run a command with a terminal in front of it; return its exit status and what it shows."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(asked, stdin=theirs, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        os.write(ours, typed)
        shown = b""
        while True:
            try:
                read = os.read(ours, 65536)
            except OSError:  # What Linux says when the other side is closed.
                break
            shown += read
        status = running.wait()
    os.close(ours)
    return status, shown.decode()


def test_an_import_that_is_killed_has_imported_nobody(tmp_path: Path) -> None:
    asked = command(tmp_path, "users", "import", file_of(tmp_path, 30))
    killed = subprocess.run(
        asked, env={**os.environ, "KILLED_AT": "50"}, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert how_many(tmp_path) == 0


def test_who_looks_sees_a_bar_and_is_asked_before_a_deletion(tmp_path: Path) -> None:
    status, shown = shown_on_a_terminal(command(tmp_path, "users", "import", file_of(tmp_path, 3)))
    assert status == 0
    assert "Importing" in shown
    assert "100%" in shown
    assert shown.rstrip().endswith("Imported 3 users.")
    delete = command(tmp_path, "users", "delete", "u0@example.org")
    status, shown = shown_on_a_terminal(delete, b"n\n")
    assert (status, "Nothing was deleted" in shown) == (1, True)
    assert how_many(tmp_path) == 3
    status, shown = shown_on_a_terminal(delete, b"y\n")
    assert (status, "Deleted." in shown) == (0, True)
    assert how_many(tmp_path) == 2
