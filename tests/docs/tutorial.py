"""Reads the tutorial as a person who follows it: which lines go into which file, page by page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"
EXAMPLE = ROOT / "examples" / "lesson"

SHELL = "flask --app lesson shell"

_DIRECTIVE = re.compile(
    r"^ *```\{(?P<name>literalinclude|code-block)\} (?P<argument>\S+)\n"
    r"(?P<options>(?: *:[a-z-]+:[^\n]*\n)*)(?P<body>.*?)^ *```$",
    re.MULTILINE | re.DOTALL,
)
_OPTION = re.compile(r":([a-z-]+): *(.*)")
_DOWNLOAD = re.compile(r"\{download\}`[^`<]*<([^>]+)>`")
_UNDERSTOOD = frozenset(
    {
        "caption",
        "dedent",
        "end-at",
        "end-before",
        "language",
        "pyobject",
        "start-after",
        "start-at",
    }
)


@dataclass
class Page:
    """What one page has its reader write: of the example's files, and for now."""

    path: Path
    #: The lines that are shown of each file of the example, counted from 0.
    shown: dict[str, set[int]] = field(default_factory=dict)
    #: Import statements, or a whole template, that a later page replaces.
    for_now: list[tuple[str, str]] = field(default_factory=list)
    #: What is typed into the shell.
    shell: list[str] = field(default_factory=list)


def pages() -> list[Page]:
    """Return the pages in the order of the table of contents."""
    index = (TUTORIAL / "index.md").read_text()
    names = re.findall(r"^(\w+)$", index.partition("{toctree}")[2], re.MULTILINE)
    return [read(TUTORIAL / f"{name}.md") for name in names]


def read(path: Path) -> Page:
    """Read one page. Raises: ValueError for what a reader could not follow."""
    page = Page(path)
    text = path.read_text()
    for match in _DIRECTIVE.finditer(text):
        options = dict(_OPTION.findall(match["options"]))
        caption = options.get("caption", "").strip()
        if unknown := options.keys() - _UNDERSTOOD:
            raise ValueError(f"{path.name}: {unknown} is not understood")
        if match["name"] == "literalinclude":
            source = (path.parent / match["argument"]).resolve()
            if EXAMPLE / caption != source:
                raise ValueError(f"{path.name}: {source} is shown as {caption!r}")
            page.shown.setdefault(caption, set()).update(lines_shown(source, options))
        elif caption == SHELL:
            page.shell.append(match["body"])
        else:
            page.for_now.append((caption, match["body"]))
    for argument in _DOWNLOAD.findall(text):
        source = (path.parent / argument).resolve()
        page.shown[str(source.relative_to(EXAMPLE))] = set(range(len(lines_of(source))))
    return page


def lines_of(path: Path) -> list[str]:
    """Return the lines of a file, as Sphinx counts them."""
    return path.read_text().splitlines(keepends=True)


def lines_shown(source: Path, options: dict[str, str]) -> range:
    """Return which lines Sphinx includes. Raises: ValueError when a mark is not found."""
    lines = lines_of(source)
    first, end = 0, len(lines)
    if name := options.get("pyobject"):
        first, end = _lines_of_object(source, name)
    for option, skip in (("start-at", 0), ("start-after", 1)):
        if mark := options.get(option):
            first = _line_with(mark, lines, first, end) + skip
    for option, skip in (("end-at", 1), ("end-before", 0)):
        if mark := options.get(option):
            # Sphinx never takes the first line for one to end before.
            end = _line_with(mark, lines, first + 1 - skip, end) + skip
    return range(first, end)


def _line_with(mark: str, lines: list[str], first: int, end: int) -> int:
    for number in range(first, end):
        if mark.strip() in lines[number]:
            return number
    raise ValueError(f"{mark!r} is nowhere")


def _lines_of_object(source: Path, name: str) -> tuple[int, int]:
    body: list[ast.stmt] = ast.parse(source.read_text()).body
    found: ast.ClassDef | ast.FunctionDef | None = None
    for part in name.split("."):
        found = next(
            node
            for node in body
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part
        )
        body = found.body
    assert found is not None
    first = min([found, *found.decorator_list], key=lambda node: node.lineno).lineno
    return first - 1, found.end_lineno or first


@dataclass
class Folder:
    """The files of a person who has come so far."""

    shown: dict[str, set[int]] = field(default_factory=dict)
    for_now: dict[str, str] = field(default_factory=dict)
    imports: dict[tuple[str, str], str] = field(default_factory=dict)

    def follow(self, page: Page) -> None:
        """Do what the page says."""
        for file, lines in page.shown.items():
            self.shown.setdefault(file, set()).update(lines)
            self.for_now.pop(file, None)
        for file, body in page.for_now:
            if file.endswith(".py"):
                for module, statement in _imports(body):
                    self.imports[file, module] = statement
            else:
                self.for_now[file] = body

    def files(self) -> Iterator[tuple[str, str]]:
        """Return each file with its text."""
        yield from self.for_now.items()
        for file, lines_so_far in self.shown.items():
            lines, shown = lines_of(EXAMPLE / file), set(lines_so_far)
            for module, statement in self._imports_of(file):
                line = _line_of_import(EXAMPLE / file, module)
                if line not in shown:
                    lines[line] = statement + "\n"
                    shown.add(line)
            yield file, "".join(lines[number] for number in sorted(shown))

    def _imports_of(self, file: str) -> list[tuple[str, str]]:
        return [(module, text) for (name, module), text in self.imports.items() if name == file]


def _imports(body: str) -> Iterator[tuple[str, str]]:
    for node in ast.parse(body).body:
        if not isinstance(node, ast.ImportFrom):
            raise ValueError(f"only 'from ... import' may be shown for now, not {body!r}")  # noqa: TRY004
        yield "." * node.level + (node.module or ""), ast.unparse(node)


def _line_of_import(path: Path, module: str) -> int:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom):
            if "." * node.level + (node.module or "") == module:
                return node.lineno - 1
    raise ValueError(f"{path} imports nothing from {module!r}")


def names_imported(text: str) -> set[tuple[str, str]]:
    """Return the names that a text imports, each with its module."""
    return {
        ("." * node.level + (node.module or ""), alias.name)
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
