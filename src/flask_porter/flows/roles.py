"""Roles and permissions: granted and revoked by operators, looked at on every request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from ..errors import Refused
from . import events
from .inputs import Input, Line, Nothing
from .operating import About, require_operator, user_of
from .outcomes import Done
from .run import flow

if TYPE_CHECKING:
    from .accounts import Accounts
    from .caller import Caller


class RoleOfUser(About):
    """A role and a user."""

    role: Line = Field(min_length=1, max_length=64)


class RoleWithPermissions(Input):
    """A role, and all that it permits."""

    role: Line = Field(min_length=1, max_length=64)
    permissions: tuple[Line, ...] = ()


@flow("grant_role", RoleOfUser)
def grant(accounts: Accounts, caller: Caller, form: RoleOfUser) -> Done:
    """Give a user a role; it counts from their next request on.

    Raises:
        Refused: ``operators_only``, ``unknown_user``, ``unknown_role``.
    """
    user = user_of(accounts, caller, form.user)
    if accounts.roles.find(form.role) is None:
        raise Refused("unknown_role", status=404)
    changed = accounts.roles.grant(user.id, form.role)
    if changed:
        events.record(accounts, caller, "authz_change", user_id=user.id, granted=form.role)
    return Done("role_granted", {"changed": changed})


@flow("revoke_role", RoleOfUser)
def revoke(accounts: Accounts, caller: Caller, form: RoleOfUser) -> Done:
    """Take a role from a user; it is gone at their next request.

    Raises:
        Refused: ``operators_only`` or ``unknown_user``.
    """
    user = user_of(accounts, caller, form.user)
    changed = accounts.roles.revoke(user.id, form.role)
    if changed:
        events.record(accounts, caller, "authz_change", user_id=user.id, revoked=form.role)
    return Done("role_revoked", {"changed": changed})


@flow("set_role", RoleWithPermissions)
def set_permissions(accounts: Accounts, caller: Caller, form: RoleWithPermissions) -> Done:
    """Make a role, or set what it permits.

    Raises:
        Refused: ``operators_only``.
    """
    require_operator(caller)
    accounts.roles.ensure(form.role)
    accounts.roles.set_permissions(form.role, form.permissions)
    events.record(
        accounts, caller, "authz_change", role=form.role, permissions=list(form.permissions)
    )
    return Done("role_set")


@flow("list_roles", Nothing)
def show(accounts: Accounts, caller: Caller, form: Nothing) -> Done:
    """Return the roles, with what each permits, as ``roles``.

    Raises:
        Refused: ``operators_only``.
    """
    require_operator(caller)
    roles = {role.name: sorted(role.permissions) for role in accounts.roles.all()}
    return Done("roles", {"roles": roles})
