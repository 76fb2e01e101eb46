"""Porter: from the settings to the rooms to the surfaces. The only file that knows them all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import Flask, current_app

from .authenticators.password_rules import PasswordRules
from .authenticators.passwords import Argon2Hasher
from .cli.all_commands import commands
from .errors import Refusal, SetUpError, Unavailable
from .flows import events
from .flows.accounts import Accounts
from .flows.accounts import now as utc_now
from .flows.audit_log import purge
from .flows.caller import Caller
from .flows.deliver_mail import AT_ONCE, deliver
from .flows.inputs import Nothing
from .flows.mail_thread import MailThread
from .flows.register import OURS, Register, RegisterWithUsername
from .flows.run import check_inputs, run
from .login.commands import COMMANDS
from .login.signals import user_forbidden
from .models.base import build_models
from .models.database import connect, in_file
from .models.upgrading import upgrade
from .outbound.mail import make_mailer
from .stores.sql import SqlSessions, SqlThrottle
from .web.api import problems
from .web.api.serving import api_blueprint
from .web.app_settings import settings_of
from .web.cross_site import install_check
from .web.development import BaseUrl, refuse_strangers
from .web.guards import note_forbidden
from .web.login_floor import make_login_manager, refuse_wrong_set_up
from .web.page_facts import PageFacts
from .web.pages import http_errors
from .web.pages.all_pages import page_blueprint
from .web.rendering import Rendering
from .web.response import protect
from .web.sealing import Sealer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from flask import Response
    from sqlalchemy.orm import Session

    from .authenticators.passwords import PasswordHasher
    from .flows.accounts import Check
    from .flows.inputs import Input
    from .flows.outcomes import Outcome
    from .flows.run import Flow
    from .login.manager import LoginManager
    from .models.base import Models
    from .models.database import Database
    from .settings import Settings
    from .stores.base import SessionStore, Throttle

    FormT = TypeVar("FormT", bound=Input)
    OutcomeT = TypeVar("OutcomeT", bound=Outcome)


#: Seconds between two removals of what is over, by the thread that delivers mail.
_PURGE_EVERY: Final = 3600.0


@dataclass(frozen=True)
class Rooms:
    """The account layer of one app; ``app.extensions["porter"]``."""

    accounts: Accounts
    rendering: Rendering
    manager: LoginManager[Any]
    mail_thread: MailThread
    #: Makes the tables, once, where ``PORTER_DATABASE_AT_START`` says so.
    prepare: Callable[[], None]


class Porter:
    """People can register, log in, recover and leave.

    Args:
        app: the app to work for; or call :meth:`init_app` later, for one app or several.
        db: Flask-SQLAlchemy's or Flask-SQLAlchemy-Lite's object, or an engine, a sessionmaker or
            a scoped_session of SQLAlchemy. Left out, a SQLite file in the instance folder.
        user: the app's own model, which derives from
            :class:`~flask_porter.models.users.AccountMixin`; ours if left out.
        register: the app's own input model for registration, derived from
            :class:`~flask_porter.flows.register.Register`.
        inputs: the same for other flows, by their name.
        mailer: how mail is sent, if not by ``PORTER_MAIL_URL``: a function of a
            :class:`~flask_porter.outbound.messages.Message`, or a mail extension's object.
        sessions: makes the store of session records from a database session.
        throttle: where attempts are counted.
        hasher: how passwords are hashed.
        checks: looked at before each log-in.
        clock: the time, in UTC.

    Raises:
        SetUpError: what is wrong with the settings or the models, and what to write.
    """

    def __init__(
        self,
        app: Flask | None = None,
        db: Any = None,
        *,
        user: type[Any] | None = None,
        register: type[Input] | None = None,
        inputs: Mapping[str, type[Input]] | None = None,
        mailer: Any = None,
        sessions: Callable[[Session], SessionStore] | None = None,
        throttle: Throttle | None = None,
        hasher: PasswordHasher | None = None,
        checks: Sequence[Check] = (),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._user = user
        self._inputs = dict(inputs or {})
        if register is not None:
            self._inputs["register"] = register
        self._mailer = mailer
        self._sessions = sessions
        self._throttle = throttle
        self._hasher = hasher
        self._checks = tuple(checks)
        self._clock = clock
        self._models: Models | None = None
        self._database = None if db is None else self._connected(db)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, db: Any = None) -> None:
        """Work for ``app`` as well.

        Raises:
            SetUpError: what is wrong, and what to write.
        """
        if "porter" in app.extensions:
            raise SetUpError(f"The app {app.name!r} has a Porter already: make one for each app.")
        settings = settings_of(app)
        database = self._database if db is None else self._connected(db)
        database = database or self._in_file(app)
        rendering = Rendering(app)
        base_url = BaseUrl(app, settings)
        accounts = self._accounts(app, settings, database, rendering, base_url)
        app.extensions["porter"] = Rooms(
            accounts=accounts,
            rendering=rendering,
            manager=make_login_manager(app, settings),
            mail_thread=_mail_thread(app, accounts),
            prepare=_once(lambda: _prepare_tables(app, settings, database, self.models)),
        )
        _join(app, settings, database, base_url)

    @property
    def models(self) -> Models:
        """The mapped classes.

        Raises:
            SetUpError: no database is known yet.
        """
        if self._models is None:
            raise SetUpError("Porter knows no database yet: write 'Porter(app, db)'.")
        return self._models

    @property
    def User(self) -> type[Any]:  # noqa: N802
        """The user model: the app's own, or ours."""
        return self.models.user

    def run(self, flow: Flow[FormT, OutcomeT], **values: Any) -> OutcomeT:
        """Run a flow as the operator, for scripts and tests, within an app context.

        Raises:
            Refusal: the expected no of the flow.
            Unavailable: the database is away, locked, full, read-only or without our tables.
        """
        rooms: Rooms = current_app.extensions["porter"]
        rooms.prepare()
        form = flow.read(rooms.accounts, values, strict=False)
        return run(rooms.accounts, Caller("python"), flow, form)

    def deliver_mail(self) -> int:
        """Deliver what waits in the outbox now, and return how many mails went out.

        A script calls it at its end, when the thread that delivers mail would end with it.

        Raises:
            Unavailable: the database is away, locked, full, read-only or without our tables.
        """
        rooms: Rooms = current_app.extensions["porter"]
        rooms.prepare()
        rooms.mail_thread.stop()
        return deliver(rooms.accounts).sent

    def _connected(self, db: Any) -> Database:
        return self._mapped(connect(db, user=self._user))

    def _in_file(self, app: Flask) -> Database:
        """Return the database of this app alone."""
        return self._mapped(in_file(Path(app.instance_path) / "porter.sqlite3"))

    def _mapped(self, database: Database) -> Database:
        if self._models is None:
            self._models = build_models(database.base, self._user)
        return database

    def _accounts(
        self,
        app: Flask,
        settings: Settings,
        database: Database,
        rendering: Rendering,
        base_url: BaseUrl,
    ) -> Accounts:
        models = self.models
        sealer = Sealer(settings.secret_key, settings.secret_key_fallbacks)

        def render(name: str, language: str, values: Mapping[str, Any]) -> str:
            facts = PageFacts(settings, language)
            return rendering.render(name, language, {"porter": facts, **values})

        def wake_mail() -> None:
            if settings.mail_delivery == "thread":
                app.extensions["porter"].mail_thread.wake()

        return Accounts(
            settings=settings,
            models=models,
            database=database,
            hasher=self._hasher or _hasher(settings),
            password_rules=_password_rules(settings),
            throttle=self._throttle or SqlThrottle(database.session, models),
            session_store=self._sessions or (lambda session: SqlSessions(session, models)),
            link=base_url.link,
            render=render,
            mailer=make_mailer(settings, Path(app.instance_path), self._mailer),
            seal=sealer.seal,
            unseal=sealer.unseal,
            publish=lambda event: events.send(app, event),
            inputs=_inputs(self._inputs, settings, models),
            checks=self._checks,
            wake_mail=wake_mail,
            clock=self._clock,
        )


