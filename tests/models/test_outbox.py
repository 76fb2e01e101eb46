from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from flask_porter.models.base import Models
from flask_porter.models.outbox import OVERDUE, Outbox, OutboxRow
from flask_porter.models.users import Users
from tests.models.people import NOW

LEASE = timedelta(minutes=5)


@pytest.fixture
def outbox(session: Session, models: Models) -> Outbox:
    return Outbox(session, models)


def put(
    outbox: Outbox, kind: str = "verify_email", now: datetime = NOW, **values: Any
) -> OutboxRow:
    mail: dict[str, Any] = {
        "to_address": "ada@x.org",
        "user_id": None,
        "context": {"name": "é"},
        "language": "en",
    }
    return outbox.add(kind=kind, now=now, **{**mail, **values})


def test_a_mail_is_claimed_by_one_worker(outbox: Outbox, session: Session) -> None:
    row = put(outbox)
    session.commit()
    assert outbox.claim(NOW, 10, LEASE) == [row]
    assert (row.attempts, row.claimed_until) == (1, NOW + LEASE)
    assert row.context == {"name": "é"}
    assert outbox.claim(NOW, 10, LEASE) == outbox.waiting(NOW) == []


def test_what_a_dead_worker_had_is_claimed_again(outbox: Outbox) -> None:
    row = put(outbox)
    outbox.claim(NOW, 10, LEASE)
    assert outbox.claim(NOW + LEASE - timedelta(seconds=1), 10, LEASE) == []
    assert outbox.claim(NOW + LEASE, 10, LEASE) == [row]
    assert row.attempts == 2


def test_the_oldest_is_claimed_first_and_no_more_than_asked(outbox: Outbox) -> None:
    second, first = put(outbox), put(outbox, now=NOW - timedelta(hours=1))
    assert outbox.waiting(NOW) == [first, second]
    assert outbox.claim(NOW, 1, LEASE) == [first]
    assert outbox.claim(NOW, 1, LEASE) == [second]
    assert outbox.claim(NOW - timedelta(days=1), 1, LEASE) == []


def test_what_is_sent_is_over(outbox: Outbox) -> None:
    row = put(outbox, to_address=None)
    outbox.claim(NOW, 1, LEASE)
    outbox.mark_sent(row, NOW)
    later = NOW + timedelta(days=1)
    assert outbox.claim(later, 1, LEASE) == outbox.waiting(later) == outbox.stuck(later) == []
    assert not outbox.retry(row.id, later)


def test_what_failed_is_tried_again_at_its_time(outbox: Outbox) -> None:
    row, later = put(outbox), NOW + timedelta(minutes=1)
    outbox.claim(NOW, 1, LEASE)
    outbox.mark_failed(row, "Refused\nby the server\x00" + "x" * 1000, later)
    assert outbox.claim(NOW, 1, LEASE) == outbox.stuck(NOW) == []
    assert outbox.claim(later, 1, LEASE) == [row]
    assert outbox.stuck(later) == []
    outbox.mark_failed(row, "again", later)
    assert outbox.stuck(later) == [row]


def test_what_is_due_for_long_and_in_nobodys_hands_is_stuck(outbox: Outbox) -> None:
    row = put(outbox)
    later = NOW + OVERDUE + timedelta(seconds=1)
    assert outbox.stuck(NOW + OVERDUE) == []
    assert outbox.stuck(later) == [row]
    outbox.claim(later, 1, LEASE)
    assert outbox.stuck(later) == []
    outbox.mark_failed(row, "down", later + timedelta(minutes=1))
    assert outbox.stuck(later) == []


def test_an_error_is_one_short_line(outbox: Outbox, session: Session) -> None:
    row = put(outbox)
    outbox.mark_failed(row, "Refused\r\nby\x00the\x1b[2J\u2028server\ud800" + "x" * 1000, NOW)
    session.commit()
    session.expire_all()
    assert row.error is not None
    assert row.error.startswith(r"Refused\r\nby\x00the\x1b[2J\u2028server\ud800xxx")
    assert len(row.error) == 400


def test_what_was_given_up_waits_for_a_person(outbox: Outbox, session: Session) -> None:
    row = put(outbox)
    outbox.claim(NOW, 1, LEASE)
    outbox.mark_failed(row, "no such mailbox", None)
    later = NOW + timedelta(days=1)
    assert outbox.stuck(later) == [row]
    assert outbox.claim(later, 1, LEASE) == []
    assert outbox.retry(row.id, later)
    assert outbox.stuck(later) == []
    assert outbox.claim(later, 1, LEASE) == [row]
    assert (row.attempts, row.failed_at) == (1, None)
    assert not outbox.retry(row.id + 1, later)


def test_what_is_over_is_removed_and_what_waits_stays(outbox: Outbox) -> None:
    waiting, sent = put(outbox), put(outbox)
    outbox.mark_sent(sent, NOW)
    given_up = put(outbox)
    outbox.mark_failed(given_up, "no", None, NOW)
    assert outbox.purge(NOW) == 0
    assert outbox.purge(NOW + timedelta(seconds=1)) == 2
    assert outbox.waiting(NOW) == [waiting]


def test_a_mail_outlives_its_user(outbox: Outbox, session: Session, models: Models) -> None:
    users = Users(session, models)
    ada = users.add()
    row = put(outbox, "account_closed", user_id=ada.id)
    users.delete(ada)
    session.commit()
    assert outbox.claim(NOW, 1, LEASE) == [row]
    assert (row.user_id, row.to_address) == (None, "ada@x.org")
