from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from flask_porter.models.audit import Audit
from flask_porter.models.base import Models
from tests.models.happenings import Happened
from tests.models.people import NOW


@pytest.fixture
def audit(session: Session, models: Models) -> Audit:
    return Audit(session, models)


def test_an_entry_keeps_what_happened(audit: Audit, session: Session) -> None:
    happened = Happened("user_created", 5, actor="cli", session_id="s", details={"role": "admin"})
    row = audit.add(happened)
    session.commit()
    session.expire_all()
    assert (row.event, row.level, row.at, row.user_id) == ("user_created", "INFO", NOW, "5")
    assert (row.actor, row.address, row.surface) == ("cli", "127.0.0.1", "pages")
    assert row.details == {"role": "admin"}


def test_nothing_from_outside_forges_an_entry(audit: Audit, session: Session) -> None:
    hostile = "Mozilla\n2026-11-21 user_created\r\x1b[2J\u2028\x00\ud800" + "é" * 999
    row = audit.add(Happened("user_created", user_agent=hostile, address="\n" * 99, actor="\x00"))
    session.commit()
    session.expire_all()
    shown = r"Mozilla\n2026-11-21 user_created\r\x1b[2J\u2028\x00\ud800" + "é" * 999
    assert row.user_agent == shown[:400]
    assert row.address == r"\n" * 32
    assert row.actor == r"\x00"


def test_people_read_their_own_entries_the_newest_first(audit: Audit) -> None:
    rows = [audit.add(Happened("authn_login_success", user_id)) for user_id in (1, 2, 1, 1, None)]
    assert audit.of_user(1, 10) == [rows[3], rows[2], rows[0]]
    assert audit.of_user(1, 2) == [rows[3], rows[2]]
    assert audit.of_user(1, 10, before=rows[2].id) == [rows[0]]
    assert audit.of_user("1\x00", 10) == []


def test_operators_read_the_last_entries(audit: Audit) -> None:
    rows = [audit.add(Happened(name)) for name in ("user_created", "authz_change", "user_created")]
    assert audit.last(2) == [rows[2], rows[1]]
    assert audit.last(9, "user_created") == [rows[2], rows[0]]


def test_entries_go_when_they_are_old(audit: Audit) -> None:
    audit.add(Happened("user_created"))
    kept = audit.add(Happened("user_created", at=NOW + timedelta(seconds=1)))
    assert audit.purge(NOW + timedelta(seconds=1)) == 1
    assert audit.last(9) == [kept]


def test_an_entry_is_never_changed(audit: Audit, session: Session) -> None:
    row = audit.add(Happened("user_created"))
    session.commit()
    row.event = "nothing"
    with pytest.raises(RuntimeError, match="never changed"):
        session.flush()
    session.rollback()
    session.delete(row)
    with pytest.raises(RuntimeError, match="when it is old"):
        session.flush()
    session.rollback()
    assert [entry.event for entry in audit.last(9)] == ["user_created"]


def test_the_database_itself_refuses_a_change(
    audit: Audit, session: Session, models: Models
) -> None:
    audit.add(Happened("user_created"))
    session.commit()
    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(update(models.audit).values(event="nothing"))
    session.rollback()
    assert [entry.event for entry in audit.last(9)] == ["user_created"]


def test_a_row_that_is_only_read_is_no_change(audit: Audit, session: Session) -> None:
    row = audit.add(Happened("user_created"))
    session.commit()
    row.event = "user_created"
    session.flush()
    session.execute(insert(type(row)).values(**_columns(row)))
    assert len(audit.last(9)) == 2


def _columns(row: object) -> dict[str, object]:
    names = ("at", "event", "level", "actor", "address", "user_agent", "surface", "session_id")
    return {**{name: getattr(row, name) for name in names}, "details": {}}