def _inputs(
    given: Mapping[str, type[Input]], settings: Settings, models: Models
) -> dict[str, type[Input]]:
    """Return the input models of this app, and see that a registration can be kept."""
    ours = Register if settings.identifiers == "email" else RegisterWithUsername
    inputs = {"register": ours, **given}
    check_inputs(inputs)
    model = inputs["register"]
    if not issubclass(model, ours):
        raise SetUpError(
            f"The input model {model.__name__} for registration must derive from"
            f" flask_porter.flows.register.{ours.__name__}, since PORTER_IDENTIFIERS is"
            f" {settings.identifiers!r}."
        )
    for name in model.model_fields.keys() - OURS:
        if not models.can_keep(name):
            raise SetUpError(
                f"{model.__name__} asks for {name!r}, which {models.user.__name__} cannot keep:"
                " give it a mapped attribute of that name, which is none of AccountMixin's."
            )
    lacking = sorted(models.needed() - model.model_fields.keys())
    if lacking and settings.registration == "open":
        raise SetUpError(
            f"Nobody could register: {models.user.__name__}.{lacking[0]} must not be empty, and"
            f" {model.__name__} does not ask for it. Give the column a default, or ask for it by a"
            " model of yours, as Porter(..., register=MyRegister)."
        )
    return inputs


