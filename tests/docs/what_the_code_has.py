"""Reads from the code what the reference must tell of: its names, keys and signals."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

from blinker import NamedSignal

import flask_porter
from flask_porter.login import signals

PACKAGE = Path(flask_porter.__file__).parent

_READS = {"get", "pop", "setdefault"}


def public_names() -> set[str]:
    """Return what `flask_porter` exports: by a star import, or when it is asked for."""
    star: dict[str, object] = {}
    exec("from flask_porter import *", star)
    exported = {
        name
        for name, value in star.items()
        if name not in {"__builtins__", "Any", "TYPE_CHECKING", "annotations"}
        and not isinstance(value, ModuleType)
    }
    return exported | {"__version__", "user_loaded_from_header"}


def modules(folder: Path = PACKAGE) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, ast.parse(path.read_text())


def config_keys(folder: Path = PACKAGE) -> dict[str, str | None]:
    """Return each key of `app.config` that is used, and the expression of its default, if any.

    A key that is put together at run time stands as a pattern, with `*` for what is filled in.
    """
    found: dict[str, str | None] = {}
    for _, tree in modules(folder):
        for container, key, default in _look_ups(tree):
            if _is_called(container, "config") and key is not None:
                found[key] = found.get(key) or default
    return found


def session_keys(folder: Path = PACKAGE) -> set[str]:
    """Return each key of Flask's session that is used, by its text or by a constant's name."""
    found = set()
    for path, tree in modules(folder):
        for container, key, _ in _look_ups(tree, _constants(path, folder)):
            if _is_called(container, "session") or _is_called(container, "opened"):
                if key is not None:
                    found.add(key)
    return found


def signal_arguments(folder: Path = PACKAGE) -> dict[str, set[str]]:
    """Return the arguments that each signal is sent with."""
    found: dict[str, set[str]] = {}
    for _, tree in modules(folder):
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="send")):
                    arguments = {keyword.arg or "**" for keyword in node.keywords}
                    found.setdefault(name.lstrip("_"), set()).update(arguments)
    return found


def signal_names() -> set[str]:
    return {
        name.lstrip("_") for name, value in vars(signals).items() if isinstance(value, NamedSignal)
    }


def _look_ups(
    tree: ast.Module, constants: dict[str, str] | None = None
) -> Iterator[tuple[ast.expr, str | None, str | None]]:
    """Yield (container, key, default) of each `c[key]`, `c.get(key, default)` and `key in c`."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=container, slice=key):
                yield container, _key(key, constants), None
            case ast.Call(func=ast.Attribute(value=container, attr=method), args=[key, *rest]):
                if method in _READS:
                    default = ast.unparse(rest[0]) if rest else None
                    yield container, _key(key, constants), default
            case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[container]):
                yield container, _key(key, constants), None


def _key(node: ast.expr, constants: dict[str, str] | None) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else "*" for part in parts
            )
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return (constants or {}).get(name)
    return None


def _is_called(container: ast.expr, name: str) -> bool:
    """Tell whether an expression names `name`: itself, as an attribute, or as `current_name()`."""
    match container:
        case ast.Name(id=found) | ast.Attribute(attr=found):
            return found == name
        case ast.Call(func=ast.Name(id=found)):
            return found == f"current_{name}"
    return False


def _constants(path: Path, folder: Path) -> dict[str, str]:
    """Return the texts that a module of ours gives a name in capitals.

    The steps of the tables have none; Alembic alone can import what runs them.
    """
    if folder != PACKAGE or "migrations" in path.parts:
        return {}
    name = ".".join(["flask_porter", *path.relative_to(folder).with_suffix("").parts])
    module = import_module(name.removesuffix(".__init__"))
    own = {key: value for key, value in vars(module).items() if key.isupper()}
    return {key: value for key, value in own.items() if isinstance(value, str)}
