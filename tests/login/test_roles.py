"""Roles are found on any user object."""

import gc
from enum import StrEnum
from types import SimpleNamespace
from typing import Any
from weakref import ref

import pytest
from flask import Flask

from flask_porter import SetUpError
from flask_porter.login.roles import has_role


class Level(StrEnum):
    ADMIN = "admin"


def named(name: str) -> Any:
    return SimpleNamespace(name=name)


@pytest.fixture(autouse=True)
def _inside_an_app() -> Any:
    with Flask("roles").app_context():
        yield


@pytest.mark.parametrize(
    "user",
    [
        SimpleNamespace(has_role=lambda name: name == "admin"),
        SimpleNamespace(roles=["editor", "admin"]),
        SimpleNamespace(roles=(named("editor"), named("admin"))),
        SimpleNamespace(roles={"admin"}),
        SimpleNamespace(roles=(name for name in ["admin"])),
        SimpleNamespace(roles="admin"),
        SimpleNamespace(role="admin"),
        SimpleNamespace(role=named("admin")),
        SimpleNamespace(role=Level.ADMIN),
        SimpleNamespace(has_role="not a method", roles=["admin"]),
    ],
    ids=repr,
)
def test_a_role_is_found(user: Any) -> None:
    assert has_role(user, "admin")
    assert not has_role(user, "owner")


@pytest.mark.parametrize(
    "user",
    [
        SimpleNamespace(has_role=lambda name: False, roles=["admin"]),
        SimpleNamespace(roles=[], role="admin"),
        SimpleNamespace(roles=None),
        SimpleNamespace(role=None),
        SimpleNamespace(roles=["administrator"]),
        SimpleNamespace(roles="administrator"),
        SimpleNamespace(roles=[None, 7, named("administrator")]),
    ],
    ids=repr,
)
def test_a_role_is_not_made_up(user: Any) -> None:
    assert not has_role(user, "admin")


def test_an_async_method_is_waited_for() -> None:
    async def ask(name: str) -> bool:
        return name == "admin"

    assert has_role(SimpleNamespace(has_role=ask), "admin")
    assert not has_role(SimpleNamespace(has_role=ask), "owner")


def test_a_plain_method_that_returns_a_coroutine_is_waited_for() -> None:
    async def ask(name: str) -> bool:
        return name == "admin"

    user = SimpleNamespace(has_role=lambda name: ask(name))
    assert has_role(user, "admin")
    assert not has_role(user, "owner")


def test_a_user_without_roles_is_a_set_up_error() -> None:
    with pytest.raises(SetUpError, match="give it 'roles'"):
        has_role(SimpleNamespace(), "admin")


def test_roles_that_are_no_collection_are_a_set_up_error() -> None:
    with pytest.raises(SetUpError, match="must be a list"):
        has_role(SimpleNamespace(roles=7), "admin")


def test_a_user_who_was_asked_for_a_role_is_not_kept_in_memory() -> None:
    class Asked:
        def has_role(self, name: str) -> bool:
            return name == "admin"

    user = Asked()
    assert has_role(user, "admin")
    left = ref(user)
    del user
    gc.collect()
    assert left() is None
