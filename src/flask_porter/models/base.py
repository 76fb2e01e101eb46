"""Maps our tables on the app's own base, each key of a user with the app's own type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from sqlalchemy import Column, Table, inspect
from sqlalchemy.exc import NoInspectionAvailable
from sqlalchemy.orm import Mapper, relationship

from ..errors import SetUpError
from .account import ACCOUNT_ATTRIBUTES, AccountMixin, UserRow
from .append_only import refuse_changes
from .audit import AuditRow, keep_as_written
from .columns import UTCDateTime as UTCDateTime
from .columns import is_unique
from .kept_requests import KeptRequestRow
from .outbox import OutboxRow
from .roles import RolePermissionRow, RoleRow, UserRoleRow
from .rows import Layout, Row
from .sessions import SessionRow
from .throttles import ThrottleRow
from .tokens import TokenRow

if TYPE_CHECKING:
    from sqlalchemy import MetaData
    from sqlalchemy.orm import registry

RowT = TypeVar("RowT", bound=Row)

_NOT_TO_BE_SAID: Final = frozenset(ACCOUNT_ATTRIBUTES) - {"language"}

#: Where a metadata keeps what has been mapped on it.
_MAPPED: Final = "flask_porter"


@dataclass(frozen=True, slots=True)
class Models:
    """The mapped classes of one base."""

    user: type[AccountMixin]
    role: type[RoleRow]
    user_role: type[UserRoleRow]
    role_permission: type[RolePermissionRow]
    session: type[SessionRow]
    token: type[TokenRow]
    outbox: type[OutboxRow]
    audit: type[AuditRow]
    throttle: type[ThrottleRow]
    kept_request: type[KeptRequestRow]
    metadata: MetaData
    schema: str | None
    #: The column that is the key of a user.
    user_key: Column[Any]
    #: Whether the table of users is ours.
    owns_user: bool

    def can_keep(self, name: str) -> bool:
        """Tell whether somebody may say themselves what the user has as ``name``.

        It must be mapped, and not what an account is: a key, a proof, a role.
        """
        return name in _columns(self.user) and name not in _NOT_TO_BE_SAID

    def must_have(self, name: str) -> bool:
        """Tell whether a user cannot be kept without a value for ``name``."""
        column = _columns(self.user)[name]
        has_default = column.default is not None or column.server_default is not None
        return not column.nullable and not has_default

    def needed(self) -> set[str]:
        """Return the attributes of the app's own without which no user can be made."""
        mapper = inspect(self.user)
        of_the_mapper = (mapper.polymorphic_on, mapper.version_id_col)
        return {
            name
            for name, column in _columns(self.user).items()
            if name not in ACCOUNT_ATTRIBUTES
            and not column.primary_key
            and not any(column is each for each in of_the_mapper)
            and self.must_have(name)
        }

    @property
    def tables(self) -> list[Table]:
        """Our tables, each behind those that it refers to."""
        rows: list[type[Row]] = [
            *(self.role, self.role_permission, self.user_role, self.session, self.token),
            *(self.outbox, self.audit, self.throttle, self.kept_request),
        ]
        tables = [table_of(row) for row in rows]
        return [table_of(self.user), *tables] if self.owns_user else tables


def build_models(base: Any, user: type[Any] | None = None) -> Models:
    """Map our tables beside the app's and return them; a second call returns the same.

    Args:
        base: the app's declarative base.
        user: the app's own mapped class; without it, one of ours is made.

    Raises:
        SetUpError: ``user`` is not mapped, or not what a user of ours has to be.
    """
    mapper = None if user is None else _mapper_of(user)
    metadata = base.metadata if mapper is None else _key_of(mapper).table.metadata
    known: dict[type[Any] | None, Models] = metadata.info.setdefault(_MAPPED, {})
    if user not in known:
        if known:
            raise SetUpError(
                "The tables of Flask-Porter belong to one class of users, and these have another"
                " one already: pass the same user= to every Porter on this base."
            )
        known[user] = _map_all(base.registry if mapper is None else mapper.registry, metadata, user)
    return known[user]


