"""An account layer with a database and the mail, and nothing else: for the tests of mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import create_engine, event, select
from sqlalchemy.pool import NullPool

from flask_porter.flows import mails
from flask_porter.flows.accounts import Accounts
from flask_porter.flows.caller import Caller
from flask_porter.flows.deliver_mail import Delivered, deliver
from flask_porter.flows.events import Event
from flask_porter.models.base import build_models
from flask_porter.models.database import Database, connect, in_file
from flask_porter.outbound.mail import Mailer, MailFailed, Message
from flask_porter.settings import read_settings

TEMPLATES = Path(mails.__file__).parents[1] / "web" / "templates"
START = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CALLER = Caller("pages", address="192.0.2.7", user_agent=FIREFOX)
CONFIG = {
    "SECRET_KEY": "bc1f6a0d7e29485f93a1c7d2e0b4586f",
    "PORTER_BASE_URL": "https://app.example.com",
    "PORTER_MAIL_ATTEMPTS": 4,
    "PORTER_MAIL_URL": "smtps://mail.example.com",
}


class Bag:
    """Keeps what is sent; fails as often as told first."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.tried: list[Message] = []
        self.failures: list[Exception] = []

    def send(self, message: Message) -> None:
        self.tried.append(message)
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message)


def later(why: str = "down") -> MailFailed:
    return MailFailed(why, temporary=True)


@dataclass
class Office:
    """What a test of mail holds in its hands."""

    accounts: Accounts
    bag: Bag
    events: list[Event] = field(default_factory=list)
    woken: list[None] = field(default_factory=list)
    now: datetime = START

    def person(self, **values: Any) -> Any:
        """Add a person, Ada if nothing else is said."""
        given = {"email": "ada@example.com", "username": "ada", "created_at": self.now} | values
        given |= {"email_key": given["email"], "username_key": given["username"]}
        return self.within(lambda accounts: accounts.users.add(**given))

    def post(self, kind: str, user: Any = None, *, caller: Caller = CALLER, **values: Any) -> Any:
        """Ask for a mail, as a flow does."""
        return self.within(lambda accounts: mails.post(accounts, caller, kind, user=user, **values))

    def within(self, step: Callable[[Accounts], Any]) -> Any:
        """Run ``step`` in a transaction."""
        with self.accounts.database.open_session() as session:
            bound = self.accounts.within(session)
            found = step(bound)
            session.commit()
        for after in bound.kept.afterwards:
            after()
        return found

    def change(self, user: Any, **values: Any) -> None:
        """Change a person, as somebody else does meanwhile."""

        def step(accounts: Accounts) -> None:
            found = accounts.users.fresh(user.id)
            for name, value in values.items():
                setattr(found, name, value)

        self.within(step)

    def deliver(self) -> Delivered:
        """Deliver once, and again only what is due."""
        return deliver(self.accounts)

    def wait(self, **length: Any) -> None:
        """Let time go by."""
        self.now += timedelta(**length)

    def rows(self) -> list[Any]:
        """Return the whole outbox."""
        return self._all(self.accounts.models.outbox)

    def tokens(self) -> list[Any]:
        """Return all one-time tokens."""
        return self._all(self.accounts.models.token)

    def alive(self) -> list[Any]:
        """Return the tokens that still work."""
        return [row for row in self.tokens() if row.consumed_at is None]

    def only(self) -> Message:
        """Return the one mail that was sent."""
        (message,) = self.bag.sent
        return message

    def _all(self, row: Any) -> list[Any]:
        with self.accounts.database.open_session() as session:
            return list(session.scalars(select(row).order_by(row.id)))


@contextmanager
def opened(database: Database, *, mailer: Mailer | None = None) -> Iterator[Office]:
    """Yield an account layer on ``database``, and close its connections."""
    try:
        yield open_office(database, mailer=mailer)
    finally:
        database.engine().dispose()


def environment() -> Environment:
    """Return an environment for our templates, in which a value that is missing fails."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
    )
    install: Any = made
    install.install_null_translations(newstyle=True)
    return made


def open_office(database: Database, *, mailer: Mailer | None = None) -> Office:
    """Return an account layer on ``database`` whose tables are made."""
    models = build_models(database.base)
    models.metadata.create_all(database.engine())
    templates = environment()
    bag = Bag()
    not_here: Any = None
    accounts = Accounts(
        settings=read_settings(CONFIG, name="acme", debug=False, testing=False),
        models=models,
        database=database,
        hasher=not_here,
        password_rules=not_here,
        throttle=not_here,
        session_store=lambda session: not_here,
        link=lambda flow, token: f"https://app.example.com/{flow}/{token}",
        render=lambda name, language, values: templates.get_template(f"porter/{name}").render(
            values
        ),
        mailer=mailer or bag,
        seal=not_here,
        unseal=not_here,
        publish=not_here,
    )
    office = Office(accounts, bag)
    office.accounts = replace(
        accounts,
        clock=lambda: office.now,
        publish=office.events.append,
        wake_mail=lambda: office.woken.append(None),
    )
    return office


def on_sqlite(file: Path) -> Database:
    """Return a database in a file that need not survive a power cut."""
    database = in_file(file)
    event.listen(database.engine(), "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
    return database


def on_postgres(url: str) -> Database:
    """Return a database on a server."""
    address = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return connect(create_engine(address, poolclass=NullPool))
