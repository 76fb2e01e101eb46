"""A small site with accounts: a database of its own, mail kept here, a clock that stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit
from weakref import finalize

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, MetaData, create_engine, event, select

from flask_porter import Porter
from flask_porter.authenticators.passwords import PasswordHasher
from flask_porter.flows.accounts import Accounts
from flask_porter.flows.caller import Caller
from flask_porter.flows.deliver_mail import deliver
from flask_porter.flows.inputs import Input
from flask_porter.flows.login import with_password
from flask_porter.flows.outcomes import LoggedIn, MailSent, Outcome
from flask_porter.flows.resume import resume
from flask_porter.flows.run import Flow, run
from flask_porter.outbound.messages import Message
from tests.authenticators.quick import quick_hasher

FormT = TypeVar("FormT", bound=Input)
OutcomeT = TypeVar("OutcomeT", bound=Outcome)

ADA = "ada@example.org"
PASSWORD = "three brown owls sleeping"
NEW_PASSWORD = "a kettle on the green roof"
#: A stranger in a browser (RFC 5737: an address for documentation).
STRANGER = Caller("pages", address="192.0.2.1", user_agent="Mozilla/5.0 (X11; Linux) Firefox/130.0")

#: Quick to hash, mail delivered when asked for, tables made by hand.
SETTINGS: Mapping[str, Any] = {
    "SECRET_KEY": "0a4b6d1c" * 8,
    "TESTING": True,
    "PORTER_BASE_URL": "http://localhost",
    "PORTER_MAIL_DELIVERY": "manual",
    "PORTER_DATABASE_AT_START": False,
}


class CompiledTemplates(BytecodeCache):
    """Keeps in memory what templates compile to: each app would compile them anew."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill in what is kept."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = CompiledTemplates()


class Clock:
    """Stands still until it is advanced."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def advance(self, **parts: float) -> None:
        """Move on, as ``advance(minutes=5)``."""
        self.now += timedelta(**parts)


class Site:
    """The app, and what a test wants of it."""

    def __init__(self, app: Flask, porter: Porter, clock: Clock, sent: list[Message]) -> None:
        self.app = app
        self.porter = porter
        self.clock = clock
        self._sent = sent

    @property
    def accounts(self) -> Accounts:
        """What its flows are given."""
        accounts: Accounts = self.app.extensions["porter"].accounts
        return accounts

    def run(
        self, flow: Flow[FormT, OutcomeT], caller: Caller = STRANGER, /, **values: Any
    ) -> OutcomeT:
        """Run a flow, as the pages do."""
        with self.app.app_context():
            form = flow.read(self.accounts, values, strict=False)
            return run(self.accounts, caller, flow, form)

    def register(
        self, email: str = ADA, password: str = PASSWORD, *, is_verified: bool = True, **more: Any
    ) -> Any:
        """Make a user by the row alone, without a mail; return the row."""
        accounts, now = self.accounts, self.clock()
        with accounts.database.open_session() as session:
            user = accounts.within(session).users.add(
                email=email,
                email_key=email.lower(),
                password_hash=accounts.hasher.hash(password),
                created_at=now,
                **{"email_verified_at": now if is_verified else None, **more},
            )
            session.commit()
        return user

    def user(self, email: str = ADA) -> Any:
        """Return the user with this address as the database has them now, or None."""
        return self.ask(lambda accounts: accounts.users.find_by_email(email.lower()))

    def change(self, user: Any, **values: Any) -> None:
        """Write values into the row of a user, as if by hand."""
        with self.accounts.database.open_session() as session:
            row = self.accounts.within(session).users.get(user.id)
            for name, value in values.items():
                setattr(row, name, value)
            session.commit()

    def ask(self, question: Callable[[Accounts], Any]) -> Any:
        """Ask something of the database."""
        with self.accounts.database.open_session() as session:
            return question(self.accounts.within(session))

    def rows(self, model: type[Any]) -> list[Any]:
        """Return all rows of a table, the first one first."""
        with self.accounts.database.open_session() as session:
            return list(session.scalars(select(model).order_by(model.id)))

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Yield the SQL that is spoken meanwhile, each statement in one line."""
        engine, spoken = self.accounts.database.engine(), list[str]()

        def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            spoken.append(" ".join(statement.split()))

        event.listen(engine, "before_cursor_execute", hear)
        try:
            yield spoken
        finally:
            event.remove(engine, "before_cursor_execute", hear)

    def events(self) -> list[str]:
        """Return the names of what is in the audit log, the first one first."""
        return [entry.event for entry in self.rows(self.accounts.models.audit)]

    def logged_in(self, outcome: LoggedIn, **facts: Any) -> Caller:
        """Return the caller that a log-in has made of a stranger."""
        return Caller(
            **{
                "surface": "pages",
                "user": outcome.user,
                "record": outcome.record,
                "address": STRANGER.address,
                "user_agent": STRANGER.user_agent,
                "known_device": outcome.known_device,
                **facts,
            }
        )

    def login(self, email: str = ADA, password: str = PASSWORD) -> LoggedIn:
        """Log in by the flow."""
        outcome = self.run(with_password, identifier=email, password=password)
        assert isinstance(outcome, LoggedIn)
        return outcome

    def is_alive(self, outcome: LoggedIn) -> bool:
        """Tell whether the session token of a log-in still proves its user."""
        with self.app.app_context():
            return resume(self.accounts, outcome.token, outcome.record.transport) is not None

    @property
    def mails(self) -> list[Message]:
        """Deliver what waits, and return all mails, the first one first."""
        with self.app.app_context():
            deliver(self.accounts)
        return self._sent

    def last_mail(self, to: str | None = None, kind: str | None = None) -> Message:
        """Return the last mail, to this address or of this kind."""
        fitting = [
            mail for mail in self.mails if to in {None, mail.to} and kind in {None, mail.kind}
        ]
        return fitting[-1]

    def last_code(self, to: str | None = None, kind: str | None = None) -> str:
        """Return the code in the last mail."""
        code = self.last_mail(to, kind).code
        assert code is not None
        return code

    def last_link(self, to: str | None = None, kind: str | None = None) -> str:
        """Return the path of the link in the last mail, for a client."""
        link = self.last_mail(to, kind).link
        assert link is not None
        return _path_of(link)

    def last_not_me(self, to: str | None = None, kind: str | None = None) -> str:
        """Return the path of the link "this wasn't me" in the last mail."""
        link = self.last_mail(to, kind).not_me_link
        assert link is not None
        return _path_of(link)

    def client(self, **environ: Any) -> FlaskClient:
        """Return a browser that posts from our own pages."""
        client = self.app.test_client()
        client.environ_base |= {"HTTP_SEC_FETCH_SITE": "same-origin", **environ}
        return client

    def logged_in_client(self, email: str = ADA, password: str = PASSWORD) -> FlaskClient:
        """Return a browser in which somebody has logged in by the page."""
        client = self.client()
        given = {"identifier": email, "password": password}
        answer = client.post("/account/login", data=given)
        assert answer.status_code == 303, answer.text
        return client


