"""Taking an address from an account that has never verified it, while that account changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from flask_porter.errors import Refused
from flask_porter.flows import change_email
from flask_porter.flows.accounts import Accounts
from flask_porter.flows.free_address import AddressKept, free_address
from flask_porter.models.base import build_models
from flask_porter.models.users import AccountMixin, Users
from tests.account_site import ADA, STRANGER, Site, browser_of, make_site, token_of

BOB = "bob@example.org"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path)
    made.register()
    made.register(BOB, is_verified=False)
    return made


def free(site: Site) -> Any:
    """Free the address of Bob for Ada, and return who has lost it."""
    with site.accounts.database.open_session() as session:
        bound = site.accounts.within(session)
        loser = free_address(bound, STRANGER, BOB, winner=bound.users.find_by_email(ADA))
        session.commit()
    return loser


@contextmanager
def before_the_lock(site: Site, step: Callable[[Accounts], Any]) -> Iterator[None]:
    """Run `step` in another connection once, when a row is about to be locked."""
    engine, steps = site.accounts.database.engine(), [step]

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement == "BEGIN IMMEDIATE" and steps:
            with site.accounts.database.open_session() as session:
                steps.pop()(site.accounts.within(session))
                session.commit()

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    assert steps == []


def test_who_never_verified_it_loses_it(site: Site) -> None:
    bob = site.user(BOB)
    assert free(site) == bob.id
    assert site.user(BOB) is None
    assert free(site) is None


def test_who_has_verified_it_by_now_keeps_it(site: Site) -> None:
    def verify(accounts: Accounts) -> None:
        accounts.users.find_by_email(BOB).email_verified_at = site.clock()

    with before_the_lock(site, verify), pytest.raises(AddressKept):
        free(site)
    assert site.user(BOB).email_verified_at == site.clock()


def test_who_has_another_address_by_now_keeps_that_one(site: Site) -> None:
    def move(accounts: Accounts) -> None:
        bob = accounts.users.find_by_email(BOB)
        bob.email = bob.email_key = "bob@new.example"

    with before_the_lock(site, move):
        assert free(site) is None
    assert site.user("bob@new.example") is not None


def test_who_is_gone_by_now_has_nothing_to_lose(site: Site) -> None:
    def leave(accounts: Accounts) -> None:
        accounts.users.delete(accounts.users.find_by_email(BOB))

    with before_the_lock(site, leave):
        assert free(site) is None


def test_a_change_of_address_is_refused_then_and_changes_nothing(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_THROTTLES=False)
    site.register()
    site.register(BOB, is_verified=False)
    in_ = site.logged_in(site.login())
    in_ = browser_of(site.run(change_email.ask, in_, email=BOB), in_)
    token = token_of(site.last_link(BOB))

    def verify(accounts: Accounts) -> None:
        accounts.users.find_by_email(BOB).email_verified_at = site.clock()

    with before_the_lock(site, verify), pytest.raises(Refused, match="email_taken"):
        site.run(change_email.finish, in_, token=token)
    assert site.user(BOB).email_verified_at == site.clock()
    assert site.user(ADA) is not None


def test_an_app_whose_users_all_have_an_address_keeps_it(site: Site) -> None:
    """Its column takes no other: so nobody can be left without one."""

    class Base(DeclarativeBase):
        pass

    class Member(AccountMixin, Base):
        __tablename__ = "members"
        id: Mapped[int] = mapped_column(primary_key=True)
        email: Mapped[str | None] = mapped_column("mail", String(320), nullable=False)

    engine = create_engine("sqlite://")
    with Session(engine) as session:
        assert not Users(session, build_models(Base, Member)).can_be_without_address
    assert site.ask(lambda accounts: accounts.users.can_be_without_address)
