"""The rules of the tree that an import contract cannot express, each as a function of a folder.

A rule returns one line for each breach, `file:line: what is wrong`; no line means it holds.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

LONGEST_FILE = 400
LONGEST_FUNCTION = 50

VAGUE_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "core", "misc", "manager"})

NETWORK_MODULES = frozenset(
    {
        *("aiohttp", "aiosmtpd", "ftplib", "http.client", "http.server", "httpx", "imaplib"),
        *("nntplib", "poplib", "requests", "smtpd", "smtplib", "socket", "socketserver", "ssl"),
        *("telnetlib", "urllib.request", "urllib3", "webbrowser", "wsgiref", "xmlrpc"),
    }
)
NETWORK_CALLS = frozenset({"create_connection", "open_connection", "open_unix_connection"})

SESSION_MUTATORS = frozenset({"clear", "pop", "popitem", "setdefault", "update", "__setitem__"})

# What opens something that is no session record.
OPEN_FILES = frozenset({"codecs", "file", "folder", "gzip", "io", "os", "path", "root"})

FLASK_AND_ITS_OWN = frozenset(
    {"blinker", "click", "flask", "itsdangerous", "jinja2", "markupsafe", "werkzeug"}
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def session_writes(folder: Path, *, allowed: frozenset[str]) -> list[str]:
    """Find writes to Flask's session outside the files named in `allowed`.

    What is called a session in `models` and `stores` is SQLAlchemy's: Flask cannot be there.
    """
    return [
        _at(path, folder, node, "writes to the session")
        for path, tree in _modules(folder)
        if _name(path, folder) not in allowed
        and path.relative_to(folder).parts[0] not in {"models", "stores"}
        for node in ast.walk(tree)
        if _writes_session(node)
    ]


def records_opened(
    folder: Path,
    *,
    gate: str = "flows/admit.py",
    contract: str = "testing/store_contract.py",
) -> list[str]:
    """Find session records that are opened outside the one gate, or made outside gate and stores.

    The contract of the stores opens them too: it has no users.

    A method that is only named counts too: it can be called under any other name. The login floor
    knows no store; what it opens is opened for it by the floors above.
    """
    found = []
    for path, tree in _modules(folder):
        name = _name(path, folder)
        if name in {gate, contract} or name.startswith("login/"):
            continue
        keeps_records = name.startswith("stores/") or name == "models/sessions.py"
        for node in ast.walk(tree):
            if _opens_a_record(node):
                found.append(_at(path, folder, node, "opens a session record"))
            elif not keeps_records and _makes_a_record(node):
                found.append(_at(path, folder, node, "makes a session record"))
    return found


def network_use(folder: Path, *, room: str = "outbound") -> list[str]:
    """Find modules that can open a connection, outside the one room for it."""
    found = []
    for path, tree in _modules(folder):
        if path.relative_to(folder).parts[0] in {room, f"{room}.py"}:
            continue
        for node in ast.walk(tree):
            names = _imported(node)
            if any(_is_in(name, NETWORK_MODULES) for name in names):
                found.append(_at(path, folder, node, "can open a connection"))
            elif isinstance(node, ast.Call) and _last_name(node.func) in NETWORK_CALLS:
                found.append(_at(path, folder, node, "opens a connection"))
    return found


def imports_inside_functions(folder: Path, *, dynamic: frozenset[str] = frozenset()) -> list[str]:
    """Find imports that hide in a function; files in `dynamic` may call `import_module`."""
    found = []
    for path, tree in _modules(folder):
        for function in _functions(tree):
            if _name(path, folder) == "__init__.py" and function.name == "__getattr__":
                continue
            found += [
                _at(path, folder, node, f"imports inside {function.name}()")
                for node in ast.walk(function)
                if isinstance(node, ast.Import | ast.ImportFrom)
                or (_imports_by_call(node) and _name(path, folder) not in dynamic)
            ]
    return found


def imports_beyond_flask(
    folder: Path, *, package: str, allowed: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Find imports of anything but the standard library, Flask's own packages and `package`.

    `allowed` names for single files one more module.
    """
    known = sys.stdlib_module_names | FLASK_AND_ITS_OWN
    return [
        _at(path, folder, node, f"imports {name}")
        for path, tree in _modules(folder)
        for node in _without_type_checking(tree)
        for name in _imported(node)
        if name.partition(".")[0] not in known
        and not _is_in(name, {package, allowed.get(_name(path, folder), package)})
    ]


