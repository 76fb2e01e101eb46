"""The same site with accounts on Flask-Security, django-allauth and Flask-Porter, as they come."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select

from flask_porter import Porter, current_user, login_required
from flask_porter.flows.register import register

from .account_django import DjangoSite
from .account_site import EMAIL, PASSWORD, AccountSite

if TYPE_CHECKING:
    from pathlib import Path

FLASK_SECURITY = "Flask-Security"
PORTER = "Flask-Porter"
ALLAUTH = "django-allauth"
SIDES = (FLASK_SECURITY, ALLAUTH, PORTER)

#: Only what these two sites ask for to start at all; the rest is as it comes.
_FLASK_SECURITY = {
    "SECURITY_PASSWORD_SALT": "146585145368132386173505678016728509634",
    "SECURITY_REGISTERABLE": True,
    "SECURITY_CONFIRMABLE": True,
    "SECURITY_RECOVERABLE": True,
    "SECURITY_CHANGEABLE": True,
    # It asks the DNS for the domain of each address, which may not be within reach.
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
}


def make_site(side: str, folder: Path) -> AccountSite:
    """Return the site on ``side``, with a database of its own in ``folder``."""
    sites = {FLASK_SECURITY: FlaskSecuritySite, ALLAUTH: DjangoSite, PORTER: PorterSite}
    return sites[side](folder)


class FlaskSite(AccountSite):
    """One on Flask and SQLAlchemy."""

    def __init__(self, folder: Path) -> None:
        self.app: Flask = Flask(__name__, instance_path=str(folder))
        name = type(self).__name__.lower()
        self.app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder / name}.sqlite3"
        self.app.config["SECRET_KEY"] = "0a4b6d1c" * 8
        self.db = SQLAlchemy(self.app)
        super().__init__(folder)


class FlaskSecuritySite(FlaskSite):
    """On Flask-Security, with every feature that Flask-Porter has by default."""

    login_page = "/login"
    logout_page = "/logout"

    def set_up(self) -> None:
        """Its models, its data store, and a user who has confirmed the address."""
        # No type hints come with the release beside Flask-Login 0.6.3 that are of use here.
        security: Any = importlib.import_module("flask_security")
        models: Any = importlib.import_module("flask_security.models.fsqla_v3")
        app, db = self.app, self.db
        app.config.update(_FLASK_SECURITY)
        models.FsModels.set_db_info(db)
        role = type("Role", (db.Model, models.FsRoleMixin), {})
        user = type("User", (db.Model, models.FsUserMixin), {})
        store = security.SQLAlchemyUserDatastore(db, user, role)

        class Mail(security.MailUtil):  # type: ignore[misc]
            def send_mail(self, *_args: Any, **_values: Any) -> None:
                """Send none."""

        security.Security(app, store, mail_util_cls=Mail)

        @app.get("/members")
        @security.auth_required()  # type: ignore[untyped-decorator]
        def members() -> str:
            return f"Hello, {security.current_user.email}"

        with app.app_context():
            db.create_all()
            hashed = security.hash_password(PASSWORD)
            found = store.create_user(email=EMAIL, password=hashed)
            store.activate_user(found)
            found.confirmed_at = security.naive_utcnow()
            db.session.commit()


class PorterSite(FlaskSite):
    """On Flask-Porter."""

    login_page = "/account/login"
    logout_page = "/account/logout"
    identifier = "identifier"

    def set_up(self) -> None:
        """Three lines, and a user who has confirmed the address."""
        app = self.app
        app.testing = True
        app.config.update(PORTER_BASE_URL="http://localhost", PORTER_MAIL_DELIVERY="manual")
        self.porter = Porter(app, self.db)

        @app.get("/members")
        @login_required
        def members() -> str:
            return f"Hello, {current_user.email}"

        with app.app_context():
            self.porter.run(register, email=EMAIL, password=PASSWORD)
            user = self.db.session.scalars(select(self.porter.User)).one()
            user.email_verified_at = datetime.now(UTC)
            self.db.session.commit()
