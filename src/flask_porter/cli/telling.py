"""What every command tells when it cannot go on: one line that names the fix, and no traceback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click
from flask.cli import AppGroup

from ..errors import InvalidInput, Refusal, SetUpError, Unavailable
from ..models.away import told_in_words
from ..models.columns import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: By their reason, those that need more than it.
_REFUSALS: Final = {
    "unknown_user": "unknown user {user}: see 'flask porter users list --like PART'",
    "ambiguous_user": (
        "{user} is the username of one account and the id of another: name the one by its address,"
        " or the other as id:{user}"
    ),
    "unknown_role": "unknown role {role}: make it by 'flask porter roles set {role}'",
}
#: What to write instead, by the reason of a field.
_HINTS: Final = {
    "taken": "another account has it",
    "invalid_email": "write it as name@example.org",
    "invalid_username": "3 to 32 letters of one script and digits, with _ - . between them",
    "invalid": "it cannot be read as that",
    "not_text": "it has control characters in it",
}


class Commands(AppGroup):
    """A group whose commands end with an error line where they cannot go on."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        with error_lines():
            return super().invoke(ctx)


@contextmanager
def error_lines() -> Iterator[None]:
    """Let what the operator can mend be an error line.

    Raises:
        ClickException: a refusal, a wrong set-up, or a database that does not answer.
    """
    try:
        with told_in_words():
            yield
    except (SetUpError, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    except Refusal as refusal:
        raise click.ClickException(in_words(refusal)) from None


def in_words(refusal: Refusal, given: Mapping[str, Any] | None = None) -> str:
    """Return a refusal as one line, with its stable reason in it.

    Args:
        refusal: the no.
        given: what was asked for, by name.
    """
    if isinstance(refusal, InvalidInput):
        return "; ".join(_field(name, reasons) for name, reasons in refusal.fields.items())
    words = _REFUSALS.get(refusal.reason)
    if words is None or given is None:
        return refusal.reason.replace("_", " ")
    return words.format_map({name: one_line(str(value)) for name, value in given.items()})


def _field(name: str, reasons: tuple[str, ...]) -> str:
    told = [
        reason.replace("_", " ") + (f" ({_HINTS[reason]})" if reason in _HINTS else "")
        for reason in reasons
    ]
    return f"{name.replace('_', ' ')}: {', '.join(told)}"
