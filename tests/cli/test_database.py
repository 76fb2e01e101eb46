"""``flask porter database`` makes our tables, and leaves those of Flask-Migrate alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import inspect, text

from flask_porter.cli.database import database
from tests.account_site import Site, make_site


@pytest.fixture(params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    """Return a site whose database has no table."""
    is_sqlite = request.param == "sqlite"
    url = None if is_sqlite else request.getfixturevalue("postgres_url")
    site = make_site(tmp_path, url=url)
    site.porter.models.metadata.drop_all(site.accounts.database.engine())
    return site


def call(site: Site, name: str) -> Result:
    return site.app.test_cli_runner().invoke(database, [name], catch_exceptions=False)


def tables_of(site: Site) -> list[str]:
    return inspect(site.accounts.database.engine()).get_table_names()


def test_one_command_makes_the_tables_and_can_be_run_again(site: Site) -> None:
    before = call(site, "state")
    assert (before.exit_code, before.output) == (1, "none\n")
    assert tables_of(site) == []
    for _ in range(2):
        made = call(site, "upgrade")
        assert (made.exit_code, made.output) == (0, "The tables are as this release needs them.\n")
        site.register(f"ada{len(site.rows(site.porter.User))}@example.org")
    after = call(site, "state")
    assert (after.exit_code, after.output) == (0, "current\n")
    assert len(site.rows(site.porter.User)) == 2


def test_where_flask_migrate_owns_the_tables_the_command_refuses_and_says_so(site: Site) -> None:
    site.app.extensions["migrate"] = object()
    refused = call(site, "upgrade")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: This app migrates all tables itself")
    assert "'flask db migrate' and 'flask db upgrade'" in refused.output
    assert tables_of(site) == []


def test_tables_of_a_newer_release_are_left_alone(site: Site) -> None:
    assert call(site, "upgrade").exit_code == 0
    with site.accounts.database.engine().begin() as connection:
        connection.execute(text("UPDATE porter_alembic_version SET version_num = '9999'"))
    state = call(site, "state")
    assert (state.exit_code, state.output) == (1, "ahead\n")
    refused = call(site, "upgrade")
    assert refused.exit_code == 1
    assert "of a newer release than the package" in refused.output


def test_tables_that_lack_something_and_are_not_ours_are_left_alone(site: Site) -> None:
    site.porter.models.metadata.create_all(site.accounts.database.engine())
    with site.accounts.database.engine().begin() as connection:
        connection.execute(text("DROP TABLE porter_outbox"))
    assert call(site, "state").output == "behind\n"
    refused = call(site, "upgrade")
    assert refused.exit_code == 1
    assert "by the migrations that made them" in refused.output