def table_of(row: type[Any]) -> Table:
    """Return the table of a mapped class."""
    return cast("Table", row.__table__)


def _map_all(registry: registry, metadata: MetaData, user: type[Any] | None) -> Models:
    own: type[Any] | None = None
    if user is None:
        layout = Layout(metadata, metadata.schema)
        own = _mapped(registry, UserRow, "User", layout)
    mapped_user: type[AccountMixin] = user or own  # type: ignore[assignment]
    mapper = _mapper_of(mapped_user)
    key = _key_of(mapper)
    _check(mapped_user, mapper, key)
    layout = Layout(metadata, key.table.schema, key)

    def mapped(row: type[RowT]) -> type[RowT]:
        return _mapped(registry, row, "Porter" + row.__name__.removesuffix("Row"), layout)

    models = Models(
        user=mapped_user,
        role=mapped(RoleRow),
        user_role=mapped(UserRoleRow),
        role_permission=mapped(RolePermissionRow),
        session=mapped(SessionRow),
        token=mapped(TokenRow),
        outbox=mapped(OutboxRow),
        audit=mapped(AuditRow),
        throttle=mapped(ThrottleRow),
        kept_request=mapped(KeptRequestRow),
        metadata=metadata,
        schema=layout.schema,
        user_key=key,
        owns_user=own is not None,
    )
    _relate(models)
    keep_as_written(models.audit)
    refuse_changes(table_of(models.audit))
    return models


def _mapped(registry: registry, row: type[RowT], name: str, layout: Layout) -> type[RowT]:
    values = {"porter_layout": layout, "metadata": layout.metadata, "__module__": __name__}
    mapped = cast("type[RowT]", type(name, (row,), values))
    registry.map_declaratively(mapped)
    return mapped


def _relate(models: Models) -> None:
    permissions = relationship(models.role_permission, viewonly=True)
    inspect(models.role).add_property("permission_rows", permissions)
    roles = relationship(models.role, secondary=table_of(models.user_role))
    inspect(models.user).add_property("roles", roles)


def _columns(user: type[Any]) -> dict[str, Column[Any]]:
    """Return the columns by their attributes; models that they refer to may come later."""
    mapper: Any = inspect(user)
    return {name: each for name, each in mapper.columns.items() if isinstance(each, Column)}


def _mapper_of(user: type[Any]) -> Mapper[Any]:
    try:
        mapper = inspect(user)
    except NoInspectionAvailable:
        mapper = None
    if not isinstance(mapper, Mapper):
        raise SetUpError(f"user={user!r} is no mapped class: pass a model of SQLAlchemy's.")
    return mapper


def _key_of(mapper: Mapper[Any]) -> Column[Any]:
    if len(mapper.primary_key) != 1:
        raise SetUpError(f"{mapper.class_.__name__} must have one column as its primary key.")
    return cast("Column[Any]", mapper.primary_key[0])


def _check(user: type[Any], mapper: Mapper[Any], key: Column[Any]) -> None:
    name = user.__name__
    lacking = [each for each in ACCOUNT_ATTRIBUTES if each not in mapper.all_orm_descriptors]
    if lacking == ["id"]:
        found = mapper.get_property_by_column(key).key
        raise SetUpError(
            f"The key of {name} must be named 'id': write 'id = synonym(\"{found}\")' into it."
        )
    if lacking:
        raise SetUpError(
            f"{name} has no {', '.join(lacking)}: let it derive from"
            " flask_porter.models.users.AccountMixin."
        )
    if "roles" in mapper.all_orm_descriptors:
        raise SetUpError(
            f"{name}.roles would be lost, since Porter keeps the roles of a user there: name yours"
            " otherwise, or leave it out."
        )
    for each in ("email_key", "username_key"):
        column = getattr(user, each).property.columns[0]
        if not is_unique(column):
            raise SetUpError(f"{name}.{each} must be unique: two would share one account.")
