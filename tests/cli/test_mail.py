"""``flask porter mail`` shows what is stuck, and gets it going."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from flask_porter.cli.mail import mail
from flask_porter.errors import Refused
from flask_porter.flows import waiting_mail
from flask_porter.flows.caller import Caller
from flask_porter.flows.inputs import Nothing
from flask_porter.flows.mail_thread import MailThread
from flask_porter.flows.run import run
from flask_porter.outbound.mail import MailFailed
from tests.flows.mail_office import Office, later, on_sqlite, opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(on_sqlite(tmp_path / "mail.sqlite3")) as office:
        yield office


def call(office: Office, *arguments: str) -> Result:
    app = Flask("acme")
    app.cli.add_command(mail)
    app.extensions["porter"] = SimpleNamespace(
        accounts=office.accounts, prepare=lambda: None, mail_thread=MailThread(lambda: None)
    )
    return app.test_cli_runner().invoke(args=["mail", *arguments])


def test_mail_that_waits_is_listed_without_a_key(office: Office) -> None:
    ada = office.person()
    office.post("reset_password", ada, browser_bound=True)
    office.post("reset_password", None)
    result = call(office, "list")
    assert result.exit_code == 0
    assert "waiting: 2" in result.output
    assert "1  reset_password  ada@example.com  tried 0  due 2026-11-21T05:30" in result.output
    assert "2  reset_password  (nobody)" in result.output
    assert "stuck: 0" in result.output


def test_stuck_mail_fails_the_list_and_is_tried_again(office: Office) -> None:
    office.post("reset_password", office.person())
    office.bag.failures = [MailFailed("550 no such person", temporary=False)]
    result = call(office, "deliver")
    assert result.exit_code == 1
    assert result.output == "sent: 0, failed: 1\nWhy: flask porter mail list\n"
    result = call(office, "list")
    assert result.exit_code == 1
    assert "stuck: 1" in result.output
    assert "given up  550 no such person" in result.output

    assert call(office, "retry", "1").output == "Mail 1 goes out with the next delivery.\n"
    result = call(office, "deliver")
    assert (result.exit_code, result.stdout) == (0, "sent: 1, failed: 0\n")
    assert call(office, "list").output == "waiting: 0\nstuck: 0\n"


def test_mail_that_has_failed_once_is_listed_while_it_waits_for_its_next_attempt(
    office: Office,
) -> None:
    office.post("reset_password", office.person())
    office.bag.failures = [later("421 too busy")]
    assert "Why: flask porter mail list" in call(office, "deliver").output
    result = call(office, "list")
    assert result.exit_code == 0
    assert "waiting: 1" in result.output
    assert "1  reset_password  ada@example.com  tried 1  due 2026-11-21T05:31" in result.output
    assert "421 too busy" in result.output


def test_mail_that_nothing_delivers_is_stuck(office: Office) -> None:
    """As where a server runs no threads: no mail fails, and none goes out."""
    office.post("reset_password", office.person())
    office.wait(minutes=15)
    assert call(office, "list").exit_code == 0
    office.wait(seconds=1)
    result = call(office, "list")
    assert result.exit_code == 1
    assert "waiting: 0\nstuck: 1\n  1  reset_password  ada@example.com  tried 0" in result.output
    assert "Nothing delivers. Run each minute: flask porter mail deliver" in result.output
    assert "Mend what the error names" not in result.output
    assert call(office, "deliver").exit_code == 0
    assert call(office, "list").exit_code == 0


@pytest.mark.parametrize("id", ["1", "2"])
def test_what_is_sent_or_not_there_is_not_tried_again(id: str, office: Office) -> None:
    office.post("reset_password", office.person())
    office.deliver()
    result = call(office, "retry", id)
    assert result.exit_code == 1
    assert f"There is no mail {id} that has not been sent." in result.output
    assert office.deliver().sent == 0


def test_an_id_that_no_database_holds_is_refused_as_one(office: Office) -> None:
    result = call(office, "retry", str(2**63))
    assert result.exit_code == 2
    assert "is not in the range" in result.output


def test_a_test_mail_says_why_it_has_not_gone_out(office: Office) -> None:
    assert call(office, "test", "root@example.com").exit_code == 0
    assert office.only().to == "root@example.com"
    office.bag.failures = [later("535 wrong password")]
    result = call(office, "test", "root@example.com")
    assert result.exit_code == 1
    assert "535 wrong password" in result.output


@pytest.mark.parametrize(
    ("flow", "form"),
    [
        (waiting_mail.list_mail, Nothing()),
        (waiting_mail.retry_mail, waiting_mail.RetryMail(mail=1)),
    ],
)
def test_only_an_operator_sees_the_outbox(flow: Any, form: Any, office: Office) -> None:
    ada = office.person()
    for caller in (Caller("pages"), Caller("api", user=ada)):
        with pytest.raises(Refused, match="operators_only"):
            run(office.accounts, replace(caller, address="192.0.2.7"), flow, form)
