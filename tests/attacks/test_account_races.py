"""What happens at the same moment: CC01 to CC14, as far as they concern accounts.

Where processes compete they are real ones, on PostgreSQL and on SQLite. Beside them stands what a
pause at the one wrong moment shows: there the result does not depend on luck.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask import request
from flask.testing import FlaskClient

from flask_porter import current_user, login_required
from flask_porter.authenticators.passwords import Verdict
from flask_porter.errors import Refused
from flask_porter.flows import logout as logouts
from flask_porter.flows import users as operators
from flask_porter.flows.caller import Caller
from flask_porter.flows.change_password import change_password
from flask_porter.flows.close_account import close_account
from flask_porter.flows.login import with_password
from flask_porter.flows.outcomes import LoggedIn
from flask_porter.flows.reauthenticate import reauthenticate
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, STRANGER, Site, make_site

PROCESSES = 3
THREADS = 5
ALL = PROCESSES * THREADS
STARTS_IN = 0.1
BOB = "bob@example.org"
#: So many registrations of one address are no subject here.
SETTINGS = {
    "PORTER_ATTEMPTS_FREE": 7,
    "PORTER_REGISTRATIONS_PER_ADDRESS": 100,
    "PORTER_MAILS_PER_ACCOUNT": 100,
}
LOGIN = {"identifier": ADA, "password": PASSWORD}
SESSION = {"method": "GET", "path": "/account/api/session"}


class Workers:
    """Several processes that serve one site, which is here too."""

    def __init__(self, site: Site, processes: list[subprocess.Popen[str]]) -> None:
        self.site = site
        self._processes = processes

    def all_at_once(self, wanted: dict[str, Any], each: int = THREADS) -> list[dict[str, Any]]:
        """Send the same request from each worker, so many times, all at one moment."""
        at = time.time() + STARTS_IN
        for process in self._processes:
            _tell(process, {"requests": [wanted] * each, "at": at})
        answers = [one for process in self._processes for one in json.loads(_hear(process))]
        assert not [one for one in answers if one["status"] in {0, 500}], answers
        return answers


def _tell(process: subprocess.Popen[str], line: dict[str, Any]) -> None:
    assert process.stdin is not None
    print(json.dumps(line), file=process.stdin, flush=True)


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@contextmanager
def serving(folder: Path, url: str | None, settings: dict[str, Any]) -> Iterator[Workers]:
    """Yield several workers of one site."""
    site = make_site(folder, url=url, **settings)
    command = [sys.executable, "-W", "error", "-m", "tests.attacks.account_worker"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(PROCESSES)]  # type: ignore[call-overload]
    for process in started:
        _tell(process, {"folder": str(folder), "url": url, "settings": settings})
    assert [_hear(process) for process in started] == ["ready"] * PROCESSES
    yield Workers(site, started)
    for process in started:
        process.communicate(timeout=30)
    site.accounts.database.engine().dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def workers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workers]:
    is_sqlite = request.param == "sqlite"
    url = None if is_sqlite else request.getfixturevalue("postgres_url")
    with serving(tmp_path, url, SETTINGS) as started:
        yield started


def test_cc01_cc08_cc14_several_workers_are_one_site(workers: Workers) -> None:
    """One start of the processes for the three: it takes longer than all of them."""
    _one_of_all_registers(workers)
    _a_session_is_over_on_every_worker_at_once(workers)
    _the_count_of_failures_is_exact(workers)


def _one_of_all_registers(workers: Workers) -> None:
    site = workers.site
    given = {"email": "new@example.org", "password": PASSWORD}
    register = {"method": "POST", "path": "/account/register", "data": given}
    answers = workers.all_at_once(register)
    assert Counter(one["status"] for one in answers) == {303: ALL}
    assert len(site.rows(site.porter.User)) == 1
    kinds = Counter(row.kind for row in site.rows(site.accounts.models.outbox))
    assert kinds == {"verify_email": 1, "already_registered": ALL - 1}


def _a_session_is_over_on_every_worker_at_once(workers: Workers) -> None:
    site = workers.site
    site.register()
    client = site.logged_in_client()
    cookie = client.get_cookie("session")
    assert cookie is not None
    wanted = {**SESSION, "cookie": cookie.value}
    assert [one["who"] for one in workers.all_at_once(wanted)] == [ADA] * ALL
    # A log-out, which leaves the user as they were: the record alone is gone.
    assert client.post("/account/logout").status_code == 303
    assert Counter(one["status"] for one in workers.all_at_once(wanted)) == {401: ALL}


def _the_count_of_failures_is_exact(workers: Workers) -> None:
    given = {"identifier": ADA, "password": "a wrong password of fair length"}
    log_in = {"method": "POST", "path": "/account/login", "data": given}
    answers = Counter(one["status"] for one in workers.all_at_once(log_in))
    assert answers == {401: 7, 429: ALL - 7}
    right = workers.site.client().post("/account/login", data=LOGIN)
    assert right.status_code == 429


@pytest.fixture(params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    is_sqlite = request.param == "sqlite"
    url = None if is_sqlite else request.getfixturevalue("postgres_url")
    site = make_site(tmp_path, url=url)
    site.register()
    yield site
    site.accounts.database.engine().dispose()


class PausingHasher:
    """Lets something happen while a password is verified, which takes a while in life too."""

    def __init__(self, site: Site, meanwhile: Callable[[], object]) -> None:
        self._real = site.accounts.hasher
        self._meanwhile: Callable[[], object] | None = meanwhile

    def hash(self, password: str) -> str:
        """Hash as the real one does."""
        return self._real.hash(password)

    def verify(self, password: str, stored: str | None) -> Verdict:
        """Verify, and only return once it has happened, this once."""
        verdict = self._real.verify(password, stored)
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return verdict


@contextmanager
def pausing(site: Site, meanwhile: Callable[[], object]) -> Iterator[None]:
    """Have ``meanwhile`` happen within each verification of a password."""
    rooms = site.app.extensions["porter"]
    accounts = replace(rooms.accounts, hasher=PausingHasher(site, meanwhile))
    site.app.extensions["porter"] = replace(rooms, accounts=accounts)
    try:
        yield
    finally:
        site.app.extensions["porter"] = rooms


def changing_password(site: Site) -> Callable[[], object]:
    """Return what changes the password, in the browser of its owner."""
    owner = site.logged_in(log_in(site))
    given = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    return lambda: site.run(change_password, owner, **given)


def log_in(site: Site) -> LoggedIn:
    outcome = site.run(with_password, identifier=ADA, password=PASSWORD)
    assert isinstance(outcome, LoggedIn)
    return outcome


def test_cc04_no_log_in_with_the_old_password_survives_its_change(site: Site) -> None:
    """The password changes after it was verified, and before the record is opened."""
    with pausing(site, changing_password(site)):
        late = log_in(site)
    assert not site.is_alive(late)
    outcome = site.run(with_password, identifier=ADA, password=NEW_PASSWORD)
    assert isinstance(outcome, LoggedIn)
    assert site.is_alive(outcome)


def test_cc04_nor_is_a_disabled_user_let_in(site: Site) -> None:
    """Not even when they are enabled again: what was opened meanwhile is of a time gone by."""
    with pausing(site, lambda: site.run(operators.disable, Caller("cli"), user=ADA)):
        late = log_in(site)
    assert not site.is_alive(late)
    site.run(operators.enable, Caller("cli"), user=ADA)
    assert not site.is_alive(late)
    assert site.is_alive(log_in(site))


def test_cc04_no_proof_with_the_old_password_renews_a_session(site: Site) -> None:
    outcome = log_in(site)
    caller = site.logged_in(outcome)
    with pausing(site, changing_password(site)), pytest.raises(Refused, match="session_over"):
        site.run(reauthenticate, caller, password=PASSWORD)
    assert not site.is_alive(outcome)
    assert len(site.rows(site.accounts.models.session)) == 1


def test_cc06_a_log_out_beside_a_renewal_leaves_no_session(site: Site) -> None:
    outcome = log_in(site)
    caller = site.logged_in(outcome)
    with (
        pausing(site, lambda: site.run(logouts.logout, caller)),
        pytest.raises(Refused, match="session_over"),
    ):
        site.run(reauthenticate, caller, password=PASSWORD)
    assert site.rows(site.accounts.models.session) == []


def test_cc11_every_answer_is_for_whom_its_cookie_names(site: Site) -> None:
    """Eight threads, two users and a stranger, with pauses before and after the user is loaded."""
    random = Random(7)

    def who() -> str:
        time.sleep(random.random() / 500)
        first = current_user.email
        time.sleep(random.random() / 500)
        return f"{request.args['for']} {first} {current_user.email}"

    site.app.add_url_rule("/who", view_func=login_required(who))
    site.register(BOB)
    clients = {ADA: site.logged_in_client(), BOB: site.logged_in_client(BOB)}
    cookies = {email: client.get_cookie("session") for email, client in clients.items()}

    def ask(number: int) -> str:
        email = (ADA, BOB, "nobody")[number % 3]
        client: FlaskClient = site.client()
        if (cookie := cookies.get(email)) is not None:
            client.set_cookie("session", cookie.value)
        answer = client.get("/who", query_string={"for": email})
        return answer.text if answer.status_code == 200 else f"{email} {answer.status_code}"

    with ThreadPoolExecutor(8) as threads:
        answers = Counter(threads.map(ask, range(300)))
    assert answers == {f"{ADA} {ADA} {ADA}": 100, f"{BOB} {BOB} {BOB}": 100, "nobody 302": 100}
    assert STRANGER.user is None


def test_cc04_of_two_that_close_an_account_the_later_is_logged_out(site: Site) -> None:
    one, other = site.logged_in(log_in(site)), site.logged_in(log_in(site))
    with (
        pausing(site, lambda: site.run(close_account, other, password=PASSWORD)),
        pytest.raises(Refused, match="login_required"),
    ):
        site.run(close_account, one, password=PASSWORD)
    assert site.user() is None
