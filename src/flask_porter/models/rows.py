"""The ground that all rows of ours stand on: how they are made, and how they refer to a user."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from sqlalchemy import BLANK_SCHEMA, Column, CursorResult, ForeignKey, Index, MetaData
from sqlalchemy.orm import Mapped, MappedColumn, Session, declared_attr, mapped_column
from sqlalchemy.sql.dml import Delete, Update


@dataclass(frozen=True, slots=True)
class Layout:
    """Where our tables stand, and the column that is the key of a user."""

    metadata: MetaData
    schema: str | None
    user_key: Column[Any] | None = None


class Row:
    """The base of our rows, made from keyword values; :func:`.base.build_models` maps them."""

    #: The columns that have an index.
    indexed: ClassVar[Sequence[str]] = ()
    #: Set by the one who maps the row.
    porter_layout: ClassVar[Layout]
    __tablename__: ClassVar[str]

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no {name!r}.")
            setattr(self, name, value)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        table = cls.__tablename__
        indexes = (Index(f"ix_{table}_{name}", name) for name in cls.indexed)
        return (*indexes, {"schema": schema_of(cls.porter_layout)})


def schema_of(layout: Layout) -> Any:
    """Return the schema to write down; no schema is not the default one of the metadata."""
    return BLANK_SCHEMA if layout.schema is None else layout.schema


def refers_to_user(
    row: Any, *, ondelete: str = "CASCADE", primary_key: bool = False, nullable: bool = False
) -> MappedColumn[Any]:
    """Return a column for the key of a user, of that key's own type."""
    layout: Layout = row.porter_layout
    key = layout.user_key
    if key is None:
        raise TypeError(f"{row.__name__} is mapped without a user.")
    name = f"fk_{row.__tablename__}_user_id"
    return mapped_column(
        key.type,
        ForeignKey(key, ondelete=ondelete, name=name),
        primary_key=primary_key,
        nullable=nullable,
        autoincrement=False,
    )


class BelongsToUser(Row):
    """A row that goes with its user."""

    @declared_attr
    def user_id(cls) -> Mapped[Any]:  # noqa: N805
        """The key of the user."""
        return refers_to_user(cls)


def count_changed(session: Session, statement: Update | Delete) -> int:
    """Execute ``statement`` and return how many rows it met."""
    return cast("CursorResult[Any]", session.execute(statement)).rowcount
