"""A site on Flask-Security, with one page behind each of its guards."""

from typing import Any

from flask import Flask, render_template_string
from flask_login import current_user, fresh_login_required, login_fresh, login_remembered
from flask_security import (
    Security,
    SQLAlchemyUserDatastore,
    auth_required,
    hash_password,
    http_auth_required,
    login_required,
    permissions_accepted,
    roles_required,
)
from flask_security.models import fsqla_v3 as fsqla
from flask_sqlalchemy import SQLAlchemy

PASSWORD = "correct horse"
SETTINGS: dict[str, Any] = {
    "SECRET_KEY": "a key",
    "SECURITY_PASSWORD_SALT": "a salt",
    "SECURITY_PASSWORD_HASH": "pbkdf2_sha256",
    "SECURITY_PASSWORD_SCHEMES": ["pbkdf2_sha256"],
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {"pbkdf2_sha256__rounds": 1},
    "SECURITY_TRACKABLE": True,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_US_ENABLED_METHODS": ["password"],
    "SECURITY_TOTP_SECRETS": {"1": "J1PFWTCoYXFRfm9Y2ZAiTlKsa2Kv3ZdhMzl1mqzvDGU"},
    "SECURITY_TOTP_ISSUER": "shop",
    "SQLALCHEMY_DATABASE_URI": "sqlite://",
    "WTF_CSRF_ENABLED": False,
    "TESTING": True,
}


def build(**settings: Any) -> tuple[Flask, SQLAlchemy]:
    app = Flask(__name__)
    app.config.update(SETTINGS | settings)
    db = SQLAlchemy(app)
    fsqla.FsModels.set_db_info(db)

    class Role(db.Model, fsqla.FsRoleMixin):  # type: ignore[misc, name-defined]
        pass

    class User(db.Model, fsqla.FsUserMixin):  # type: ignore[misc, name-defined]
        pass

    datastore = SQLAlchemyUserDatastore(db, User, Role)
    Security(app, datastore)
    with app.app_context():
        db.create_all()
        staff = datastore.create_role(name="staff", permissions={"read-mail"})
        for name, roles in (("ada", [staff]), ("grace", [])):
            datastore.create_user(
                email=f"{name}@example.org", password=hash_password(PASSWORD), roles=roles
            )
        db.session.commit()
    add_pages(app)
    return app, db


def add_pages(app: Flask) -> None:
    app.add_url_rule("/handler", "handler", seen)
    guards = {
        "any": auth_required(),
        "session": auth_required("session"),
        "token": auth_required("token"),
        "basic": auth_required("basic"),
        "http": http_auth_required("office"),
        "members": login_required,
        "recent": auth_required("session", within=1, grace=0),
        "vault": fresh_login_required,
        "staff": roles_required("staff"),
        "mail": permissions_accepted("read-mail"),
    }
    for name, guard in guards.items():
        app.add_url_rule(f"/{name}", name, guard(seen))

    @app.get("/page")
    def page() -> str:
        return render_template_string("{{ current_user.email or 'nobody' }}")


def seen() -> dict[str, Any]:
    return {
        "email": current_user.email if current_user and current_user.is_authenticated else None,
        "fresh": login_fresh(),
        "remembered": login_remembered(),
    }
