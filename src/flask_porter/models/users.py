"""The queries of users: found by key, address or name, and changed without a race."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Enum,
    Integer,
    SmallInteger,
    String,
    Uuid,
    delete,
    func,
    inspect,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import TypeDecorator

from .account import AccountMixin as AccountMixin
from .columns import can_be_stored, is_unique
from .rows import count_changed
from .savepoints import savepoint, take_write_lock

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Dialect
    from sqlalchemy.orm import Session
    from sqlalchemy.types import TypeEngine

    from .base import Models

#: What is longer is in no key, and SQLite refuses very long patterns.
_LONGEST_KEY: Final = 320

#: What is unique, and the field that it is about.
_NAMES: Final[dict[str, str]] = {"email_key": "email", "username_key": "username"}


class Taken(Exception):  # noqa: N818
    """Somebody else has this value of a unique field."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        #: ``email``, ``username``, or the name of an attribute of the app's own.
        self.field = field


class Users:
    """The queries of users, through one database session."""

    def __init__(self, session: Session, models: Models) -> None:
        self._session = session
        self._models = models

    def get(self, id: Any) -> Any:
        """Return the user with this key, or None."""
        return None if id is None else self._session.get(self._models.user, id)

    def fresh(self, id: Any) -> Any:
        """Return the user as the database has them at this moment, or None."""
        if id is None:
            return None
        return self._session.get(self._models.user, id, populate_existing=True)

    def locked(self, id: Any) -> Any:
        """Return the same, and let nobody else change them before this transaction ends."""
        if id is None:
            return None
        user = self._models.user
        take_write_lock(self._session.connection(bind_arguments={"mapper": user}))
        return self._session.get(user, id, populate_existing=True, with_for_update=True)

    def parse_id(self, text: object) -> Any:
        """Return the key that ``text`` is, as its column has it; None for what cannot be one."""
        if not isinstance(text, str) or not can_be_stored(text):
            return None
        session, user = self._session, self._models.user
        dialect = session.get_bind(mapper=inspect(user)).dialect
        return parse_key(text, self._models.user_key.type.dialect_impl(dialect), dialect)

    def find_by_email(self, key: str) -> Any:
        """Return the user whose ``email_key`` this is, or None."""
        return self._find(self._models.user.email_key, key)

    def find_by_username(self, key: str) -> Any:
        """Return the user whose ``username_key`` this is, or None."""
        return self._find(self._models.user.username_key, key)

    def add(self, **values: Any) -> Any:
        """Return a new user with these attributes.

        Raises:
            Taken: somebody has this address or name; nothing was written.
        """
        user = self._models.user(**values)
        try:
            with savepoint(self._session, self._models.user):
                self._session.add(user)
        except IntegrityError as error:
            raise self._taken(values, None) or error from None
        return user

    def add_or_find(self, **values: Any) -> tuple[Any, bool]:
        """Return a new user with these attributes, or whoever has the address; and if it is new.

        Both are the same work: the row is tried, and then the address looked up.

        Raises:
            Taken: somebody has another of these values; nothing was written.
        """
        user = self._models.user(**values)
        refused: IntegrityError | None = None
        try:
            with savepoint(self._session, self._models.user):
                self._session.add(user)
        except IntegrityError as error:
            refused = error
        owner = self.find_by_email(values["email_key"])
        if refused is None:
            return user, True
        if owner is None:
            raise self._taken(values, None) or refused from None
        return owner, False

    def taken_fields(self, values: dict[str, Any]) -> list[str]:
        """Return the fields but the address whose value somebody has."""
        own = {name: value for name, value in values.items() if name != "email_key"}
        return [_NAMES.get(name, name) for name in self._unique(own) if self._is_taken(own, name)]

    def unfit(self, values: dict[str, Any]) -> dict[str, str]:
        """Return which of ``values`` their columns cannot hold, with the reason.

        For those of the app's own attributes: PostgreSQL answers to each with an error, SQLite to a
        number of more than 64 bits.
        """
        user = inspect(self._models.user)
        dialect = self._session.get_bind(mapper=user).dialect
        kinds = {name: user.column_attrs[name].columns[0].type for name in values}
        found = {name: _why_unfit(values[name], kinds[name], dialect) for name in values}
        return {name: why for name, why in found.items() if why is not None}

    def save(self, user: Any) -> None:
        """Write what was changed on ``user``.

        Raises:
            Taken: somebody else has this address or name; the user is as it was before.
        """
        state = inspect(user)
        # Beginning a savepoint writes what is pending, so it is set inside.
        changed = {
            column.key: getattr(user, column.key)
            for column in state.mapper.column_attrs
            if state.attrs[column.key].history.has_changes()
        }
        if not changed:
            return
        key, names = user.id, {name: getattr(user, name) for name in _NAMES}
        self._session.expire(user, list(changed))
        try:
            with savepoint(self._session, self._models.user):
                for name, value in changed.items():
                    setattr(user, name, value)
        except IntegrityError as error:
            raise self._taken({**changed, **names}, key) or error from None

    @property
    def can_be_without_address(self) -> bool:
        """Whether the columns of the app's own user let an account have no address."""
        return all(map(self._may_be_empty, ("email", "email_key")))

    def advance_generation(self, user: Any) -> int:
        """End every session record of ``user``; return the generation that counts from now on."""
        row = self._models.user
        one_more = {"session_generation": row.session_generation + 1}
        count_changed(self._session, update(row).where(row.id == user.id).values(one_more))
        self._session.refresh(user, ["session_generation"])
        generation: int = user.session_generation
        return generation

    def replace_password(self, user: Any, old_hash: str, new_hash: str) -> bool:
        """Put a better hash of the same password in the place of ``old_hash``.

        False if the password has been changed meanwhile.
        """
        row = self._models.user
        this = (row.id == user.id, row.password_hash == old_hash)
        better = update(row).where(*this).values({"password_hash": new_hash})
        replaced = count_changed(self._session, better) == 1
        self._session.refresh(user, ["password_hash"])
        return replaced

    def delete(self, user: Any) -> None:
        """Remove the user and what is kept of theirs, but for the audit log.

        Mails that are not sent yet are still sent, about nobody.
        """
        self._delete_what_is_kept_of(user)
        self._session.delete(user)
        self._session.flush()

    def delete_or_empty(self, user: Any, now: datetime, own: Collection[str] = ()) -> bool:
        """Remove the user; where rows of the app still point to them, empty the row instead.

        Args:
            user: who leaves.
            now: when, in UTC.
            own: attributes of the app's own to empty as well, where their columns may be.

        Returns:
            Whether the row is gone. One that stays names nobody, and nobody can log in by it.
        """
        self._delete_what_is_kept_of(user)
        try:
            with savepoint(self._session, self._models.user):
                self._session.delete(user)
        except IntegrityError:
            user = self.fresh(user.id)
            for name in ("email", "email_key", "username", "username_key", "password_hash"):
                setattr(user, name, None)
            for name in own:
                if self._may_be_empty(name):
                    setattr(user, name, None)
            user.disabled_at = now
            self.advance_generation(user)
            self._session.flush()
            return False
        return True

    def _may_be_empty(self, name: str) -> bool:
        # By the attribute, which may be a synonym of another.
        columns = getattr(self._models.user, name).property.columns
        return all(getattr(column, "nullable", False) for column in columns)

    def page(self, after: Any, limit: int, like: str = "") -> list[Any]:
        """Return users in the order of their keys.

        Args:
            after: the key of the last user of the page before, or None.
            limit: how many at most.
            like: a part of the address or name, in any case.
        """
        row = self._models.user
        users = select(row).order_by(row.id).limit(limit)
        if after is not None:
            users = users.where(row.id > after)
        if like:
            part = like.casefold()
            if len(part) > _LONGEST_KEY or not can_be_stored(part):
                return []
            keys = (row.email_key, row.username_key)
            users = users.where(or_(*(key.contains(part, autoescape=True) for key in keys)))
        return list(self._session.scalars(users))

    def count(self) -> int:
        """Return how many users there are."""
        return self._session.scalar(select(func.count()).select_from(self._models.user)) or 0

    def _delete_what_is_kept_of(self, user: Any) -> None:
        models, key = self._models, user.id
        # By hand, since SQLite minds foreign keys only where it is told to.
        for row in (models.session, models.token, models.kept_request, models.user_role):
            count_changed(self._session, delete(row).where(row.user_id == key))
        mail = models.outbox
        over = or_(mail.sent_at.is_not(None), mail.failed_at.is_not(None))
        count_changed(self._session, delete(mail).where(mail.user_id == key, over))
        unsent = update(mail).where(mail.user_id == key)
        count_changed(self._session, unsent.values({"user_id": None}))
        self._session.expire(user, ["roles"])

    def _find(self, attribute: Any, key: str) -> Any:
        if not can_be_stored(key):
            return None
        return self._session.scalar(select(self._models.user).where(attribute == key))

    def _taken(self, values: dict[str, Any], key: Any) -> Taken | None:
        """Return which of ``values`` another user has, or None if that was not the trouble."""
        for name in self._unique(values):
            if self._is_taken(values, name, key):
                return Taken(_NAMES.get(name, name))
        return None

    def _unique(self, values: dict[str, Any]) -> list[str]:
        """Return which of ``values`` no two users may have, ours first."""
        attributes = inspect(self._models.user).column_attrs
        unique = {each.key for each in attributes if is_unique(each.columns[0])}
        names = [*_NAMES, *(name for name in values if name in unique - _NAMES.keys())]
        return [name for name in names if values.get(name) is not None]

    def _is_taken(self, values: dict[str, Any], name: str, key: Any = None) -> bool:
        row = self._models.user
        same = select(row.id).where(getattr(row, name) == values[name])
        others = same if key is None else same.where(row.id != key)
        return self._session.scalar(others.limit(1)) is not None