def _hasher(settings: Settings) -> Argon2Hasher:
    return Argon2Hasher(
        memory_kib=settings.argon2_memory_kib,
        time_cost=settings.argon2_time_cost,
        parallelism=settings.argon2_parallelism,
        concurrency=settings.hash_concurrency,
        wait_seconds=settings.hash_wait.total_seconds(),
        peppers=settings.password_peppers,
    )


def _password_rules(settings: Settings) -> PasswordRules:
    return PasswordRules(
        minimum=settings.password_min_length,
        maximum=settings.password_max_length,
        blocklist=settings.password_blocklist,
        context_words=(
            settings.app_name,
            *([settings.host] if settings.host else []),
            *settings.password_context_words,
        ),
    )


def _mail_thread(app: Flask, accounts: Accounts) -> MailThread:
    last_purge = [float("-inf")]

    def work() -> bool:
        with app.app_context():
            done = deliver(accounts)
            if monotonic() - last_purge[0] > _PURGE_EVERY:
                last_purge[0] = monotonic()
                run(accounts, Caller("python"), purge, Nothing())
        return done.sent + done.failed >= AT_ONCE

    return MailThread(work)


def _join(app: Flask, settings: Settings, database: Database, base_url: BaseUrl) -> None:
    """Add the surfaces, and what has to happen around each request."""
    app.extensions[COMMANDS] = commands()
    if settings.mode == "development":
        app.before_request(refuse_strangers)
        app.before_request(base_url.note)
    if settings.database_at_start:
        app.before_request(app.extensions["porter"].prepare)
    app.before_request(_once(lambda: refuse_wrong_set_up(app)))
    app.before_request(_in_each_process(lambda: _look_for_mail(app)))
    user_forbidden.connect(note_forbidden, app)
    install_check(app)
    is_development = settings.mode == "development"
    app.register_blueprint(page_blueprint(settings.url_prefix, is_development=is_development))
    if settings.api:
        app.register_blueprint(api_blueprint(settings.api_prefix))
        app.before_request(problems.answer_unrouted)
    app.before_request(http_errors.answer_unrouted)
    app.register_error_handler(Refusal, _show_refusal)
    app.register_error_handler(Unavailable, _show_unavailable)
    app.teardown_appcontext(lambda _error: database.remove())


def _show_refusal(refusal: Refusal) -> Response:
    """Show a refusal that came up outside our pages and our API."""
    if problems.is_for_us():
        return protect(problems.refuse(refusal))
    return http_errors.show_refusal_elsewhere(refusal)


def _show_unavailable(away: Unavailable) -> Response:
    """Show that the database is away, where neither our pages nor our API were asked."""
    if problems.is_for_us():
        return protect(problems.answer_unavailable(away))
    return http_errors.show_unavailable_elsewhere(away)


def _prepare_tables(app: Flask, settings: Settings, database: Database, models: Models) -> None:
    """Make or upgrade our tables, unless the app migrates all of them itself."""
    if settings.database_at_start and "migrate" not in app.extensions:
        upgrade(database, models)


def _look_for_mail(app: Flask) -> None:
    """Have delivered what waited before this process began: no mail of its own may come for long.

    Not under test, where a thread at the database of each test would be a surprise.
    """
    if not app.testing:
        app.extensions["porter"].accounts.wake_mail()


def _in_each_process(step: Callable[[], Any]) -> Callable[[], None]:
    """Run ``step`` before the first request of each process, forked ones too."""
    done: set[int] = set()

    def first() -> None:
        if os.getpid() not in done:
            done.add(os.getpid())
            step()

    return first


def _once(step: Callable[[], Any]) -> Callable[[], None]:
    """Run ``step`` before the first request alone; a failure is tried again by the next."""
    done: list[bool] = []

    def first() -> None:
        if not done:
            step()
            done.append(True)

    return first
