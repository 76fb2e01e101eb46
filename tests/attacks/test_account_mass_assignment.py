"""Fields that nobody asked for, sent along with a request that succeeds: AZ03.

Routes, flows and commands are found by looking: a new one is tried without being named here.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click import Command, Group
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from pydantic import BaseModel
from sqlalchemy.orm import Mapped, mapped_column

from flask_porter import Porter
from flask_porter.cli.all_commands import commands
from flask_porter.errors import InvalidInput
from flask_porter.flows.inputs import Line
from flask_porter.flows.register import Register, register
from flask_porter.models.account import ACCOUNT_ATTRIBUTES
from flask_porter.models.users import AccountMixin
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, SETTINGS, Clock, Site
from tests.attacks.account_state import changed_tables, rows_of
from tests.attacks.all_flows import FLOWS
from tests.attacks.well_meant import NEW, ROLE, Ready, Stage, make_inhabited
from tests.authenticators.quick import quick_hasher

#: What an attacker would like to set, as JSON has it.
WISHES: dict[str, Any] = {
    "id": 4711,
    "is_admin": True,
    "is_active": True,
    "admin": True,
    "role": ROLE,
    "roles": [ROLE],
    "role_id": 1,
    "permissions": ["delete everything"],
    "scopes": ["*"],
    "email_key": "taken@example.org",
    "username_key": "root",
    "email_verified": True,
    "email_verified_at": "2026-01-01T00:00:00+00:00",
    "verified": True,
    "password_hash": quick_hasher().hash("the password of a stranger"),
    "password_disabled_at": None,
    "disabled_at": None,
    "session_generation": 99,
    "created_at": "1999-01-01T00:00:00+00:00",
    "last_login_at": "1999-01-01T00:00:00+00:00",
    "user_id": 2,
    "mfa_enabled": False,
    "__class__": "admin",
    "surface": "cli",
}
#: The fields of flows that have such a name, and what each is for.
ASKED_FOR = {
    "resume_request.id": "of a kept request",
    "show_request.id": "of a kept request",
    "import_users.verified": "an operator's word",
    "import_users.roles": "an operator's word",
    "import_users.password_hash": "of who is not there yet, from another program",
    "create_user.verified": "an operator's word",
    "grant_role.role": "an operator's word",
    "revoke_role.role": "an operator's word",
    "set_role.role": "an operator's word",
    "set_role.permissions": "an operator's word",
    "login_app.user_id": "given by the app's own code, by no request",
}


def nested(wishes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        parent: dict(wishes) for parent in ("user", "account", "data", "attributes", "__proto__")
    }


def in_dots(wishes: Mapping[str, Any]) -> dict[str, Any]:
    return {f"user.{name}": value for name, value in wishes.items()}


def in_brackets(wishes: Mapping[str, Any]) -> dict[str, Any]:
    return {f"user[{name}]": value for name, value in wishes.items()} | {"roles[]": ROLE}


SHAPES = (dict[str, Any], nested, in_dots, in_brackets)


def foreign_to(name: str) -> dict[str, Any]:
    """Return the wishes that the flow or endpoint of this name does not ask for."""
    return {wish: value for wish, value in WISHES.items() if f"{name}.{wish}" not in ASKED_FOR}


def users_in(site: Site) -> list[dict[str, Any]]:
    """Return who there is and what they may do; a hash, which has a salt, by what it opens."""
    kept = [name for name in ACCOUNT_ATTRIBUTES if name != "password_hash"]
    return [
        {name: getattr(user, name) for name in kept}
        | {"opens": opened_by(site, user), "roles": roles_of(site, user)}
        for user in site.rows(site.porter.User)
    ]


def roles_of(site: Site, user: Any) -> list[str]:
    names: list[str] = site.ask(lambda accounts: accounts.roles.names_of(user.id))
    return names


def opened_by(site: Site, user: Any) -> str:
    hasher = site.accounts.hasher
    given = (PASSWORD, NEW_PASSWORD)
    return next((one for one in given if hasher.verify(one, user.password_hash).is_right), "")


def test_no_input_has_a_field_that_changes_what_somebody_may_do() -> None:
    """Whoever adds one says above what it is for."""
    fields = {f"{flow.name}.{name}" for flow in FLOWS.values() for name in names_in(flow.model)}
    assert {field for field in fields if field.partition(".")[2] in WISHES} == ASKED_FOR.keys()


def names_in(annotation: Any) -> set[str]:
    """Return the names of the fields of a model, and of the models in it."""
    parts = list(getattr(annotation, "__args__", ()))
    found = set[str]()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        found = set(annotation.model_fields)
        parts += [field.annotation for field in annotation.model_fields.values()]
    return found.union(*map(names_in, parts))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_az03_the_api_refuses_every_field_it_does_not_ask_for(stage: Stage) -> None:
    for name, asked in stage.unsafe("porter_api"):
        before = rows_of(stage.site)
        for shape in SHAPES:
            answer = asked.send(asked.fields | shape(foreign_to(name)))
            assert answer.status_code == 422, (name, shape)
            assert "unknown_field" in answer.text
        assert changed_tables(before, rows_of(stage.site)) == set(), name
        # The control: it was refused for these, and for nothing else.
        assert asked.send().status_code < 300, name


def test_az03_a_page_drops_every_field_it_does_not_ask_for(stage: Stage) -> None:
    """Twice the same at the same moment, once with more in the form."""
    for name, asked in stage.unsafe("porter"):
        plain = _sent(asked, {})
        greedy = _sent(stage.ready(f"porter.{name}"), _as_form(foreign_to(name)))
        assert greedy == plain, name


def _sent(asked: Ready, more: dict[str, Any]) -> list[Any]:
    """Send it, and return who is there then and how much of each table."""
    answer = asked.send(asked.fields | more)
    expected = {307} if "/resume/" in asked.path else {200, 303}
    assert answer.status_code in expected, (asked.path, answer.text)
    counts = {name: len(rows) for name, rows in rows_of(asked.site).items()}
    return [answer.status_code, users_in(asked.site), counts]


def _as_form(wishes: Mapping[str, Any]) -> dict[str, Any]:
    flat = {
        name: "true" if value is True else value
        for name, value in wishes.items()
        if value is not None
    }
    return flat | in_dots(flat) | in_brackets(flat) | {"user": str(flat)}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_inhabited(tmp_path)


def test_az03_python_refuses_every_field_that_a_flow_does_not_ask_for(site: Site) -> None:
    before = rows_of(site)
    with site.app.app_context():
        for flow in FLOWS.values():
            wishes = foreign_to(flow.name)
            for name, value in [*wishes.items(), *nested(wishes).items(), *in_dots(wishes).items()]:
                if name in flow.model.model_fields:
                    continue
                with pytest.raises(InvalidInput) as refused:
                    site.porter.run(flow, **{name: value})
                assert "unknown_field" in refused.value.fields["form"], (flow.name, name)
    assert changed_tables(before, rows_of(site)) == set()


def test_az03_no_file_has_columns_that_are_not_asked_for(site: Site, tmp_path: Path) -> None:
    before = rows_of(site)
    for wish in WISHES.keys() - {"verified", "roles", "password_hash"}:
        assert _import(site, tmp_path, {"email": NEW, wish: "1"}) == 1, wish
    # One who is there keeps what they have: a file only adds.
    for wish, value in (("password_hash", WISHES["password_hash"]), ("roles", ROLE)):
        assert _import(site, tmp_path, {"email": ADA, wish: value}) == 1
    assert changed_tables(before, rows_of(site)) == set()
    assert _import(site, tmp_path, {"email": NEW, "verified": "yes"}) == 0


def _import(site: Site, folder: Path, line: dict[str, str]) -> int:
    file = folder / "users.csv"
    with file.open("w", newline="") as opened:
        written = csv.DictWriter(opened, line)
        written.writeheader()
        written.writerow(line)
    command = ["import", str(file)]
    return site.app.test_cli_runner().invoke(commands()["users"], command).exit_code


def test_az03_no_command_has_an_option_of_that_name() -> None:
    found = {
        f"{path} {parameter.name}"
        for path, command in _all_commands(commands())
        for parameter in command.params
        if parameter.name in WISHES
    }
    vouched = {"users create verified", "users create roles", "users set-role role"}
    assert found == vouched | {"roles set role", "roles set permissions", "mail retry id"}


def _all_commands(found: Mapping[str, Command], path: str = "") -> Iterator[tuple[str, Command]]:
    for name, command in found.items():
        if isinstance(command, Group):
            yield from _all_commands(command.commands, f"{path} {name}".strip())
        else:
            yield f"{path} {name}".strip(), command


class WithNickname(Register):
    """What an app asks for beside ours."""

    nickname: Line


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """Yield a site with a user model of its own, which has more than is asked for."""
    app = Flask("Larder", instance_path=str(tmp_path))
    app.config |= {**SETTINGS, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/shop.sqlite3"}
    db: Any = SQLAlchemy(app)

    class Member(AccountMixin, db.Model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        nickname: Mapped[str | None]
        is_admin: Mapped[bool] = mapped_column(default=False)
        credit: Mapped[int] = mapped_column(default=0)

    porter = Porter(app, db, user=Member, register=WithNickname, hasher=quick_hasher())
    with app.app_context():
        db.create_all()
        yield Site(app, porter, Clock(), [])
        app.extensions["sqlalchemy"].engine.dispose()


def test_az03_an_own_field_of_registration_opens_no_other_column(own: Site) -> None:
    given = {"email": NEW, "password": PASSWORD, "nickname": "Ada"}
    greedy = {**WISHES, "credit": 100, "user": {"is_admin": True}}
    client = own.client()
    assert client.post("/account/api/register", json=given | greedy).status_code == 422
    with pytest.raises(InvalidInput):
        own.porter.run(register, **given, is_admin=True)
    assert own.user(NEW) is None
    form = given | _as_form({**WISHES, "credit": 100})
    assert client.post("/account/register", data=form).status_code == 303
    user = own.user(NEW)
    assert (user.nickname, user.is_admin, user.credit, user.id) == ("Ada", False, 0, 1)
    assert user.email_verified_at is None
    assert (user.session_generation, user.disabled_at, roles_of(own, user)) == (0, None, [])
    assert opened_by(own, user) == PASSWORD
