"""Fifty attempts at one moment, from five processes: the database lets the right number win."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from flask_porter.models.base import Models
from flask_porter.models.database import Database
from flask_porter.models.kept_requests import KeptRequests
from flask_porter.models.outbox import Outbox
from flask_porter.models.roles import Roles
from flask_porter.models.tokens import Tokens
from flask_porter.models.users import Users
from tests.models.people import LATER, NOW, token_values
from tests.models.race_runner import THREADS

PROCESSES = 5
ATTEMPTS = PROCESSES * THREADS
STARTS_IN = 0.1
"""Seconds from the word to the moment."""

Race = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def runners() -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-W", "error", "-m", "tests.models.race_runner"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen(command, **pipes) for _ in range(PROCESSES)]  # type: ignore[call-overload]
    yield running
    for runner in running:
        runner.communicate(timeout=30)


@pytest.fixture
def race(runners: list[subprocess.Popen[str]], database: Database) -> Race:
    """Return a function that lets all attempt one thing, and returns what each got."""
    url = database.engine().url.render_as_string(hide_password=False)

    def run(name: str, user_id: Any = None) -> list[Any]:
        for runner in runners:
            tell(runner, json.dumps({"url": url, "name": name, "user_id": user_id}))
        assert [hear(runner) for runner in runners] == ["ready"] * PROCESSES
        start_at = time.time() + STARTS_IN
        for runner in runners:
            tell(runner, str(start_at))
        results = [result for runner in runners for result in json.loads(hear(runner))]
        assert len(results) == ATTEMPTS
        return results

    return run


def tell(runner: subprocess.Popen[str], line: str) -> None:
    assert runner.stdin is not None
    print(line, file=runner.stdin, flush=True)


def hear(runner: subprocess.Popen[str]) -> str:
    assert runner.stdout is not None
    return runner.stdout.readline().strip()


@pytest.fixture
def user_id(session: Session, models: Models) -> Any:
    ada = Users(session, models).add(email_key="ada@x.org", password_hash="old")
    Roles(session, models).ensure("admin")
    session.commit()
    return ada.id


def test_one_of_fifty_uses_a_token(
    race: Race, session: Session, models: Models, user_id: Any
) -> None:
    """TK02, TK03, CC03."""
    Tokens(session, models).add(**token_values(user_id))
    session.commit()
    assert Counter(race("consume")) == {True: 1, False: ATTEMPTS - 1}


def test_one_of_fifty_registers_an_address(race: Race, session: Session, models: Models) -> None:
    """CC01."""
    assert Counter(race("register")) == {True: 1, False: ATTEMPTS - 1}
    assert Users(session, models).count() == 1


def test_one_of_fifty_takes_a_kept_request(
    race: Race, session: Session, models: Models, user_id: Any
) -> None:
    values: dict[str, Any] = {
        "session_id": "s",
        "path": "/",
        "created_at": NOW,
        "expires_at": LATER,
    }
    KeptRequests(session, models).add(id="r", user_id=user_id, body=b"", **values)
    session.commit()
    assert Counter(race("take", user_id)) == {True: 1, False: ATTEMPTS - 1}


def test_no_mail_is_claimed_twice(
    race: Race, session: Session, models: Models, user_id: Any
) -> None:
    outbox = Outbox(session, models)
    mail: dict[str, Any] = {"to_address": None, "user_id": None, "context": {}, "language": "en"}
    ids = [outbox.add(kind="verify_email", now=NOW, **mail).id for _ in range(20)]
    session.commit()
    claimed = [id for result in race("claim") for id in result]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) <= set(ids)
    # Who found nothing free may have looked while another had not committed.
    claimed += [row.id for row in outbox.claim(NOW, 20, LATER - NOW)]
    assert sorted(claimed) == ids


def test_a_role_is_granted_once(race: Race, session: Session, models: Models, user_id: Any) -> None:
    assert Counter(race("grant", user_id)) == {True: 1, False: ATTEMPTS - 1}
    assert Roles(session, models).names_of(user_id) == ["admin"]


def test_a_role_is_made_once(race: Race, session: Session, models: Models) -> None:
    assert len(set(race("ensure"))) == 1
    assert [role.name for role in Roles(session, models).all()] == ["editor"]


def test_no_generation_is_lost(race: Race, session: Session, models: Models, user_id: Any) -> None:
    assert sorted(race("advance", user_id)) == list(range(1, ATTEMPTS + 1))


def test_one_of_fifty_replaces_a_hash(
    race: Race, session: Session, models: Models, user_id: Any
) -> None:
    """P12."""
    assert Counter(race("replace", user_id)) == {True: 1, False: ATTEMPTS - 1}
