"""The page of the commands names all of them with their options, and each flow has one."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

import flask_porter
from flask_porter.cli.all_commands import commands
from flask_porter.flows import audit_log, import_users, roles, users, waiting_mail
from flask_porter.flows.run import Flow

PAGE = (Path(__file__).parents[2] / "docs/reference/accounts_commands.md").read_text()
CLI = Path(flask_porter.__file__).parent / "cli"
LEAVES = {
    f"{name} {leaf}" if leaf else name: command
    for name, group in commands().items()
    for leaf, command in (
        group.commands.items() if isinstance(group, click.Group) else [("", group)]
    )
}


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_each_command_is_on_the_page_with_its_options(name: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if re.search(rf"^\|[^|]*`{name}[` ]", line)]
    command = LEAVES[name]
    assert command.help
    options = [option for option in command.params if isinstance(option, click.Option)]
    if "see [" not in row and name != "calibrate":
        assert [option.opts[0] for option in options if option.opts[0] not in row] == []
    assert all(option.help for option in options)


def test_the_page_names_no_command_that_is_not_there() -> None:
    groups = "|".join(commands())
    named = set(re.findall(rf"`((?:{groups}) [a-z-]+)", PAGE))
    assert named <= LEAVES.keys()


def test_each_flow_of_an_operator_has_a_command() -> None:
    source = "\n".join(path.read_text() for path in CLI.glob("*.py"))
    called = set(re.findall(r"(?:flows|waiting_mail)\.([a-z_]+)", source))
    for module in (audit_log, import_users, roles, users, waiting_mail):
        of_it = {name for name, found in vars(module).items() if isinstance(found, Flow)}
        assert of_it
        assert of_it <= called, module.__name__
