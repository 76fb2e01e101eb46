"""An app with Flask-Migrate, whose own migrations make every table, ours among them."""

from __future__ import annotations

import sys
from pathlib import Path

import flask_migrate
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from flask_porter.models.base import build_models
from flask_porter.models.database import connect
from flask_porter.models.users import AccountMixin

db = SQLAlchemy()


class Member(AccountMixin, db.Model):  # type: ignore[misc, name-defined]
    id: Mapped[int] = mapped_column(primary_key=True)


database = connect(db, user=Member)
models = build_models(database.base, Member)


def create_app(url: str, folder: Path) -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    flask_migrate.Migrate(app, db, directory=str(folder))
    return app


def migrate(url: str, folder: Path) -> None:
    """Do what `flask db init`, `flask db migrate` and `flask db upgrade` do."""
    with create_app(url, folder).app_context():
        flask_migrate.init()
        template = folder / "script.py.mako"
        imports = "import sqlalchemy as sa\n"
        text = template.read_text()
        assert imports in text
        template.write_text(text.replace(imports, imports + "import flask_porter.models.columns\n"))
        flask_migrate.migrate()
        flask_migrate.upgrade()


if __name__ == "__main__":
    migrate(sys.argv[1], Path(sys.argv[2]))
