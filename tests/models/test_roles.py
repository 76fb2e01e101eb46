from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from flask_porter.models.base import Models
from flask_porter.models.roles import Roles
from flask_porter.models.users import Users


@pytest.fixture
def roles(session: Session, models: Models) -> Roles:
    return Roles(session, models)


def test_a_role_is_made_once_and_keeps_what_it_permits(roles: Roles) -> None:
    admin = roles.ensure("admin", ["read", "write"])
    assert roles.ensure("admin", ["delete"]) is admin
    assert roles.find("admin") is admin
    assert admin.permissions == {"read", "write", "delete"}
    assert [role.name for role in roles.all()] == ["admin"]


def test_permissions_are_set_to_these_and_no_others(roles: Roles) -> None:
    roles.ensure("admin", ["read", "write"])
    roles.ensure("editor", ["write"])
    assert roles.set_permissions("admin", ["read", "delete"])
    assert {role.name: role.permissions for role in roles.all()} == {
        "admin": {"read", "delete"},
        "editor": {"write"},
    }
    assert not roles.set_permissions("nobody", ["read"])


def test_a_role_is_granted_and_revoked(roles: Roles, session: Session, models: Models) -> None:
    users = Users(session, models)
    ada, eve = users.add(), users.add()
    roles.ensure("admin", ["read", "write"])
    roles.ensure("editor", ["write"])
    assert not ada.has_role("admin")
    assert roles.grant(ada.id, "admin")
    assert roles.grant(ada.id, "editor")
    assert not roles.grant(ada.id, "admin")
    assert ada.has_role("admin")
    assert ada.has_permission("read")
    assert not eve.has_role("admin")
    assert not eve.has_permission("read")
    assert roles.names_of(ada.id) == ["admin", "editor"]
    assert roles.permissions_of(ada.id) == {"read", "write"}
    assert roles.permissions_of(eve.id) == set()
    assert roles.holders("admin") == [ada.id]
    assert roles.revoke(ada.id, "admin")
    assert not roles.revoke(ada.id, "admin")
    assert not ada.has_role("admin")
    assert not ada.has_permission("read")
    assert ada.has_permission("write")


def test_there_is_nothing_to_do_for_who_is_not_there(
    roles: Roles, session: Session, models: Models
) -> None:
    ada = Users(session, models).add()
    roles.ensure("admin")
    assert not roles.grant(ada.id, "nobody")
    assert not roles.grant(ada.id + 1, "admin")
    assert not roles.revoke(ada.id, "nobody")
    assert not roles.revoke(ada.id + 1, "admin")
    assert roles.holders("nobody") == []
    assert roles.find("ad\x00min") is None


def test_an_app_may_append_to_the_roles_of_a_user(
    roles: Roles, session: Session, models: Models
) -> None:
    ada = Users(session, models).add()
    ada.roles.append(roles.ensure("admin"))
    session.commit()
    assert roles.names_of(ada.id) == ["admin"]