def vague_names(folder: Path, *, allowed: frozenset[str] = frozenset()) -> list[str]:
    """Find files and folders whose name says nothing; `allowed` holds relative paths."""
    return [
        f"{_name(path, folder)}: a vague name"
        for path in sorted(folder.rglob("*"))
        if "__pycache__" not in path.parts
        and (path.is_dir() or path.suffix == ".py")
        and path.stem.strip("_") in VAGUE_NAMES
        and _name(path, folder) not in allowed
    ]


def long_files(folder: Path) -> list[str]:
    """Find files that hold more than one subject can need."""
    sizes = {path: len(path.read_text().splitlines()) for path in _python_files(folder)}
    return [
        f"{_name(path, folder)}: {size} lines, more than {LONGEST_FILE}"
        for path, size in sizes.items()
        if size > LONGEST_FILE
    ]


def long_functions(folder: Path) -> list[str]:
    """Find functions that cannot be read at one glance."""
    found = []
    for path, tree in _modules(folder):
        for function in _functions(tree):
            size = (function.end_lineno or function.lineno) - function.lineno + 1
            if size > LONGEST_FUNCTION:
                found.append(_at(path, folder, function, f"{function.name}() has {size} lines"))
    return found


def loaded_by_bare_import(source: Path) -> set[str]:
    """Return the modules of the package that `import flask_porter` loads from `source`."""
    script = "import sys, flask_porter; print(*[m for m in sys.modules if 'flask_porter' in m])"
    environment = {**os.environ, "PYTHONPATH": str(source)}
    answer = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split())


def _python_files(folder: Path) -> list[Path]:
    hidden = {"__pycache__", "_build", "node_modules"}
    return [path for path in sorted(folder.rglob("*.py")) if not hidden.intersection(path.parts)]


def _modules(folder: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in _python_files(folder):
        yield path, ast.parse(path.read_text(), filename=str(path))


def _functions(tree: ast.Module) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _at(path: Path, folder: Path, node: ast.AST, what: str) -> str:
    return f"{_name(path, folder)}:{getattr(node, 'lineno', 1)}: {what}"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _is_in(name: str, modules: frozenset[str] | set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _imports_by_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _last_name(node.func) in {"import_module", "__import__"}


def _without_type_checking(tree: ast.Module) -> Iterator[ast.AST]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        only_types = isinstance(node, ast.If) and _last_name(node.test) == "TYPE_CHECKING"
        waiting += node.orelse if only_types and isinstance(node, ast.If) else _children(node)


def _children(node: ast.AST) -> list[ast.AST]:
    return list(ast.iter_child_nodes(node))


def _opens_a_record(node: ast.AST) -> bool:
    # A rotated record is a new one, with the rights of the old.
    if not isinstance(node, ast.Attribute) or node.attr not in {"open", "rotate"}:
        return False
    owner = node.value.func if isinstance(node.value, ast.Call) else node.value
    return _last_name(owner).lower() not in OPEN_FILES


def _makes_a_record(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _last_name(node.func) == "SessionRecord"


def _writes_session(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in SESSION_MUTATORS
            and _is_session(node.func.value)
        )
    # `session["k"] = v`, `del session["k"]` and `session.permanent = True`
    return (
        isinstance(node, ast.Subscript | ast.Attribute)
        and isinstance(node.ctx, ast.Store | ast.Del)
        and _is_session(node.value)
    )


def _is_session(node: ast.AST) -> bool:
    # `session`, `flask.session`, and what a `current_session()` returns
    name = _last_name(node.func if isinstance(node, ast.Call) else node)
    return name == "session" or name.endswith("_session")
