"""Roles, what they permit, and who has them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, MappedColumn, Session, declared_attr, mapped_column

from .columns import can_be_stored
from .rows import Layout, Row, count_changed, refers_to_user
from .savepoints import savepoint

if TYPE_CHECKING:
    from .base import Models


class RoleRow(Row):
    """A named set of permissions (NIST RBAC)."""

    __tablename__ = "porter_roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)

    if TYPE_CHECKING:
        permission_rows: Mapped[list["RolePermissionRow"]]

    @property
    def permissions(self) -> set[str]:
        """The names of what it permits."""
        return {row.permission for row in self.permission_rows}


class RolePermissionRow(Row):
    """One permission of a role."""

    __tablename__ = "porter_role_permissions"

    @declared_attr
    def role_id(cls) -> Mapped[int]:  # noqa: N805
        """The key of the role."""
        return _refers_to_role(cls)

    permission: Mapped[str] = mapped_column(String(128), primary_key=True)


class UserRoleRow(Row):
    """That a user has a role."""

    __tablename__ = "porter_user_roles"
    indexed: ClassVar[Sequence[str]] = ("role_id",)

    @declared_attr
    def user_id(cls) -> Mapped[Any]:  # noqa: N805
        """The key of the user."""
        return refers_to_user(cls, primary_key=True)

    @declared_attr
    def role_id(cls) -> Mapped[int]:  # noqa: N805
        """The key of the role."""
        return _refers_to_role(cls)


class Roles:
    """The queries of roles, through one database session."""

    def __init__(self, session: Session, models: "Models") -> None:
        self._session = session
        self._models = models

    def find(self, name: str) -> RoleRow | None:
        """Return the role ``name``, or None."""
        if not can_be_stored(name):
            return None
        role = self._models.role
        return self._session.scalar(select(role).where(role.name == name))

    def ensure(self, name: str, permissions: Iterable[str] = ()) -> RoleRow:
        """Return the role ``name``, made now if there is none, with these permissions at least."""
        role = self.find(name) or self._make(name)
        self._permit(role, set(permissions) - role.permissions)
        return role

    def set_permissions(self, name: str, permissions: Iterable[str]) -> bool:
        """Let the role permit these and no others; False if there is no such role."""
        role = self.find(name)
        if role is None:
            return False
        wanted, row = set(permissions), self._models.role_permission
        gone = role.permissions - wanted
        of_this_role = row.role_id == role.id
        count_changed(
            self._session, delete(row).where(of_this_role, row.permission.in_(sorted(gone)))
        )
        self._permit(role, wanted - role.permissions)
        return True

    def grant(self, user_id: Any, name: str) -> bool:
        """Give a user the role; False if nothing changed: they have it, or one is not there."""
        role, user = self.find(name), self._session.get(self._models.user, user_id)
        if role is None or user is None or name in self.names_of(user_id):
            return False
        try:
            with savepoint(self._session, self._models.user_role):
                self._session.add(self._models.user_role(user_id=user_id, role_id=role.id))
        except IntegrityError:
            return False
        self._session.expire(user, ["roles"])
        return True

    def give_first(self, user_id: Any, roles: Iterable[RoleRow]) -> None:
        """Give roles to a new user, who has none; :meth:`grant` asks about each."""
        row = self._models.user_role
        self._session.add_all(row(user_id=user_id, role_id=role.id) for role in roles)

    def revoke(self, user_id: Any, name: str) -> bool:
        """Take the role from a user; False if they do not have it."""
        role, row = self.find(name), self._models.user_role
        if role is None:
            return False
        both = (row.user_id == user_id, row.role_id == role.id)
        changed = count_changed(self._session, delete(row).where(*both)) == 1
        user = self._session.get(self._models.user, user_id)
        if user is not None:
            self._session.expire(user, ["roles"])
        return changed

    def names_of(self, user_id: Any) -> list[str]:
        """Return the names of a user's roles, in order."""
        role, row = self._models.role, self._models.user_role
        theirs = select(role.name).join(row, row.role_id == role.id).where(row.user_id == user_id)
        return list(self._session.scalars(theirs.order_by(role.name)))

    def permissions_of(self, user_id: Any) -> set[str]:
        """Return what a user's roles permit."""
        permitted, row = self._models.role_permission, self._models.user_role
        joined = select(permitted.permission).join(row, row.role_id == permitted.role_id)
        return set(self._session.scalars(joined.where(row.user_id == user_id)))

    def all(self) -> list[RoleRow]:
        """Return every role, by name."""
        role = self._models.role
        return list(self._session.scalars(select(role).order_by(role.name)))

    def holders(self, name: str) -> list[Any]:
        """Return the keys of the users who have the role ``name``."""
        role, row = self.find(name), self._models.user_role
        if role is None:
            return []
        theirs = select(row.user_id).where(row.role_id == role.id).order_by(row.user_id)
        return list(self._session.scalars(theirs))

    def _make(self, name: str) -> RoleRow:
        role = self._models.role(name=name)
        try:
            with savepoint(self._session, self._models.role):
                self._session.add(role)
        except IntegrityError:
            # Somebody else has made it at the same moment.
            found = self.find(name)
            if found is None:
                raise
            return found
        return role

    def _permit(self, role: RoleRow, names: set[str]) -> None:
        row = self._models.role_permission
        self._session.add_all(row(role_id=role.id, permission=name) for name in sorted(names))
        self._session.flush()
        self._session.expire(role, ["permission_rows"])


def _refers_to_role(row: Any) -> MappedColumn[int]:
    layout: Layout = row.porter_layout
    prefix = "" if layout.schema is None else f"{layout.schema}."
    target = f"{prefix}{RoleRow.__tablename__}.id"
    name = f"fk_{row.__tablename__}_role_id"
    return mapped_column(ForeignKey(target, ondelete="CASCADE", name=name), primary_key=True)
