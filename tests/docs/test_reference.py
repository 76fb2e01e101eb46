"""Holds the reference to the code: what the code has, the reference tells of, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.cli import FlaskGroup

import flask_porter
from flask_porter import LoginManager
from flask_porter.login import defaults
from flask_porter.login.commands import porter
from tests.docs.settings_table import tables
from tests.docs.test_examples import run_page
from tests.docs.what_the_code_has import (
    config_keys,
    public_names,
    session_keys,
    signal_arguments,
    signal_names,
)

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"

_ENTRY = re.compile(r"^\.\. (?:auto\w+|py:\w+):: flask_porter\.([\w.]+)", re.MULTILINE)
# Keys of Flask's own that we look at.
OF_FLASK = {
    "APPLICATION_ROOT",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SERVER_NAME",
    "SESSION_COOKIE_DOMAIN",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_PATH",
    "SESSION_COOKIE_SAMESITE",
    "SESSION_COOKIE_SECURE",
    "SESSION_REFRESH_EACH_REQUEST",
    "TRUSTED_HOSTS",
}
# Written by Flask: its own keys, which a hardened log-in keeps.
SESSION_KEYS_OF_FLASK = {"_flashes", "_permanent"}


def rows(page: str) -> dict[str, list[str]]:
    """Return the rows of a page's tables by each name in the first cell; cells without marks."""
    found: dict[str, list[str]] = {}
    for line in (REFERENCE / page).read_text().splitlines():
        if line.startswith("| `"):
            first, *cells = re.split(r"(?<!\\)\|", line.strip()[1:-1])
            for name in re.findall(r"`([^`]+)`", first):
                found[name] = [cell.strip().replace("`", "") for cell in cells]
    return found


def entries() -> set[str]:
    return {name for page in REFERENCE.glob("*.md") for name in _ENTRY.findall(page.read_text())}


def test_each_public_name_has_an_entry() -> None:
    told = {name for name in entries() if "." not in name} | set(rows("signals.md"))
    assert public_names() - told == set()


def test_no_entry_is_of_a_name_that_is_gone() -> None:
    for name in entries():
        found: Any = flask_porter
        for part in name.split("."):
            found = getattr(found, part)


def test_each_config_key_has_an_entry_and_the_other_way_round() -> None:
    told = set(rows("configuration.md"))
    used = {key for key in config_keys() if "*" not in key and not key.startswith("PORTER_")}
    assert used - told == set()
    assert told - used == OF_FLASK - used
    told |= set(rows("settings.md"))
    for pattern in config_keys().keys() - used:
        assert any(re.fullmatch(pattern.replace("*", ".+"), key) for key in told)


def test_each_setting_stands_in_the_reference_as_the_code_has_it() -> None:
    # What the page lacks is printed by `python -m tests.docs.settings_table`.
    assert (REFERENCE / "settings.md").read_text().endswith(tables())


def test_the_defaults_of_config_keys_are_those_of_the_code() -> None:
    told = rows("configuration.md")
    compared = 0
    for key, expression in config_keys().items():
        if expression is None or key == "SESSION_PROTECTION":
            continue
        default = eval(expression, {"defaults": defaults})
        assert told[key][1] == shown(default), key
        compared += 1
    assert compared >= 9


def shown(value: object) -> str:
    """Return how a default is written in the reference."""
    if isinstance(value, timedelta):
        return f"timedelta(days={value.days})"
    return value.__name__ if isinstance(value, type) else repr(value)


def test_each_signal_has_an_entry_with_its_arguments() -> None:
    told = {name: set(re.findall(r"\w+", row[0])) for name, row in rows("signals.md").items()}
    assert told == {name: signal_arguments()[name] for name in signal_names()}


def test_each_session_key_has_an_entry_and_the_other_way_round() -> None:
    assert set(rows("session_keys.md")) == session_keys() - SESSION_KEYS_OF_FLASK


def test_the_session_keys_of_flask_login_come_first() -> None:
    assert set(list(rows("session_keys.md"))[:6]) == defaults.SESSION_KEYS


def test_each_attribute_of_the_manager_has_an_entry_with_its_default() -> None:
    told = rows("login_manager.md")
    manager = LoginManager()
    named = (*vars(manager), *LoginManager.__annotations__, "challenge")
    attributes = {name for name in named if not name.startswith("_")}
    assert set(told) == attributes
    for name in attributes:
        assert told[name][0] == shown(getattr(manager, name)), name


def test_each_method_of_the_manager_has_an_entry() -> None:
    prefix = "LoginManager."
    told = {name.removeprefix(prefix) for name in entries() if name.startswith(prefix)}
    public = {name for name in dir(LoginManager) if not name.startswith("_")}
    assert public - told - set(rows("login_manager.md")) == {"current_user"}
    assert "login_manager.current_user" in (REFERENCE / "current_user.md").read_text()


def test_the_constants_have_their_values() -> None:
    text = (REFERENCE / "constants.md").read_text()
    told = dict(re.findall(r"py:data:: flask_porter\.(\w+)\n +:value: (.+)\n", text))
    for name, value in told.items():
        assert shown(getattr(flask_porter, name)) == value
    constants = {name for name in public_names() if name.isupper()}
    assert constants - told.keys() == {"SESSION_KEYS"}


def test_the_modules_of_flask_login_are_told() -> None:
    from flask_porter.login.compat import facades

    assert facades().keys() == {name for name in rows("flask_login.md") if "flask_login" in name}


def test_each_option_of_a_command_has_an_entry() -> None:
    options = {
        option
        for command in porter.commands.values()
        for parameter in command.params
        for option in parameter.opts
    }
    assert set(rows("commands.md")) == options
    text = (REFERENCE / "commands.md").read_text()
    for name in porter.commands:
        assert f"## flask porter {name}\n" in text


def test_the_table_of_routes_is_what_is_printed() -> None:
    page = REFERENCE / "commands.md"
    app: Flask = run_page(page)["app"]
    command = FlaskGroup(create_app=lambda: app)
    printed = app.test_cli_runner().invoke(command, ["porter", "routes"]).output
    assert f"```text\n{printed}```" in page.read_text()


def test_a_planted_key_is_found(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(
        "from flask import current_app, session\n"
        "a = current_app.config.get('PLANTED', 5)\n"
        "b = current_app.config['SECOND']\n"
        "c = current_app.config.get(f'PLANTED_{a}')\n"
        "session['_planted'] = 1\n"
        "if '_second' in session: session.pop('_third')\n"
        "planted.send(current_app, user=a, why=b)\n"
    )
    assert config_keys(tmp_path) == {"PLANTED": "5", "SECOND": None, "PLANTED_*": None}
    assert session_keys(tmp_path) == {"_planted", "_second", "_third"}
    assert signal_arguments(tmp_path) == {"planted": {"user", "why"}}
