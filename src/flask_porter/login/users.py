"""What the login floor asks of a user object, as mixins; any object that has it will do."""

from __future__ import annotations

from typing import Any


class UserMixin:
    """A logged-in user who is active, and is named by the text of its ``id``."""

    @property
    def is_active(self) -> bool:
        """Whether this user may log in; override it to shut somebody out."""
        return True

    @property
    def is_authenticated(self) -> bool:
        """Whether guards let this user in."""
        return self.is_active

    @property
    def is_anonymous(self) -> bool:
        """Always False: somebody is here."""
        return False

    def get_id(self) -> str:
        """Return what the user loader will be given to find this user again.

        Raises:
            NotImplementedError: the class has no ``id``; write an own ``get_id``.
        """
        try:
            identifier = self.id  # type: ignore[attr-defined]
        except AttributeError:
            raise NotImplementedError(
                f"{type(self).__name__} has no attribute 'id': add one or override 'get_id'."
            ) from None
        return str(identifier)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, UserMixin):
            return self.get_id() == other.get_id()
        return NotImplemented

    # Defining __eq__ alone would make users unhashable; the original hashes by identity.
    __hash__ = object.__hash__


class AnonymousUserMixin:
    """Nobody in particular: what ``current_user`` is before a log-in."""

    @property
    def is_authenticated(self) -> bool:
        """Always False."""
        return False

    @property
    def is_active(self) -> bool:
        """Always False."""
        return False

    @property
    def is_anonymous(self) -> bool:
        """Always True."""
        return True

    def get_id(self) -> None:
        """Return None: there is nobody to find again."""
        return


class Nobody(AnonymousUserMixin):
    """The same, but false, and equal to None: ``if current_user`` takes no stranger for a user."""

    def __bool__(self) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return other is None or isinstance(other, Nobody)

    def __hash__(self) -> int:
        return hash(None)
