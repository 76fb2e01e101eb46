"""Tests of the lesson application: its commands, its shell, and what it starts with."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from select import select
from threading import Barrier

import pytest
from flask import Flask
from lesson import create_app
from lesson.database import db
from lesson.models import User
from lesson.settings import database_url as address_for_sqlalchemy
from lesson.settings import kept_secret_key
from sqlalchemy import func
from sqlalchemy import select as query

from tests.examples.make_lesson import PACKAGE, ROOT
from tests.examples.visitor import Visitor

LESSON = ROOT / "examples" / "lesson"


def run(app: Flask, *arguments: str, typed: str = "") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=arguments, input=typed)
    return result.exit_code, result.output


def passwords(output: str) -> dict[str, str]:
    return dict(re.findall(r"(\S+@\S+) +(.+)", output))


def test_init_db_tells_how_to_log_in(app: Flask) -> None:
    _, output = run(app, "init-db")
    assert "http://localhost:5000/auth/login" in output
    for email, password in passwords(output).items():
        assert Visitor(app).log_in(email, password).location == "/"


def test_init_db_again_adds_nothing_and_tells_the_same(app: Flask) -> None:
    outputs = {run(app, "init-db")[1] for _ in range(2)}
    assert len(outputs) == 1
    with app.app_context():
        assert db.session.scalar(query(func.count(User.id))) == 2


def test_init_db_names_the_port_that_flask_runs_on(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_RUN_PORT", "8123")
    assert "http://localhost:8123/auth/login" in run(app, "init-db")[1]


def test_init_db_does_not_show_a_password_that_somebody_chose(app: Flask) -> None:
    run(app, "set-password", "ada@example.com", typed="my own choice\n" * 2)
    _, output = run(app, "init-db")
    assert passwords(output)["ada@example.com"] == "(the password you chose)"
    assert "my own choice" not in output


def test_the_demo_passwords_are_different_everywhere(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = passwords(run(app, "init-db")[1])
    monkeypatch.setenv("LESSON_INSTANCE", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/elsewhere.sqlite")
    other = create_app()
    there = passwords(run(other, "init-db")[1])
    with other.app_context():
        db.engine.dispose()
    assert here.keys() == there.keys()
    assert not set(here.values()) & set(there.values())


def test_add_user_adds_one_who_can_log_in(app: Flask, visitor: Visitor) -> None:
    code, output = run(app, "add-user", typed="Mary@example.com\nmary\n" + "long enough\n" * 2)
    assert code == 0
    assert "Added mary." in output
    assert "long enough" not in output
    assert visitor.log_in("mary@example.com", "long enough").location == "/"


def test_add_user_adds_an_administrator(app: Flask, visitor: Visitor) -> None:
    typed = "mary@example.com\nmary\n" + "long enough\n" * 2
    assert run(app, "add-user", "--administrator", typed=typed)[0] == 0
    visitor.log_in("mary@example.com", "long enough")
    assert visitor.client.get("/administrators").status_code == 200


@pytest.mark.parametrize(
    ("email", "username", "password", "complaint"),
    [
        ("ADA@example.com", "mary", "long enough", "registered already"),
        ("mary@example.com", "Ada", "long enough", "This username is taken."),
        ("mary", "mary", "long enough", "Enter an e-mail address such as"),
        ("mary@example.com", "mary", "short", "8 to 128 characters"),
    ],
)
def test_add_user_says_what_is_wrong(
    app: Flask, email: str, username: str, password: str, complaint: str
) -> None:
    arguments = ["--email", email, "--username", username, "--password", password]
    code, output = run(app, "add-user", *arguments)
    assert code == 1
    assert output.startswith("Error: ")
    assert complaint in output


def test_set_password_says_what_is_wrong(app: Flask) -> None:
    code, output = run(app, "set-password", "nobody@example.com", "--password", "long enough")
    assert (code, output) == (1, "Error: Nobody has the e-mail address nobody@example.com.\n")
    code, output = run(app, "set-password", "ada@example.com", "--password", "short")
    assert (code, output) == (1, "Error: A password has 8 to 128 characters.\n")


def flask_command(app: Flask, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """Return the command line and environment of `flask --app lesson` on this app's database."""
    command = [sys.executable, "-W", "error", "-m", "flask", "--app", "lesson", *arguments]
    address = app.config["SQLALCHEMY_DATABASE_URI"]
    return command, {**os.environ, "PYTHONPATH": str(PACKAGE), "DATABASE_URL": address}