def parse_key(text: str, kind: TypeEngine[Any], dialect: Dialect) -> Any:
    """Return ``text`` as a key of the type ``kind``, or None.

    A key has one way to be written: what Python writes for it. Others are none.
    """
    if isinstance(kind, TypeDecorator):
        return _through_decorator(text, kind, dialect)
    if isinstance(kind, Uuid):
        key = _parsed(UUID, text)
        return key if kind.as_uuid or key is None else text
    if isinstance(kind, Integer):
        number = _parsed(int, text)
        return number if number is not None and abs(number) < _above(kind, dialect) else None
    return text


def _through_decorator(text: str, kind: TypeDecorator[Any], dialect: Dialect) -> Any:
    store, read = kind.bind_processor(dialect), kind.result_processor(dialect, None)
    try:
        stored = store(text) if store else text
        key = read(stored) if read else stored
    except (AttributeError, TypeError, ValueError):
        return None
    if stored == text:
        return parse_key(text, kind.load_dialect_impl(dialect), dialect)
    return key if str(key) == text else None


def _parsed(kind: type[Any], text: str) -> Any:
    try:
        key = kind(text)
    except ValueError:
        return None
    return key if str(key) == text else None


def _why_unfit(value: object, kind: TypeEngine[Any], dialect: Dialect) -> str | None:
    if isinstance(value, str) and isinstance(kind, String) and not isinstance(kind, Enum):
        return "too_long" if kind.length is not None and len(value) > kind.length else None
    if isinstance(value, int) and isinstance(kind, Integer):
        return "invalid" if abs(value) >= _above(kind, dialect) else None
    return None


def _above(kind: Integer, dialect: Dialect) -> int:
    if dialect.name == "sqlite" or isinstance(kind, BigInteger):
        return 2**63
    return 2**15 if isinstance(kind, SmallInteger) else 2**31
