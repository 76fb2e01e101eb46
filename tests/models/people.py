"""Users as apps have them: keys of every kind, columns by other names, in other schemas."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import CHAR, TypeDecorator, TypeEngine

from flask_porter.models.users import AccountMixin

NOW = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)


class OldStyleUuid(TypeDecorator[uuid.UUID]):
    """A UUID in 32 characters, as apps had it before SQLAlchemy did."""

    impl = CHAR(32)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else f"{uuid.UUID(str(value)).int:032x}"

    def process_result_value(self, value: Any, dialect: Dialect) -> uuid.UUID | None:
        return None if value is None else uuid.UUID(value)


class Numbered(TypeDecorator[int]):
    """A decorator that does nothing."""

    impl = Integer
    cache_ok = True


KEYS: dict[str, tuple[TypeEngine[Any], list[Any]]] = {
    "int": (Integer(), [1, 2]),
    "big": (BigInteger().with_variant(Integer, "sqlite"), [2**40, 2**40 + 1]),
    "decorated_int": (Numbered(), [1, 2]),
    "uuid": (Uuid(), [uuid.UUID(int=5), uuid.UUID(int=2**127)]),
    "uuid_text": (Uuid(as_uuid=False), [str(uuid.UUID(int=5)), str(uuid.UUID(int=6))]),
    "old_uuid": (OldStyleUuid(), [uuid.UUID(int=5), uuid.UUID(int=6)]),
    "str": (String(26), ["01JD0000000000000000000001", "ada"]),
}


def new_base() -> Any:
    """Return an app's declarative base."""

    class Base(DeclarativeBase):
        pass

    return Base


def user_with_key(base: Any, kind: TypeEngine[Any], schema: str | None = None) -> type[Any]:
    """Return an app's own user whose key is of this type."""

    class Member(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "member"
        __table_args__ = {"schema": schema}  # noqa: RUF012
        id: Mapped[Any] = mapped_column(kind, primary_key=True)
        nickname: Mapped[str | None] = mapped_column(String(20), unique=True)

    return Member


def token_values(user_id: Any, digest: bytes = b"d" * 32, **values: Any) -> dict[str, Any]:
    """Return what a token is made of."""
    return {
        "purpose": "reset_password",
        "user_id": user_id,
        "digest": digest,
        "email": "ada@example.com",
        "generation": 0,
        "data": {"to": "é"},
        "created_at": NOW,
        "expires_at": LATER,
        **values,
    }
