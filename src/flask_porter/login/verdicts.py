"""Yes or no from a function of the app, without taking for yes what is true by accident."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from .callbacks import call
from .errors import SetUpError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


def is_true(question: Callable[..., Any], subject: Any) -> bool:
    """Tell whether ``question`` is true of ``subject``; a coroutine is waited for.

    Raises:
        SetUpError: the answer is a function, as when a method was named and not called, or an
            iterator, as of ``filter``: both are true whatever is behind them.
    """
    answer = call(question, subject)
    if isawaitable(answer):
        # From a plain function; a coroutine is true whatever it would say.
        answer = call(_wait_for, answer)
    if callable(answer):
        raise SetUpError(
            f"{_name(question)} returned {answer!r}, which is true of everybody: call it, as in"
            " '@requires(lambda user: user.is_staff())'."
        )
    if isinstance(answer, Iterator | AsyncIterator):
        raise SetUpError(
            f"{_name(question)} returned {answer!r}, which is true also when it is empty: write"
            " 'any(...)' around it."
        )
    return bool(answer)


def _name(question: Callable[..., Any]) -> str:
    return getattr(question, "__name__", type(question).__name__)


async def _wait_for(answer: Awaitable[Any]) -> Any:
    return await answer
