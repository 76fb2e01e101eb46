"""Builds the application: settings first, then the extensions, then the pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from . import api, auth, commands, errors, headers, main, settings
from .database import db
from .login_manager import login_manager
from .models import Role, User

csrf = CSRFProtect()


def create_app(config: Mapping[str, object] | None = None) -> Flask:
    app = Flask(__name__, instance_path=settings.instance_path())
    app.config.update(settings.defaults())
    app.config.from_prefixed_env("LESSON")
    app.config.update(config or {})
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = settings.kept_secret_key(Path(app.instance_path))

    db.init_app(app)
    login_manager.init_app(app)
    csrf.init_app(app)

    app.register_blueprint(main.bp)
    app.register_blueprint(auth.bp)
    app.register_blueprint(api.bp)
    app.register_blueprint(commands.bp)
    errors.init_app(app)
    headers.init_app(app)

    @app.shell_context_processor
    def shell_names() -> dict[str, object]:
        return {"db": db, "User": User, "Role": Role}

    return app