def make_site(
    tmp_path: Path,
    *,
    url: str | None = None,
    engine: Engine | None = None,
    hasher: PasswordHasher | None = None,
    **settings: Any,
) -> Site:
    """Return a new site with an empty database.

    Args:
        tmp_path: where its files go.
        url: of a PostgreSQL database, as the fixture ``postgres_url`` gives it; else SQLite.
        engine: of a database that a test wants to break.
        hasher: another than the quick one.
        settings: keys of ``app.config``.
    """
    app = Flask("Larder", instance_path=str(tmp_path))
    app.jinja_options = {**app.jinja_options, "bytecode_cache": _COMPILED}
    app.config |= {**SETTINGS, **settings}
    clock, sent = Clock(), list[Message]()
    if url is not None:
        engine = create_engine(url.replace("://", "+psycopg://", 1))
    porter = Porter(app, engine, mailer=sent.append, clock=clock, hasher=hasher or quick_hasher())
    _make_tables(app, porter)
    return Site(app, porter, clock, sent)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a new site where Ada has an account."""
    made = make_site(tmp_path)
    made.register()
    return made


def browser_of(sent: MailSent, caller: Caller = STRANGER) -> Caller:
    """Return the caller in the browser that has asked for a mail."""
    return replace(caller, browser=sent.browser, asked_for=sent.asked_for)


def token_of(link: str) -> str:
    """Return the token in a link."""
    return parse_qs(urlsplit(link).query)["token"][0]


def _make_tables(app: Flask, porter: Porter) -> None:
    engine: Engine = app.extensions["porter"].accounts.database.engine()
    file = Path(app.instance_path) / "porter.sqlite3"
    if engine.url.database == str(file) and not file.stat().st_size:
        file.write_bytes(_with_tables(porter.models.metadata))
    else:
        porter.models.metadata.create_all(engine)
    # No connection is left open for the garbage collector to complain of.
    finalize(app, engine.dispose)


@cache
def _with_tables(metadata: MetaData) -> bytes:
    """Return a file of SQLite with these tables: making them takes longer than most tests."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as connection:
        made: Any = connection.connection.dbapi_connection
        file: bytes = made.serialize()
    engine.dispose()
    return file


def _path_of(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"
