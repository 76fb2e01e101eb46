"""A command that cannot go on says so in one line that names the fix, and ends with 1."""

from __future__ import annotations

from pathlib import Path
from weakref import finalize

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

from flask_porter import Porter
from flask_porter.authenticators.identifiers import username
from flask_porter.cli.all_commands import commands
from flask_porter.cli.tables import table
from flask_porter.login.commands import porter as porter_group
from flask_porter.models.users import AccountMixin
from tests.account_site import ADA, SETTINGS, Clock, Site, make_site
from tests.authenticators.quick import quick_hasher

#: One of each group, and all that ask the database in a way of their own.
ASKING = [
    "users list",
    "users show ada",
    "users import -",
    "sessions list ada",
    "roles list",
    "mail list",
    "mail deliver",
    "mail retry 1",
    "audit list",
    "audit purge",
]


def porter(site: Site, *arguments: str) -> Result:
    """Run one command; what it raises is an error of the test."""
    command = commands()[arguments[0]]
    runner = site.app.test_cli_runner()
    return runner.invoke(command, arguments[1:], input="email\n" + ADA, catch_exceptions=False)


def refused(site: Site, *arguments: str) -> str:
    result = porter(site, *arguments)
    assert result.exit_code == 1, result.output
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    return result.output


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def test_without_tables_every_command_names_the_one_that_makes_them(site: Site) -> None:
    site.porter.models.metadata.drop_all(site.accounts.database.engine())
    for line in ASKING:
        assert "run 'flask porter database upgrade'" in refused(site, *line.split()), line


def test_without_tables_on_postgres_too(tmp_path: Path, postgres_url: str) -> None:
    site = make_site(tmp_path, url=postgres_url)
    site.porter.models.metadata.drop_all(site.accounts.database.engine())
    assert "run 'flask porter database upgrade'" in refused(site, "users", "list")
    assert "run 'flask porter database upgrade'" in refused(site, "mail", "list")


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/shop.sqlite3", "postgresql+psycopg://@127.0.0.1:1/x"]
)
def test_a_database_that_is_away_is_told(tmp_path: Path, url: str) -> None:
    app = Flask("Away", instance_path=str(tmp_path))
    app.config |= SETTINGS
    site = Site(app, Porter(app, create_engine(url)), Clock(), [])
    for line in ("users list", "mail deliver", "database state", "database upgrade", "doctor"):
        told = refused(site, *line.split())
        assert "The database cannot be used (" in told, line
        assert "see that it runs" in told


def test_somebody_unknown_is_told_with_where_to_look(site: Site) -> None:
    for line in (
        "users show",
        "users disable",
        "users send-reset",
        "sessions list",
        "sessions end",
    ):
        told = refused(site, *line.split(), "no\x1bbody")
        assert "user: not text" in told
        assert "users list --like" in refused(site, *line.split(), "nobody")
    site.register()
    told = refused(site, "users", "set-role", ADA, "editor")
    assert "unknown role editor: make it by 'flask porter roles set editor'" in told
    assert "email: taken (another account has it)" in refused(site, "users", "create", ADA)
    assert "write it as name@example.org" in refused(site, "users", "create", "ada")
    assert "user: not text" in refused(site, "users", "show", "\udcff@example.org")


def test_a_page_that_begins_nowhere_is_refused(site: Site) -> None:
    assert "after: invalid" in refused(site, "users", "list", "--after", "zzz")
    for group in ("users", "audit"):
        assert porter(site, group, "list", "--limit", "-1").exit_code == 2


def test_a_username_that_is_the_id_of_another_names_neither(tmp_path: Path) -> None:
    class Base(DeclarativeBase):
        pass

    class Member(AccountMixin, Base):
        __tablename__ = "members"
        id: Mapped[str] = mapped_column(String(20), primary_key=True)

    app = Flask("Club", instance_path=str(tmp_path))
    app.config |= SETTINGS
    engine = create_engine(f"sqlite:///{tmp_path}/club.sqlite3")
    finalize(app, engine.dispose)
    made = Porter(app, sessionmaker(engine), user=Member, hasher=quick_hasher())
    Base.metadata.create_all(engine)
    site = Site(app, made, Clock(), [])
    site.register("victim@example.org", id="chief")
    site.register(
        "mallory@example.org", id="m", username="chief", username_key=username("chief").key
    )
    assert porter(site, "roles", "set", "admin").exit_code == 0
    told = refused(site, "users", "set-role", "chief", "admin")
    assert "name the one by its address, or the other as id:chief" in told
    assert porter(site, "users", "set-role", "id:chief", "admin").exit_code == 0
    assert porter(site, "users", "delete", "victim@example.org", "--yes").exit_code == 0
    assert site.user("victim@example.org") is None
    assert site.user("mallory@example.org") is not None


def test_an_app_that_is_set_up_wrongly_is_told_and_helps_still() -> None:
    def create_app() -> Flask:
        app = Flask("Wrong")
        app.config |= {**SETTINGS, "PORTER_NONSENSE": 1}
        Porter(app)
        return app

    runner, info = CliRunner(), ScriptInfo(create_app=create_app)
    told = runner.invoke(porter_group, ["users", "list"], obj=info)
    assert (told.exit_code, "Error: PORTER_NONSENSE is no setting" in told.output) == (1, True)
    helped = runner.invoke(porter_group, ["--help"], obj=info)
    assert (helped.exit_code, "routes" in helped.output) == (0, True)


def test_columns_stand_below_their_heads_and_obey_nobody() -> None:
    lines = table(("name", "x"), [("\u732b\u732b", "1"), ("e\u0301", "2"), ("\x1b[2J\n", "3")])
    assert lines.splitlines() == [
        "name" + " " * 7 + "x",
        "\u732b\u732b" + " " * 7 + "1",
        "e\u0301" + " " * 10 + "2",
        "\\x1b[2J\\n  3",
    ]
