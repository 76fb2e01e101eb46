"""What is there before anybody was made, and what an operator can never know: AZ21 and AZ22.

Flows are found by looking: a new one is held against a stranger and against the password too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_porter import Porter, SetUpError
from flask_porter.cli.all_commands import commands
from flask_porter.errors import Refused
from flask_porter.flows import roles as role_flows
from flask_porter.flows.caller import Caller
from flask_porter.flows.inputs import secret_fields
from flask_porter.flows.outcomes import LoggedIn
from flask_porter.flows.run import Flow
from tests.account_site import ADA, PASSWORD, SETTINGS, Site, make_site
from tests.attacks.account_state import changed_tables, rows_of
from tests.attacks.all_flows import FLOWS
from tests.attacks.well_meant import BY_ADA, BY_STRANGERS, OPERATOR, ROLE, Stage

#: What each flow of an operator is given; every other flow is for people.
BY_OPERATORS: dict[str, dict[str, Any]] = {
    "audit_log": {},
    "purge": {},
    "list_mail": {},
    "retry_mail": {"mail": 1},
    "import_users": {"users": {1: {"email": "grace@example.org"}}},
    "grant_role": {"user": ADA, "role": ROLE},
    "revoke_role": {"user": ADA, "role": ROLE},
    "set_role": {"role": "clerk", "permissions": ["read"]},
    "list_roles": {},
    "create_user": {"email": "cy@example.org"},
    "list_users": {},
    "show_user": {"user": ADA},
    "send_reset": {"user": ADA},
    "end_sessions": {"user": ADA},
    "disable_user": {"user": ADA},
    "enable_user": {"user": ADA},
    "delete_user": {"user": ADA},
}


def test_az21_a_new_database_has_nobody_and_no_role(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    assert {name for name, rows in rows_of(site).items() if rows} == set()
    for name in ("admin", "root", "administrator", "ada@example.test", "admin@example.test"):
        for password in ("admin", "password", "changeme", "flask", ""):
            given = {"identifier": name, "password": password}
            assert site.client().post("/account/login", data=given).status_code in {401, 422, 429}
    assert site.rows(site.porter.User) == []


def test_az21_there_is_no_secret_that_was_not_set(tmp_path: Path) -> None:
    app = Flask("Larder", instance_path=str(tmp_path))
    app.config |= {**SETTINGS, "SECRET_KEY": None, "PORTER_MODE": "production"}
    with pytest.raises(SetUpError, match="SECRET_KEY"):
        Porter(app)


def test_az21_test_people_are_of_development_alone(tmp_path: Path) -> None:
    strict: dict[str, Any] = {
        "PORTER_MODE": "production",
        "PORTER_BASE_URL": "https://shop.example",
    }
    site = make_site(tmp_path, **strict, PORTER_MAIL_URL="smtp://mail.example")
    client = site.client()
    url = "https://shop.example/account/development"
    assert (
        client.get(url).status_code == client.post(url, data={"person": "admin"}).status_code == 404
    )
    for surface in ("pages", "cli", "python"):
        with pytest.raises(Refused, match="not_there"):
            site.run(FLOWS["persona"], Caller(surface), person="admin")
    assert site.rows(site.porter.User) == []


def test_az21_nothing_that_people_do_makes_an_administrator(tmp_path: Path) -> None:
    """Every request that succeeds, of strangers and of Ada; the console's test people apart."""
    stage = Stage(tmp_path)
    for blueprint in ("porter", "porter_api"):
        for name, asked in stage.unsafe(blueprint):
            assert asked.send().status_code < 400, name
            assert _holders(stage.site) == [], name
    site = stage.reset()
    site.run(role_flows.grant, OPERATOR, user=ADA, role=ROLE)
    assert _holders(site) == [site.user().id]


def _holders(site: Site) -> list[Any]:
    held: list[Any] = site.ask(lambda accounts: accounts.roles.holders(ROLE))
    return held


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Stage(tmp_path).site


def test_az22_every_flow_of_operators_refuses_whoever_is_none(site: Site) -> None:
    ada = site.logged_in(site.login())
    before = rows_of(site)
    for name, given in BY_OPERATORS.items():
        for surface in ("pages", "api", "app"):
            for caller in (Caller(surface), site.logged_in(_of(ada), surface=surface)):
                with pytest.raises(Refused, match="operators_only"):
                    site.run(FLOWS[name], caller, **given)
    assert changed_tables(before, rows_of(site)) == set()


def _of(caller: Caller) -> LoggedIn:
    assert caller.record is not None
    return LoggedIn(caller.user, caller.record, "")


def test_az22_no_flow_of_operators_reads_or_sets_a_password(site: Site) -> None:
    old = site.user().password_hash
    site.run(FLOWS["reset_password"], identifier=ADA)
    for name, given in BY_OPERATORS.items():
        flow: Flow[Any, Any] = FLOWS[name]
        assert secret_fields(flow.model) == set()
        if name == "delete_user":
            assert site.user().password_hash == old
        told = repr(site.run(flow, OPERATOR, **given).values)
        assert old not in told
        assert PASSWORD not in told
        assert "$argon2" not in told, name


def test_az22_every_flow_is_of_operators_or_of_people() -> None:
    """A new one that no route runs is held against a stranger above, or named here."""
    without_route = {"persona", "login_app", "reauthenticate_app", "keep_request", "show_request"}
    of_people = BY_ADA.keys() | BY_STRANGERS.keys() | without_route | {"reset_password_code"}
    assert FLOWS.keys() - of_people == BY_OPERATORS.keys()


def test_az21_making_a_user_by_command_prints_no_password_and_no_link(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    command = commands()["users"]
    made = site.app.test_cli_runner().invoke(command, ["create", ADA])
    assert made.exit_code == 0
    assert made.output == f"Made user 1: {ADA}.\n"
    assert site.user().password_hash is None
    shown = site.app.test_cli_runner().invoke(command, ["show", ADA])
    assert "token=" not in made.output + shown.output
