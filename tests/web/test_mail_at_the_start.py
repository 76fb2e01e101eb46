"""What waited before a process began is delivered by it, though nothing more is mailed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_porter.cli.facts import gather
from flask_porter.flows.caller import Caller
from flask_porter.flows.deliver_mail import AT_ONCE
from flask_porter.flows.mail_thread import MailThread
from flask_porter.flows.operating import About
from flask_porter.flows.run import run
from flask_porter.flows.users import send_reset
from tests.account_site import ADA, Site, make_site

SOON = 10.0
SERVED = {
    "TESTING": False,
    "PORTER_MODE": "production",
    "PORTER_BASE_URL": "https://larder.example",
    "PORTER_MAIL_DELIVERY": "thread",
}


def with_a_mail_that_waits(tmp_path: Path, *, count: int = 1, **settings: Any) -> Site:
    """Return the site of a process that has just begun."""
    site = make_site(tmp_path, **{**SERVED, **settings})
    site.register()
    earlier = make_site(tmp_path / "earlier", engine=site.accounts.database.engine())
    earlier.clock.now = site.clock.now
    with earlier.app.app_context():
        for _ in range(count):
            run(earlier.accounts, Caller("cli"), send_reset, About(user=ADA))
    return site


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def sent_mails(site: Site) -> list[object]:
    return [row.sent_at for row in site.rows(site.accounts.models.outbox) if row.sent_at]


def thread_of(app: Flask) -> MailThread:
    thread: MailThread = app.extensions["porter"].mail_thread
    return thread


def test_the_first_request_has_waiting_mail_delivered(tmp_path: Path) -> None:
    site = with_a_mail_that_waits(tmp_path)
    assert site.client().get("/account/login").status_code == 200
    until(lambda: sent_mails(site))
    thread_of(site.app).stop()


def test_a_forked_process_looks_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = with_a_mail_that_waits(tmp_path)
    looks: list[int] = []
    rooms = site.app.extensions["porter"]
    accounts = replace(rooms.accounts, wake_mail=lambda: looks.append(os.getpid()))
    site.app.extensions["porter"] = replace(rooms, accounts=accounts)
    here = os.getpid()
    for process in (here, here, -1, -1):
        monkeypatch.setattr(os, "getpid", lambda process=process: process)
        site.client().get("/account/login")
    assert looks == [here, -1]


@pytest.mark.parametrize("settings", [{"TESTING": True}, {"PORTER_MAIL_DELIVERY": "manual"}])
def test_under_test_and_by_hand_nothing_looks(tmp_path: Path, settings: dict[str, Any]) -> None:
    site = with_a_mail_that_waits(tmp_path, **settings)
    site.client().get("/account/login")
    thread_of(site.app).stop()
    assert not sent_mails(site)


def test_the_doctor_delivers_nothing(tmp_path: Path) -> None:
    """It asks the app for a page, and whoever looks changes nothing."""
    site = with_a_mail_that_waits(tmp_path)
    with site.app.app_context():
        gather(site.app, site.accounts)
    thread_of(site.app).stop()
    assert not sent_mails(site)


def test_a_backlog_is_delivered_without_a_pause(tmp_path: Path) -> None:
    """As after an hour without a mail server; a look takes a hundred at most."""
    site = with_a_mail_that_waits(tmp_path, count=AT_ONCE + 1)
    site.accounts.wake_mail()
    until(lambda: len(sent_mails(site)) == AT_ONCE + 1)
    thread_of(site.app).stop()
