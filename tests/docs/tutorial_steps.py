"""Does what "Try it" says on one page of the tutorial, with what its reader has written so far.

Run as `python -m tests.docs.tutorial_steps NUMBER FOLDER`, each page in a process of its own: the
files of the package grow from page to page.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.docs.tutorial import pages

FIRST = "correct horse battery staple"
SECOND = "a better horse, a better battery"


def set_up(app: Flask) -> None:
    assert app.test_client().get("/").status_code == 404
    key = Path(app.instance_path) / "secret_key"
    assert key.read_text() == app.config["SECRET_KEY"]
    assert key.stat().st_mode & 0o777 == 0o600


def users_and_passwords(app: Flask) -> None:
    try:
        ada(app).password  # noqa: B018 - reading it is the attempt
    except AttributeError:
        return
    raise AssertionError("a password could be read")


def log_in_and_out(app: Flask) -> None:
    browser = app.test_client()
    assert "Hello, Anonymous!" in browser.get("/").text
    asked = browser.get("/members")
    assert asked.location == "/auth/login?next=%2Fmembers"
    again = log_in(browser, "wrong", asked.location).location
    assert unquote(again) == unquote(asked.location)
    assert "Wrong e-mail or password." in browser.get(again).text
    assert log_in(browser, FIRST, asked.location).location == "/members"
    assert "Only people who are logged in read this, ada." in browser.get("/members").text
    assert "Hello, ada!" in browser.get("/").text
    assert send(browser, "/auth/logout").location == "/"
    assert browser.get("/members").status_code == 302
    typed = {"password": FIRST, "repeat": FIRST, "email": "mary@example.com"}
    assert send(browser, "/auth/register", username="mary", **typed).location == "/auth/login"
    assert log_in(browser, FIRST, email="mary@example.com").location == "/"
    assert "Hello, mary!" in browser.get("/").text


def members_and_administrators(app: Flask) -> None:
    grown, other = app.test_client(), app.test_client()
    log_in(grown, FIRST)
    assert ">Administrators</a>" in grown.get("/").text
    assert "mary@example.com" in grown.get("/administrators").text
    log_in(other, FIRST, email="mary@example.com")
    assert other.get("/administrators").status_code == 403
    assert ">Administrators</a>" not in other.get("/").text
    asked = app.test_client().get("/administrators")
    assert asked.location == "/auth/login?next=%2Fadministrators"
    assert grown.get("/").headers["Cache-Control"] == "no-store"
    assert grown.get("/nowhere", headers={"Accept": "application/json"}).json


def remember_me(app: Flask) -> None:
    browser, second = app.test_client(), app.test_client()
    log_in(browser, FIRST, remember="y")
    browser.delete_cookie("session")
    assert browser.get("/members").status_code == 200
    asked = browser.get("/auth/change-password")
    assert asked.location == "/auth/reauthenticate?next=%2Fauth%2Fchange-password"
    assert send(browser, asked.location, password=FIRST).location == "/auth/change-password"
    log_in(second, FIRST)
    assert second.get("/members").status_code == 200
    changed = send(browser, "/auth/change-password", password=SECOND, repeat=SECOND)
    assert changed.location == "/members"
    assert browser.get("/members").status_code == 200
    assert second.get("/members").status_code == 302
    browser.delete_cookie("session")
    assert browser.get("/members").status_code == 200


def api_keys_and_scripts(app: Flask) -> None:
    browser, program = app.test_client(), app.test_client()
    refused = browser.get("/api/profile")
    assert refused.status_code == 401
    assert refused.json == {
        "error": "Unauthorized",
        "message": "Please log in to access this page.",
    }
    token = {"X-CSRFToken": token_in(browser.get("/").text)}
    typed = {"email": "ada@example.com", "password": SECOND}
    answer = browser.post("/api/login", data=typed, headers=token)
    assert answer.json == {"message": "You are logged in as ada."}
    assert send(browser, "/members/api-key").status_code == 303
    key = re.search(r'id="api-key">([^<]+)<', browser.get("/members/api-key").text)
    assert key is not None
    shown = {"X-API-Key": key[1]}
    profile = program.get("/api/profile", headers=shown).json
    assert profile is not None
    assert profile["username"] == "ada"
    assert program.get("/members", headers=shown).status_code == 303
    assert program.get("/api/profile").status_code == 401


def shell_and_commands(app: Flask) -> None:
    runner = app.test_cli_runner()
    told = runner.invoke(args=["init-db"])
    assert told.exit_code == 0
    assert "ada@example.com" in told.output
    typed = f"zoe@example.com\nzoe\n{FIRST}\n{FIRST}\n"
    assert runner.invoke(args=["add-user", "--administrator"], input=typed).exit_code == 0
    changed = runner.invoke(args=["set-password", "ada@example.com"], input=f"{FIRST}\n{FIRST}\n")
    assert changed.exit_code == 0
    browser = app.test_client()
    log_in(browser, FIRST, email="zoe@example.com")
    assert "ada@example.com" in browser.get("/administrators").text


def ada(app: Flask) -> Any:
    """Return the user of page 2."""
    from sqlalchemy import select

    with app.app_context():
        names = app.make_shell_context()
        return names["db"].session.scalar(select(names["User"]).filter_by(username="ada"))


def send(browser: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Send the form of this page, with its token."""
    return browser.post(path, data={"csrf_token": token_in(browser.get(path).text), **fields})


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def log_in(
    browser: FlaskClient,
    password: str,
    path: str = "/auth/login",
    email: str = "ada@example.com",
    **fields: str,
) -> TestResponse:
    return send(browser, path, email=email, password=password, **fields)


def type_into_shell(app: Flask, text: str) -> None:
    """Type a block into `flask shell`; what stands behind a `#` must be the answer."""
    with app.app_context():
        names = app.make_shell_context()
        for statement in ast.parse(text).body:
            line = text.splitlines()[statement.lineno - 1]
            _, mark, answer = line.partition("  # ")
            if isinstance(statement, ast.Expr) and mark:
                value = eval(ast.unparse(statement), names)
                assert repr(value) == answer, f"{line}: {value!r}"
            else:
                exec(ast.unparse(statement), names)


def run(number: int, folder: Path) -> None:
    """Do what page `number`, counted from 1, tells to try."""
    sys.path.insert(0, str(folder))
    from lesson import create_app

    page = pages()[number - 1]
    app = create_app()
    for text in page.shell:
        type_into_shell(app, text)
    globals()[page.path.stem](app)
    if "sqlalchemy" in app.extensions:
        with app.app_context():
            db = app.make_shell_context()["db"]
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    run(int(sys.argv[1]), Path(sys.argv[2]))
