"""One flow, one transaction: an answer is kept, a bug is not, a joined session is its owner's."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_porter.errors import Refused
from flask_porter.flows import events, users
from flask_porter.flows.accounts import Accounts
from flask_porter.flows.caller import Caller
from flask_porter.flows.events import Event
from flask_porter.flows.inputs import Nothing
from flask_porter.flows.outcomes import Done
from flask_porter.flows.run import flow, run
from tests.account_site import ADA, Site, make_site

OPERATOR = Caller("python")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


@flow("refuse", Nothing)
def refuse(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
    events.record(accounts, caller, "authz_change")
    raise Refused("no")


@flow("break", Nothing)
def broken(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
    events.record(accounts, caller, "authz_change")
    raise ZeroDivisionError


def test_what_a_refusal_has_written_is_kept_and_told(site: Site) -> None:
    told: list[str] = []

    def handler(app: object, event: Event) -> None:
        told.append(event.name)

    with events.account_event.connected_to(handler), pytest.raises(Refused):
        site.run(refuse, OPERATOR)
    assert site.events() == told == ["authz_change"]


def test_what_a_bug_has_written_is_taken_back_and_not_told(site: Site) -> None:
    told: list[str] = []

    def handler(app: object, event: Event) -> None:
        told.append(event.name)

    with events.account_event.connected_to(handler), pytest.raises(ZeroDivisionError):
        site.run(broken, OPERATOR)
    assert site.events() == told == []


def test_a_joined_session_is_ended_and_told_of_by_its_owner(site: Site) -> None:
    told: list[str] = []

    def handler(app: object, event: Event) -> None:
        told.append(event.name)

    accounts = site.accounts
    form = users.NewUser(email=ADA, verified=True, invite=False)
    with events.account_event.connected_to(handler):
        with accounts.database.open_session() as session:
            run(accounts, OPERATOR, users.create, form, session=session)
            session.rollback()
            assert told == []
        assert site.user() is None
        with accounts.database.open_session() as session:
            run(accounts, OPERATOR, users.create, form, session=session)
            assert told == []
            session.commit()
    assert told == ["user_created"]
    assert site.user() is not None
