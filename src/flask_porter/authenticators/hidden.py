"""Text that opens something while it is in use: an error report with local variables hides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Hidden(str):
    """A secret as text: it is what it is, but shows itself to no log that prints its ``repr``.

    Source: OWASP Logging Cheat Sheet, "Data to exclude".
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """Return stars."""
        return "'**********'"


def hidden(value: object) -> object:
    """Return ``value``, hidden if it is text."""
    return Hidden(value) if isinstance(value, str) else value


class HiddenValues(dict[str, Any]):
    """What somebody has sent, by its names: a ``repr`` tells those alone."""

    __slots__ = ()

    def joined(self, others: Mapping[str, Any]) -> HiddenValues:
        """Return these and ``others``, which go before."""
        return HiddenValues({**self, **others})

    def __repr__(self) -> str:
        """Return the names."""
        return f"<{', '.join(self)}>"
