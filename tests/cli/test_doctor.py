"""The doctor looks at the app itself, tells what to do, and fails when something is wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_porter import Porter
from flask_porter.cli.doctor import doctor
from flask_porter.flows.accounts import Accounts
from flask_porter.models.upgrading import upgrade
from flask_porter.stores.memory import MemoryThrottle
from tests.settings.configurations import STRONG_KEY

IN_PRODUCTION = {
    "SECRET_KEY": STRONG_KEY,
    "TRUSTED_HOSTS": ["shop.test"],
    "PORTER_BASE_URL": "https://shop.test",
    "PORTER_MAIL_URL": "smtps://us:hunter2@mail.test",
}


def shop(folder: Path, *, upgraded: bool = True, throttle: Any = None, **config: Any) -> Flask:
    """Return an app in production, with a database of its own."""
    app = Flask("shop", instance_path=str(folder))
    app.config.update({**IN_PRODUCTION, **config})
    Porter(app, throttle=throttle)
    if upgraded:
        accounts = accounts_of(app)
        upgrade(accounts.database, accounts.models)
    return app


def accounts_of(app: Flask) -> Accounts:
    found: Accounts = app.extensions["porter"].accounts
    return found


def consult(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(doctor, arguments)


def checks(app: Flask) -> dict[str, str]:
    told = json.loads(consult(app, "--json").output)
    return {finding["check"]: finding["level"] for finding in told["findings"]}


def test_a_new_app_needs_its_tables(tmp_path: Path) -> None:
    app = shop(tmp_path, upgraded=False)
    result = consult(app)
    assert result.exit_code == 1
    assert "wrong   schema: The tables are not there." in result.output
    assert "flask porter database upgrade" in result.output


def test_advice_alone_does_not_fail(tmp_path: Path) -> None:
    app = shop(tmp_path)
    assert checks(app) == {"proxy": "advice", "hsts": "advice"}
    assert consult(app).exit_code == 0


def test_an_app_that_is_well_set_up_has_no_findings(tmp_path: Path) -> None:
    app = shop(tmp_path)

    @app.after_request
    def stay_with_https(response: Response) -> Response:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    app.wsgi_app = Middleware(ProxyFix(app.wsgi_app))  # type: ignore[method-assign]
    assert checks(app) == {}


class Middleware:
    """Something else around the app."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@pytest.mark.parametrize(
    ("check", "config"),
    [
        ("throttles", {"PORTER_THROTTLES": False}),
        ("password_length", {"PORTER_PASSWORD_MIN_LENGTH": 8}),
        ("mail", {"PORTER_MAIL_URL": "smtp://127.0.0.1?starttls=never"}),
    ],
)
def test_what_is_wrong_fails(tmp_path: Path, check: str, config: dict[str, Any]) -> None:
    app = shop(tmp_path, **config)
    assert checks(app)[check] == "wrong"
    assert consult(app).exit_code == 1


def test_what_the_app_changes_after_the_start_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = shop(tmp_path)
    # What Flask's own command line takes it from.
    monkeypatch.setenv("FLASK_DEBUG", "1")
    app.config.update(SESSION_COOKIE_HTTPONLY=False, SESSION_COOKIE_NAME="session")
    app.config["TRUSTED_HOSTS"] = None
    found = checks(app)
    assert {"debug", "cookie", "cookie_host", "trusted_hosts"} <= set(found)


def test_mail_that_is_stuck_is_wrong(tmp_path: Path) -> None:
    app = shop(tmp_path)
    accounts = accounts_of(app)
    now = datetime.now(UTC)
    with accounts.database.open_session() as session:
        outbox = accounts.within(session).outbox
        row = outbox.add(
            kind="test",
            to_address="ada@shop.test",
            user_id=None,
            context={},
            language="en",
            now=now,
        )
        outbox.mark_failed(row, "no such host", None)
        session.commit()
    assert checks(app)["mail_stuck"] == "wrong"


def test_a_store_in_memory_is_wrong_in_production(tmp_path: Path) -> None:
    assert checks(shop(tmp_path, throttle=MemoryThrottle()))["memory"] == "wrong"


def test_development_gets_advice_alone(tmp_path: Path) -> None:
    app = shop(tmp_path, PORTER_MODE="development", PORTER_MAIL_URL="mailbox:")
    found = checks(app)
    assert {"mode", "mail", "cookie"} <= set(found)
    assert set(found.values()) == {"advice"}


def test_limits_and_ways_in_are_told(tmp_path: Path) -> None:
    app = shop(tmp_path, PORTER_ATTEMPTS_FREE=7, PORTER_ATTEMPTS_LONGEST_WAIT=1200)
    printed = consult(app).output
    assert "7 wrong passwords or codes" in printed
    assert "up to 20 minutes" in printed
    told = json.loads(consult(app, "--json").output)
    assert [way["name"] for way in told["pathways"]] == [
        "password, by page or API",
        "remembered device",
        "login_user() of the app",
    ]
    strict = shop(tmp_path / "strict", PORTER_REMEMBER=False, PORTER_THROTTLES=False)
    told = json.loads(consult(strict, "--json").output)
    assert len(told["pathways"]) == 2
    assert told["limits"] == {"attempts": "not counted"}


def test_no_secret_is_printed(tmp_path: Path) -> None:
    app = shop(tmp_path)
    for printed in (consult(app).output, consult(app, "--json").output):
        assert STRONG_KEY not in printed
        assert "hunter2" not in printed
