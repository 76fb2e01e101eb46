"""Where Flask-Migrate makes every table, ours are among them and we make none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from flask_porter.errors import SetUpError
from flask_porter.models.append_only import statements
from flask_porter.models.tokens import Tokens
from flask_porter.models.upgrading import refuses_changes, state, upgrade
from flask_porter.models.users import Users
from tests.models.migrated_app import create_app, database, db, models
from tests.models.people import NOW, token_values


def test_the_migrations_of_the_app_make_our_tables(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    subprocess.run(
        [sys.executable, "-m", "tests.models.migrated_app", url, str(folder)],
        check=True,
        capture_output=True,
    )
    with create_app(url, folder).app_context():
        assert state(database, models) == "current"
        assert not refuses_changes(database, models)
        with db.engine.begin() as connection:
            for statement in statements(connection.dialect, "porter_audit", None):
                connection.exec_driver_sql(statement)
        assert refuses_changes(database, models)
        with pytest.raises(SetUpError, match="flask db upgrade"):
            upgrade(database, models, migrated_by_app=True)
        assert "porter_alembic_version" not in inspect(db.engine).get_table_names()
        with database.open_session() as session:
            ada = Users(session, models).add(email_key="ada@x.org")
            Tokens(session, models).add(**token_values(ada.id))
            session.commit()
            session.expire_all()
            assert Tokens(session, models).find("reset_password", b"d" * 32, NOW) is not None
        db.engine.dispose()
