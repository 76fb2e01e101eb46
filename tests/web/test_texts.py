"""Tests that nothing is refused, shown or noted without words for it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

import flask_porter
from flask_porter.flows.events import LEVELS
from flask_porter.web.texts import COUNTED, TEXTS, text_of
from flask_porter.web.translations import speaking

PACKAGE = Path(flask_porter.__file__).parent
#: Their first argument is a reason.
REASONS = frozenset({"Refused", "IdentifierError", "text_of"})
#: Reasons that do not stand where they are raised: of a password, a field, a log-in, a request.
FURTHER = (
    *("not_text", "too_long", "too_short", "common", "personal", "same_password"),
    *("required", "invalid", "unknown_field", "taken", "not_an_object"),
    *("disabled", "unverified"),
    *("cross_site", "no_origin"),
    *("invalid_input", "too_many_attempts", "busy"),
)
STATUSES = (400, 401, 403, 404, 405, 409, 410, 411, 413, 415, 422, 429, 500, 503)


def reasons_in(code: str) -> set[str]:
    """Return the reasons that a module names: of refusals, of fields, of texts."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        values: list[ast.expr] = []
        if node.func.id in REASONS:
            values = node.args[:1]
        elif node.func.id == "InvalidInput":
            values = [keyword.value for keyword in node.keywords]
        for value in values:
            found |= set(_strings(value))
    return found


def _strings(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)
    elif isinstance(node, ast.Tuple | ast.List):
        for each in node.elts:
            yield from _strings(each)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_every_reason_has_a_text() -> None:
    named = {
        reason: path.relative_to(PACKAGE).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        for reason in reasons_in(path.read_text())
    }
    assert len(named) > 30
    without = {
        reason: where
        for reason, where in (named | dict.fromkeys(FURTHER, "further")).items()
        if reason not in TEXTS and reason not in COUNTED
    }
    assert without == {}


def test_a_reason_is_found_wherever_it_may_stand() -> None:
    code = (
        'Refused("a", status=403)\nInvalidInput(x="b", y=("c", "d"))\n'
        'text_of("e" if x else "f", n=1)\nIdentifierError("g")\nother("h")\n'
    )
    assert reasons_in(code) == set("abcdefg")


def test_every_event_has_words() -> None:
    assert {f"event_{name}" for name in LEVELS} <= set(TEXTS)
    assert {name for name in TEXTS if name.startswith("event_")} == {
        f"event_{name}" for name in LEVELS
    }


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_title(status: int) -> None:
    assert f"status_{status}" in TEXTS


def test_an_unknown_reason_is_told_as_bad_input() -> None:
    assert text_of("no_such_reason") == "Something is missing or cannot be taken."


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "wait 1 minute."), (60, "wait 1 minute."), (61, "wait 2 minutes."), (900, "15 minutes.")],
)
def test_a_wait_is_told_in_minutes(seconds: int, text: str) -> None:
    assert text_of("too_many_attempts", retry_after=seconds).endswith(text)


def test_a_short_password_is_told_how_long_it_has_to_be() -> None:
    app = Flask("shop")
    settings = SimpleNamespace(password_min_length=15, languages=("en", "de"))
    app.extensions["porter"] = SimpleNamespace(accounts=SimpleNamespace(settings=settings))
    with app.test_request_context(headers={"Accept-Language": "de"}):
        assert text_of("too_short").startswith("Es müssen mindestens 15 Zeichen sein.")
        with speaking("en"):
            assert text_of("too_short").startswith("At least 15 characters are needed.")
    with app.app_context():
        assert text_of("too_short").startswith("At least 15 characters are needed.")
