"""What an app plugs in is called as the app itself would call it."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask

from flask_porter import LoginManager, UserMixin, current_user, login_required
from flask_porter.login import callbacks
from flask_porter.login.callbacks import as_sync

if TYPE_CHECKING:
    from collections.abc import Callable


class Member(UserMixin):
    id = "1"


class Counting(Flask):
    """An app that notes what it is asked to make synchronous."""

    def __init__(self) -> None:
        super().__init__(__name__)
        self.asked: list[Callable[..., Any]] = []

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        self.asked.append(func)
        return super().ensure_sync(func)


class Unhashable:
    """A loader that compares by value, and so has no hash."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unhashable)

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, request: Any) -> Member:
        return Member()


def guarded(app: Flask, loader: Callable[..., Any]) -> Callable[..., Any]:
    """Give ``app`` a guarded page and ``loader`` to find its user by; return the view."""
    app.secret_key = "x"
    LoginManager(app).request_loader(loader)

    def page() -> str:
        return str(current_user.id)

    app.add_url_rule("/", "page", login_required(page))
    return page


def test_an_app_with_its_own_way_to_run_coroutines_is_asked() -> None:
    app = Counting()

    def find(request: Any) -> Member:
        return Member()

    page = guarded(app, find)
    assert app.test_client().get("/").text == "1"
    assert {find, page} <= set(app.asked)


def test_a_loader_without_a_hash_is_called() -> None:
    app = Flask(__name__)
    guarded(app, Unhashable())
    assert app.test_client().get("/").text == "1"


def test_whatever_is_not_a_coroutine_function_is_left_as_it_is() -> None:
    app = Flask(__name__)
    table: dict[str, Member] = {}
    functions: list[Callable[..., Any]] = [
        table.get,
        partial(print, end=""),
        Unhashable(),
        lambda: None,
        Member,
    ]
    for function in functions:
        assert as_sync(app, function) is function


def test_a_coroutine_function_is_made_synchronous_each_way_it_can_be_given() -> None:
    app = Flask(__name__)

    async def find() -> str:
        return "found"

    for function in find, partial(find):
        assert as_sync(app, function)() == "found"


def test_who_has_not_imported_asyncio_runs_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it imported to find that out: a loop needs it, and it takes long to load."""
    monkeypatch.delitem(sys.modules, "asyncio", raising=False)
    assert not callbacks._inside_event_loop()
    assert "asyncio" not in sys.modules
