"""Accounts, roles and sessions by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click import Group
from click.testing import Result

from flask_porter.cli.all_commands import commands
from flask_porter.flows import login
from flask_porter.flows.outcomes import LoggedIn
from tests.account_site import ADA, PASSWORD, STRANGER, Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def porter(site: Site, group: str, *arguments: str, typed: str = "") -> Result:
    """Run one command; what it raises is an error of the test."""
    runner = site.app.test_cli_runner()
    return runner.invoke(commands()[group], arguments, input=typed, catch_exceptions=False)


def done(site: Site, group: str, *arguments: str, typed: str = "") -> str:
    result = porter(site, group, *arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return result.output


def refused(site: Site, group: str, *arguments: str) -> str:
    result = porter(site, group, *arguments)
    assert result.exit_code == 1, result.output
    return result.output


def log_in(site: Site) -> LoggedIn:
    outcome = site.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
    assert isinstance(outcome, LoggedIn)
    return outcome


def test_a_new_account_gets_an_invitation_and_no_password(site: Site) -> None:
    assert ADA in done(site, "users", "create", ADA)
    assert site.user().password_hash is None
    assert site.last_mail(ADA).kind == "invitation"


def test_no_command_takes_a_password(site: Site) -> None:
    users = commands()["users"]
    assert isinstance(users, Group)
    for command in users.commands.values():
        assert not any("password" in parameter.name for parameter in command.params)


def test_a_taken_address_is_refused_in_one_line(site: Site) -> None:
    site.register()
    assert "Error: email: taken" in refused(site, "users", "create", ADA)


def test_an_unknown_role_makes_no_account(site: Site) -> None:
    assert "unknown role" in refused(site, "users", "create", ADA, "--role", "editor")
    assert site.user() is None


def test_roles_are_set_granted_and_taken_away(site: Site) -> None:
    done(site, "roles", "set", "editor", "write", "read")
    assert "editor  read write" in done(site, "roles", "list")
    done(site, "users", "create", ADA, "--role", "editor")
    assert "roles: editor" in done(site, "users", "show", ADA)
    done(site, "users", "set-role", ADA, "editor", "--remove")
    assert "roles: -\n" in done(site, "users", "show", ADA)
    assert "unknown role" in refused(site, "users", "set-role", ADA, "owner")


def test_a_disabled_account_is_out_at_once_and_may_be_enabled(site: Site) -> None:
    site.register()
    outcome = log_in(site)
    done(site, "users", "disable", ADA)
    assert not site.is_alive(outcome)
    assert "disabled" in done(site, "users", "list")
    done(site, "users", "enable", ADA)
    assert not site.is_alive(outcome)
    assert site.is_alive(log_in(site))


def test_deleting_asks_first(site: Site) -> None:
    site.register()
    assert porter(site, "users", "delete", ADA, typed="n\n").exit_code == 1
    assert site.user() is not None
    done(site, "users", "delete", ADA, "--yes")
    assert site.user() is None


def test_users_are_found_by_address_and_by_id(site: Site) -> None:
    user = site.register()
    assert ADA in done(site, "users", "show", str(user.id))
    assert "unknown user" in refused(site, "users", "show", "nobody@example.org")
    assert "unknown user" in refused(site, "users", "show", "9" * 30)
    assert [one["email"] for one in json.loads(done(site, "users", "list", "--json"))] == [ADA]


def test_sessions_are_listed_and_ended(site: Site) -> None:
    site.register()
    outcome = log_in(site)
    assert "Firefox (Linux)" in done(site, "sessions", "list", ADA)
    assert "Ended 1" in done(site, "sessions", "end", ADA)
    assert not site.is_alive(outcome)


def test_what_happened_is_listed_with_who_did_it(site: Site) -> None:
    done(site, "users", "create", ADA)
    (line,) = done(site, "audit", "list", "--json").splitlines()
    entry = json.loads(line)
    assert (entry["event"], entry["actor"], entry["surface"]) == ("user_created", "cli", "cli")
    assert "user_created" in done(site, "audit", "list", "--event", "user_created")
    site.clock.advance(days=366)
    assert "audit: 1" in done(site, "audit", "purge")


def test_a_file_is_imported_whole(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    stored = site.accounts.hasher.hash(PASSWORD)
    file.write_text(
        f'email,password_hash,verified,roles\n{ADA},"{stored}",yes,editor\nb@x.example,,,\n'
    )
    done(site, "users", "import", str(file), "--invite")
    assert site.is_alive(log_in(site))
    assert [mail.to for mail in site.mails if mail.kind == "invitation"] == ["b@x.example"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([ADA, "ADA@EXAMPLE.ORG"], "Line 3: same as line 2"),
        ([ADA, "no address"], "Line 3: invalid email"),
        ([ADA, "old@example.org"], "Line 3: email taken"),
    ],
)
def test_a_file_with_one_bad_line_imports_nothing(
    site: Site, tmp_path: Path, lines: list[str], told: str
) -> None:
    site.register("old@example.org")
    file = tmp_path / "users.csv"
    file.write_text("\n".join(["email", *lines]))
    assert told in refused(site, "users", "import", str(file))
    assert site.user() is None


@pytest.mark.parametrize(
    "content", [b"name\nada", b"email,verified\nada@example.org", b'email\n"ada', b"email\n\xff"]
)
def test_a_file_that_is_none_is_refused_in_one_line(
    site: Site, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "users.csv"
    file.write_bytes(content)
    assert "Error: " in refused(site, "users", "import", str(file))


def test_the_tables_are_made_by_one_command(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.porter.models.metadata.drop_all(site.accounts.database.engine())
    assert "none" in refused(site, "database", "state")
    done(site, "database", "upgrade")
    assert "current" in done(site, "database", "state")
