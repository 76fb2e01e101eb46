"""Whoever gets the key of somebody who has left gets nothing else of theirs: AZ04.

SQLite gives the highest key again once its row is gone, unless the table says ``AUTOINCREMENT``.
Ours does; that of an app may not.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from flask_porter import Porter
from flask_porter.flows import activity, close_account, download_data
from flask_porter.models.database import in_file
from flask_porter.models.users import AccountMixin
from tests.account_site import PASSWORD, SETTINGS, Clock, Site
from tests.authenticators.quick import quick_hasher

BOB = "bob@example.org"


@pytest.fixture
def plain_site(tmp_path: Path) -> Site:
    """Return a site whose own table gives keys again."""

    class Base(DeclarativeBase):
        pass

    class Customer(AccountMixin, Base):
        __tablename__ = "customers"

        id: Mapped[int] = mapped_column(primary_key=True)

    engine = in_file(tmp_path / "shop.sqlite3").engine()
    app, clock = Flask("Shop", instance_path=str(tmp_path)), Clock()
    app.config |= SETTINGS
    porter = Porter(
        app,
        sessionmaker[Session](engine),
        user=Customer,
        mailer=[].append,
        clock=clock,
        hasher=quick_hasher(),
    )
    Base.metadata.create_all(engine)
    return Site(app, porter, clock, [])


def test_az04_who_gets_the_key_of_somebody_who_left_reads_nothing_of_theirs(
    plain_site: Site,
) -> None:
    left = _leave(plain_site)
    bob = plain_site.register(BOB)
    assert bob.id == left
    here = plain_site.logged_in(plain_site.login(BOB), address="203.0.113.9")
    shown = plain_site.run(activity.show, here).values["events"]
    data = plain_site.run(download_data.download_data, here).values["activity"]
    assert {entry.event for entry in shown} == {"authn_login_success"}
    assert {entry["event"] for entry in data} == {
        *("session_created", "authn_login_success", "sensitive_read")
    }


def test_az04_our_own_table_gives_no_key_twice(site: Site) -> None:
    left = _leave(site)
    assert site.register(BOB).id > left


def _leave(site: Site) -> int:
    """Let Ada close her account; return the key that she had."""
    if site.user() is None:
        site.register()
    ada = site.login()
    site.run(close_account.close_account, site.logged_in(ada), password=PASSWORD)
    key: int = ada.user.id
    return key