def read_until(terminal: int, text: str) -> str:
    """Return what appears on the terminal, up to and including `text`."""
    seen = ""
    while text not in seen:
        ready, _, _ = select([terminal], [], [], 20)
        assert ready, f"{text!r} never came after {seen!r}"
        seen += os.read(terminal, 1000).decode()
    return seen


def test_a_terminal_never_shows_the_password(app: Flask) -> None:
    command, env = flask_command(app, "add-user")
    screen, terminal = pty.openpty()
    started = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command],
        cwd=LESSON,
        env=env,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    with started as process:
        os.close(terminal)
        seen = ""
        for prompt, typed in [
            ("E-mail: ", "seen@example.com"),
            ("Username: ", "mary"),
            ("Password: ", "unseen secret"),
            ("confirmation: ", "unseen secret"),
        ]:
            seen += read_until(screen, prompt)
            os.write(screen, f"{typed}\n".encode())
        seen += read_until(screen, "Added mary.")
    os.close(screen)
    assert process.returncode == 0
    assert "seen@example.com" in seen
    assert "unseen" not in seen


def test_a_user_added_in_the_shell_can_log_in(app: Flask) -> None:
    script = (
        "db.session.add(User(email='Mary@example.com', username='Mary', password='long enough',"
        " role=db.session.scalar(db.select(Role).filter_by(name='administrator'))))\n"
        "db.session.commit()\n"
        "print(db.session.scalars(db.select(User.username).order_by(User.username)).all())\n"
    )
    command, env = flask_command(app, "shell")
    done = subprocess.run(
        command, cwd=LESSON, env=env, input=script, capture_output=True, text=True, check=True
    )
    assert "['ada', 'grace', 'mary']" in done.stdout
    visitor = Visitor(app)
    assert visitor.log_in("mary@example.com", "long enough").location == "/"
    assert visitor.client.get("/administrators").status_code == 200


def test_the_secret_key_is_made_once_and_read_by_its_owner_alone(
    tmp_path: Path, app: Flask
) -> None:
    kept = tmp_path / "instance" / "secret_key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(kept.read_text()) >= 32
    assert create_app().config["SECRET_KEY"] == app.config["SECRET_KEY"] == kept.read_text()
    assert {path.name for path in kept.parent.iterdir()} == {"secret_key"}


def test_a_secret_key_from_the_environment_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    monkeypatch.setenv("LESSON_INSTANCE", str(tmp_path / "instance"))
    assert create_app().config["SECRET_KEY"] == "from the environment"
    assert not (tmp_path / "instance" / "secret_key").exists()


def test_processes_that_start_together_share_one_secret_key(tmp_path: Path) -> None:
    """Threads stand for the processes: what they share is the folder alone."""
    ready = Barrier(8)

    def start(folder: Path) -> str:
        ready.wait()
        return kept_secret_key(folder)

    with ThreadPoolExecutor(8) as processes:
        for number in range(20):
            folder = tmp_path / str(number)
            (key,) = set(processes.map(start, [folder] * 8))
            assert len(key) >= 32
            assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_any_setting_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x")
    monkeypatch.setenv("LESSON_SESSION_COOKIE_SECURE", "true")
    assert create_app().config["SESSION_COOKIE_SECURE"] is True
    assert create_app({"SESSION_COOKIE_SECURE": False}).config["SESSION_COOKIE_SECURE"] is False


@pytest.mark.parametrize(
    ("given", "address"),
    [
        (None, "sqlite:///lesson.sqlite"),
        ("", "sqlite:///lesson.sqlite"),
        ("postgres://host/name", "postgresql+psycopg://host/name"),
        (
            "postgresql://host/name?sslmode=require",
            "postgresql+psycopg://host/name?sslmode=require",
        ),
        ("postgresql+pg8000://host/name", "postgresql+pg8000://host/name"),
        ("sqlite:////var/lesson.sqlite", "sqlite:////var/lesson.sqlite"),
    ],
)
def test_a_database_address_is_understood(given: str | None, address: str) -> None:
    assert address_for_sqlalchemy(given) == address
