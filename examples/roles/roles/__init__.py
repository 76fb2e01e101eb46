"""Builds the application: settings first, then the extensions, then the pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from flask_porter import require_login

from . import (
    account,
    api,
    auth,
    commands,
    endings,
    errors,
    headers,
    login_manager,
    pages,
    settings,
    template_words,
    troubles,
)
from .database import db
from .models import Role, User

csrf = CSRFProtect()


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    app = Flask(__name__, instance_path=settings.instance_path())
    app.config.update(settings.defaults())
    app.config.from_prefixed_env("ROLES")
    app.config.update(config or {})
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = settings.kept_secret_key(Path(app.instance_path))

    db.init_app(app)
    login_manager.init_app(app)
    endings.init_app(app)
    # Everything is for people who are logged in; what is for all says `@public`. It stands before
    # the CSRF check: whoever was logged out meanwhile is told that, and not about a token.
    require_login(app)
    csrf.init_app(app)

    for module in (pages, troubles, auth, account, api, commands):
        app.register_blueprint(module.bp)
    template_words.init_app(app)
    errors.init_app(app)
    headers.init_app(app)

    @app.shell_context_processor
    def shell_names() -> dict[str, object]:
        return {"db": db, "User": User, "Role": Role}

    return app
