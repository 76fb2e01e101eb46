"""Runs one attempt in ten threads at a given moment; one of several processes that compete.

It reads a line of JSON for each race and answers with one: what each thread's attempt returned.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from flask_porter.models.base import Models, build_models
from flask_porter.models.database import connect
from flask_porter.models.kept_requests import KeptRequests
from flask_porter.models.outbox import Outbox
from flask_porter.models.roles import Roles
from flask_porter.models.tokens import Tokens
from flask_porter.models.users import Taken, Users
from tests.models.people import NOW

THREADS = 10

Attempt = Callable[[], Any]


def consume(session: Session, models: Models, user_id: Any) -> Attempt:
    tokens = Tokens(session, models)
    row = tokens.find("reset_password", b"d" * 32, NOW)
    session.commit()
    return lambda: row is not None and tokens.consume(row, NOW)


def register(session: Session, models: Models, user_id: Any) -> Attempt:
    def attempt() -> bool:
        try:
            Users(session, models).add(email_key="new@x.org", username="new")
        except Taken:
            return False
        return True

    return attempt


def take(session: Session, models: Models, user_id: Any) -> Attempt:
    return lambda: KeptRequests(session, models).take("r", user_id, "s", NOW) is not None


def claim(session: Session, models: Models, user_id: Any) -> Attempt:
    outbox = Outbox(session, models)
    return lambda: [row.id for row in outbox.claim(NOW, 2, timedelta(minutes=5))]


def grant(session: Session, models: Models, user_id: Any) -> Attempt:
    return lambda: Roles(session, models).grant(user_id, "admin")


def ensure(session: Session, models: Models, user_id: Any) -> Attempt:
    return lambda: Roles(session, models).ensure("editor").id


def advance(session: Session, models: Models, user_id: Any) -> Attempt:
    users = Users(session, models)
    user = users.get(user_id)
    session.commit()
    return lambda: users.advance_generation(user)


def replace(session: Session, models: Models, user_id: Any) -> Attempt:
    users = Users(session, models)
    user = users.get(user_id)
    session.commit()
    return lambda: users.replace_password(user, "old", "new")


ATTEMPTS = {
    attempt.__name__: attempt
    for attempt in (consume, register, take, claim, grant, ensure, advance, replace)
}


def race(url: str, name: str, user_id: Any) -> list[Any]:
    """Say when every thread is ready, start at the moment of the next line, return what they got.

    An exception is returned as its text.
    """
    engine = create_engine(url, pool_size=THREADS, **_patience(url))
    database = connect(engine)
    models = build_models(database.base)
    ready, told = threading.Barrier(THREADS + 1), threading.Event()
    starts: list[float] = []

    def run(_: int) -> Any:
        with database.open_session() as session:
            attempt = ATTEMPTS[name](session, models, user_id)
            session.connection()
            ready.wait()
            told.wait()
            while time.time() < starts[0]:
                time.sleep(0.0005)
            try:
                result = attempt()
                session.commit()
            except Exception as error:  # noqa: BLE001
                return repr(error)
            return result

    with ThreadPoolExecutor(THREADS) as threads:
        running = [threads.submit(run, number) for number in range(THREADS)]
        ready.wait()
        print("ready", flush=True)
        starts.append(float(sys.stdin.readline()))
        told.set()
        results = [each.result() for each in running]
    engine.dispose()
    return results


def _patience(url: str) -> dict[str, Any]:
    # Fifty writers of one file wait for each other.
    return {"connect_args": {"timeout": 30}} if url.startswith("sqlite") else {}


if __name__ == "__main__":
    while line := sys.stdin.readline():
        print(json.dumps(race(**json.loads(line))), flush=True)
