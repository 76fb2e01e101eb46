"""No page names a setting, command, event, module or address that the code does not have."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import click
import pytest
from werkzeug.routing import Map

from flask_porter.cli.all_commands import commands
from flask_porter.flows.events import LEVELS
from flask_porter.login.commands import porter as login_commands
from flask_porter.web.api.routes import ROUTES, Route
from tests.account_site import make_site
from tests.docs.test_security import SETTINGS
from tests.docs.what_the_code_has import PACKAGE, modules

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGES.md", "SECURITY.md", "examples/README.md")),
    *(page for page in (ROOT / "docs").rglob("*.md") if "_build" not in page.parts),
]
EVENTS = ROOT / "docs" / "reference" / "events.md"
#: A mistake that an example makes, and a key of the suite's own.
NO_SETTINGS = {"PORTER_BASEURL", "PORTER_TEST_REQUIRE_ALL"}
#: What begins like a module, and is a file.
FILES = {"flask_porter.po", "flask_porter.pot"}


def named(pattern: str) -> set[str]:
    """Return what all pages name in this form."""
    return {name for page in PAGES for name in re.findall(pattern, page.read_text())}


def test_each_setting_is_there() -> None:
    found = named(r"\bPORTER_[A-Z0-9_]+")
    assert len(found) > 50
    assert found - SETTINGS.keys() == NO_SETTINGS


def test_each_command_is_there() -> None:
    groups: dict[str, click.Command] = {**login_commands.commands, **commands()}
    for line in named(r"flask(?: --app \w+)? porter ([a-z]+(?:[ -][a-z-]+)?)"):
        group, _, name = line.partition(" ")
        assert group in groups, line
        found = groups[group]
        if isinstance(found, click.Group) and name:
            assert name in found.commands, line


def test_each_dotted_name_is_there() -> None:
    sources = "".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    loggers = set(re.findall(r'getLogger\("([\w.]+)"\)', sources))
    for name in named(r"\bflask_porter(?:\.\w+)+") - FILES - loggers:
        assert exists(name), name


def exists(name: str) -> bool:
    """Tell whether a dotted name is a module, or something in one."""
    module, *rest = name.split(".")
    found = import_module(module)
    for part in rest:
        if not hasattr(found, part):
            try:
                import_module(f"{module}.{part}")
            except ModuleNotFoundError:
                return False
        found, module = getattr(found, part), f"{module}.{part}"
    return True


def test_each_address_is_there(tmp_path: Path) -> None:
    urls: Map = make_site(tmp_path).app.url_map
    rules = {rule.rule for rule in urls.iter_rules()}
    found = named(r"`(?:GET |POST |DELETE )?(/account[\w/<>{}.-]*)`") - {"/account", "/account/api"}
    assert len(found) > 30
    written = {path.replace("{handle}", "<handle>") for path in found}
    assert {path for path in written if path not in rules} == set()


def test_each_template_has_its_line() -> None:
    folder = PACKAGE / "web" / "templates" / "porter"
    for page, names in (
        ("templates_and_texts", folder.glob("[!_]*.html")),
        ("mail", (folder / "mail").glob("[!_]*.html")),
    ):
        text = (ROOT / "docs" / "how_to" / f"{page}.md").read_text()
        assert [path.stem for path in names if f"`{path.stem}`" not in text] == []


def test_each_command_of_accounts_has_its_line_and_its_options() -> None:
    text = (ROOT / "docs" / "reference" / "accounts_commands.md").read_text()
    for group, command in commands().items():
        inside = command.commands.items() if isinstance(command, click.Group) else [("", command)]
        for name, one in inside:
            assert f"`{group} {name}".rstrip() in text
            options = [option for parameter in one.params for option in parameter.opts]
            assert [each for each in options if each.startswith("--") and each not in text] == []


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.method} {row.path}")
def test_the_page_of_a_flow_has_its_address_and_each_of_its_refusals(row: Route) -> None:
    name = row.flow.do.__module__.rpartition(".")[2]
    page = (ROOT / "docs" / "reference" / f"{name}.md").read_text()
    assert f"/account/api{row.path}".partition("/{")[0] in page
    reasons = {reason for some in row.refuses.values() for reason in some}
    assert {reason for reason in reasons if f"`{reason}`" not in page} == set()


def test_the_events_that_are_told_are_those_that_are_recorded() -> None:
    first_cells = re.findall(r"^\| `.*? \|", EVENTS.read_text(), re.MULTILINE)
    told = set(re.findall(r"`(\w+)`", "".join(first_cells)))
    assert told == recorded()


def recorded() -> set[str]:
    """Return the events that the code names where it records or sends one."""
    return {
        node.value
        for path, tree in modules()
        if path.name not in {"events.py", "event_texts.py", "activity.py"}
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in LEVELS
    }


@pytest.mark.parametrize("name", ["flask_porter.no_such", "flask_porter.flows.no_such"])
def test_a_planted_name_is_found(name: str) -> None:
    assert not exists(name)
