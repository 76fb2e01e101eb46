"""A command ends once its mail is sent, with nothing said about it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flask_porter.cli.asking import SENT_WITHIN
from flask_porter.outbound.smtp import PATIENCE, TIMEOUT

APP = """
from flask import Flask
from flask_porter import Porter
from flask_sqlalchemy_lite import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_ENGINES"] = {"default": "sqlite:///shop.sqlite3"}
app.config["PORTER_MODE"] = "development"
Porter(app, SQLAlchemy(app))
"""


def test_a_command_waits_longer_than_a_server_may_take() -> None:
    """Who leaves meanwhile sends the mail twice (RFC 1047)."""
    assert TIMEOUT + PATIENCE < SENT_WITHIN


def test_a_command_sends_its_mail_before_it_ends(tmp_path: Path) -> None:
    """Flask-SQLAlchemy-Lite ends its sessions asynchronously, which a process that ends cannot."""
    (tmp_path / "shop.py").write_text(APP)
    command = [sys.executable, "-m", "flask", "--app", "shop", "porter", "users", "create"]
    run = subprocess.run(
        [*command, "ada@example.org"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "ada@example.org" in (tmp_path / "instance" / "porter_mailbox.jsonl").read_text()
