"""What the row of a user has, whoever's class it is."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, inspect
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from .away import unavailable_if_away
from .columns import UTCDateTime
from .rows import Row, schema_of

if TYPE_CHECKING:
    from .roles import RoleRow


_NOT_FOR_EXPORT: Final = frozenset(
    {"email_key", "username_key", "password_hash", "session_generation"}
)


def _now() -> datetime:
    return datetime.now(UTC)


class AccountMixin:
    """The columns of an account, for the app's own ``User``, whose key must be named ``id``.

    A column is given another name by writing its attribute again:
    ``email = mapped_column("mail", String(320))``.
    """

    # 320: 64 before the @ and 255 behind it (RFC 5321 section 4.5.3.1).
    email: Mapped[str | None] = mapped_column(String(320))
    #: What the address is found by: one for all ways to write it.
    email_key: Mapped[str | None] = mapped_column(String(320), unique=True)
    username: Mapped[str | None] = mapped_column(String(64))
    username_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(512))
    email_verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, insert_default=_now)
    #: None until the first log-in; a log-in from a new device after it is told by mail.
    last_login_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: Since when the password opens nothing: "this wasn't me".
    password_disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    #: Copied to each session record; advancing it ends them all.
    session_generation: Mapped[int] = mapped_column(default=0, server_default="0")
    #: BCP 47.
    language: Mapped[str | None] = mapped_column(String(16))

    if TYPE_CHECKING:
        id: Any
        #: Added by :func:`.base.build_models`.
        roles: Mapped[list[RoleRow]]

    @property
    def is_active(self) -> bool:
        """Whether the account is not disabled."""
        return self.disabled_at is None

    @property
    def is_authenticated(self) -> bool:
        """Whether this is somebody, who may be here."""
        return self.is_active

    @property
    def is_anonymous(self) -> bool:
        """A user is never anonymous."""
        return False

    def get_id(self) -> str:
        """Return the key as text."""
        return str(self.id)

    @property
    def display_name(self) -> str:
        """What to call them: the username, or else the address."""
        return self.username or self.email or ""

    def export_data(self) -> dict[str, Any]:
        """Return what their row says of them, for the download of their data; no secrets.

        An app writes its own to add what it keeps elsewhere.
        """
        return {
            column.key: getattr(self, column.key)
            for column in inspect(type(self)).column_attrs
            if column.key not in _NOT_FOR_EXPORT
        }

    def has_role(self, name: str) -> bool:
        """Tell whether they have the role ``name``."""
        with unavailable_if_away():
            return any(role.name == name for role in self.roles)

    def has_permission(self, name: str) -> bool:
        """Tell whether one of their roles permits ``name``."""
        with unavailable_if_away():
            return any(name in role.permissions for role in self.roles)


class UserRow(AccountMixin, Row):
    """The user of an app that brings none."""

    __tablename__ = "porter_users"

    id: Mapped[int] = mapped_column(primary_key=True)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        # Else SQLite gives the key of the last one who has left to the next one who comes.
        return ({"schema": schema_of(cls.porter_layout), "sqlite_autoincrement": True},)


#: What :class:`AccountMixin` says a user has, and must be mapped.
ACCOUNT_ATTRIBUTES: Final = ("id", *(name for name in AccountMixin.__annotations__))
