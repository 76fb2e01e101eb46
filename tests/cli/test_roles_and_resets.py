"""Roles, resets and sessions by the command line: what they print, change and note."""

from __future__ import annotations

from flask_porter.cli.all_commands import commands
from flask_porter.flows import login, reset_password
from flask_porter.flows.outcomes import LoggedIn
from tests.account_site import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    STRANGER,
    Site,
    token_of,
)


def done(site: Site, line: str) -> str:
    group, *arguments = line.split()
    runner = site.app.test_cli_runner()
    result = runner.invoke(commands()[group], arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def log_in(site: Site, browser: str) -> LoggedIn:
    caller = type(STRANGER)("pages", address="192.0.2.1", user_agent=browser)
    outcome = site.run(login.with_password, caller, identifier=ADA, password=PASSWORD)
    assert isinstance(outcome, LoggedIn)
    return outcome


def test_a_reset_by_the_operator_is_mailed_and_leaves_the_password_until_it_is_used(
    site: Site,
) -> None:
    assert done(site, f"users send-reset {ADA}") == "The mail is on its way.\n"
    mail = site.last_mail(ADA)
    assert mail.kind == "reset_password"
    assert site.is_alive(site.login())
    given = {"token": token_of(site.last_link(ADA)), "new_password": NEW_PASSWORD}
    site.run(reset_password.finish, **given)
    assert site.is_alive(site.login(password=NEW_PASSWORD))


def test_the_operator_sends_resets_without_limit(site: Site) -> None:
    for _ in range(30):
        done(site, f"users send-reset {ADA}")
    assert len(site.mails) == 30


def test_all_devices_are_listed_and_ended_at_once(site: Site) -> None:
    head = "device  address  logged in (UTC)  last seen (UTC)  remembered  handle\n"
    assert done(site, f"sessions list {ADA}") == head
    outcomes = [log_in(site, f"Mozilla/5.0 {name}/130.0") for name in ("Firefox", "Chrome")]
    listed = done(site, f"sessions list {ADA}").splitlines()
    assert len(listed) == 3
    assert len({line.index("192.0.2.1") for line in listed[1:]} | {listed[0].index("address")}) == 1
    assert done(site, f"sessions end {ADA}") == "Ended 2 sessions.\n"
    assert [site.is_alive(outcome) for outcome in outcomes] == [False, False]
    assert done(site, f"sessions end {ADA}") == "Ended 0 sessions.\n"


def test_one_device_is_ended_by_its_handle(site: Site) -> None:
    outcomes = [log_in(site, f"Mozilla/5.0 {name}/130.0") for name in ("Firefox", "Chrome")]
    listed = done(site, f"sessions list {ADA}").splitlines()[1:]
    (chrome,) = [line.split()[-1] for line in listed if line.startswith("Chrome")]
    assert done(site, f"sessions end {ADA} --device {chrome}") == "Ended 1 session.\n"
    assert [site.is_alive(outcome) for outcome in outcomes] == [True, False]
    again = ["end", ADA, "--device", chrome]
    refused = site.app.test_cli_runner().invoke(commands()["sessions"], again)
    assert refused.exit_code == 1
    assert site.is_alive(outcomes[0])


def test_a_role_is_set_anew_and_noted(site: Site) -> None:
    assert done(site, "roles list") == "role  permissions\n"
    done(site, "roles set editor write read")
    done(site, "roles set editor read")
    assert done(site, "roles list").splitlines()[1] == "editor  read"
    assert done(site, f"users set-role {ADA} editor") == "Done.\n"
    assert done(site, f"users set-role {ADA} editor") == "Nothing to do.\n"
    assert done(site, f"users set-role {ADA} editor --remove") == "Done.\n"
    printed = done(site, "audit list --event authz_change --limit 2").splitlines()
    assert len(printed) == 3
    assert "revoked=editor" in printed[1]
    assert "granted=editor" in printed[2]
