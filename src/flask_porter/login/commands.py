"""The command group ``flask porter``; ``routes`` tells of each route who may reach it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
from flask.cli import AppGroup, ScriptInfo

from .current import this_app
from .errors import SetUpError
from .marks import guards_of
from .open_routes import blueprint_names, declared, is_login_page, is_static, standing

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

#: Where an app keeps the commands that it adds to the group.
COMMANDS: Final = "flask_porter.commands"

_NONE: Final = "NONE"
_ASKED_OF_ITSELF: Final = frozenset({"HEAD", "OPTIONS"})


class PorterGroup(AppGroup):
    """``flask porter``, and what the account layer of the app has added to it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        try:
            added = _added(ctx)
        except SetUpError as error:
            added = {}
            click.secho(f"The app cannot be set up: {error}", err=True, fg="red")
        return sorted({*super().list_commands(ctx), *added})

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for; of an app that is set up wrongly, tell what to do."""
        try:
            return super().invoke(ctx)
        except SetUpError as error:
            raise click.ClickException(str(error)) from None

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, ours before those of the app."""
        return super().get_command(ctx, cmd_name) or _added(ctx).get(cmd_name)


def _added(context: click.Context) -> dict[str, click.Command]:
    """Return the commands of the app; none for an app that cannot be loaded, which is told."""
    try:
        app = context.ensure_object(ScriptInfo).load_app()
    except click.ClickException as error:
        click.secho(f"The app cannot be loaded: {error.format_message()}", err=True, fg="red")
        return {}
    found: dict[str, click.Command] = app.extensions.get(COMMANDS, {})
    return found


porter = PorterGroup("porter", help="Who may reach what, and the accounts of the app.")


class Route(NamedTuple):
    """One row: a route, and its guards or why it is public."""

    rule: str
    methods: str
    endpoint: str
    guard: str
    is_settled: bool


@porter.command("routes")
@click.option("--check", is_flag=True, help="Fail if a route is neither guarded nor public.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def show_routes(context: click.Context, check: bool, as_json: bool) -> None:
    """Show every route with its guard, or why it is public."""
    app = this_app()
    shown = routes(app)
    if check:
        shown = [route for route in shown if not route.is_settled]
    click.echo(_as_json(shown) if as_json else _as_table(shown))
    unknown = sorted(declared(app).public_endpoints - app.view_functions.keys())
    for endpoint in unknown:
        click.echo(f"public({endpoint!r}) names an endpoint that does not exist.", err=True)
    if check and shown:
        click.echo(
            f"Neither guarded nor public: {len(shown)}. Put a guard such as '@login_required', or"
            " '@public', on each.",
            err=True,
        )
    if check and (shown or unknown):
        context.exit(1)


def routes(app: Flask) -> list[Route]:
    """Return all routes of ``app``, sorted by rule, then endpoint and methods."""
    return sorted(_route(app, rule) for rule in app.url_map.iter_rules())


def _route(app: Flask, rule: Rule) -> Route:
    guards, is_settled = _guards(app, rule)
    methods = ", ".join(_own_methods(rule)) or "OPTIONS"
    host = rule.host or rule.subdomain
    return Route(
        f"{host}|{rule.rule}" if host else rule.rule, methods, rule.endpoint, guards, is_settled
    )


def _guards(app: Flask, rule: Rule) -> tuple[str, bool]:
    """Return the guards of a route, or why it has none, and whether that is settled."""
    view = app.view_functions.get(rule.endpoint)
    is_public, by = standing(app, rule.endpoint)
    exempt = _why_exempt(app, rule)
    guards = [] if exempt else _of_blueprints(app, rule.endpoint)
    if is_public is False and not exempt:
        guards.insert(0, f"require_login({by})")
    guards += guards_of(view)
    if guards:
        return ", ".join(guards), True
    if is_public:
        return f"public ({by})", True
    if exempt:
        return f"public ({exempt})", True
    return _of_methods(view, rule)


def _why_exempt(app: Flask, rule: Rule) -> str | None:
    if is_static(app, rule.endpoint):
        return "static files"
    manager = getattr(app, "login_manager", None)
    path = (app.config.get("APPLICATION_ROOT") or "").rstrip("/") + rule.rule
    methods = _own_methods(rule)
    if manager is None or not methods:
        return None
    is_open = all(is_login_page(manager, app, rule, path, method) for method in methods)
    return "log-in page" if is_open else None


def _of_blueprints(app: Flask, endpoint: str) -> list[str]:
    """Return the guards on the blueprints of a view, the outermost first."""
    guards: list[str] = []
    for name in reversed(blueprint_names(endpoint)):
        blueprint = app.blueprints.get(name)
        if blueprint is not None and not standing(app, endpoint, within=blueprint).is_public:
            guards += guards_of(blueprint)
    return guards


def _of_methods(view: Any, rule: Rule) -> tuple[str, bool]:
    """Return the guards on single methods of a view class."""
    view_class = getattr(view, "view_class", None)
    found = {
        method: guards_of(getattr(view_class, method.lower(), None))
        for method in _own_methods(rule)
    }
    if not any(found.values()):
        return _NONE, False
    shown = [f"{method} {', '.join(names) or _NONE}" for method, names in found.items()]
    return "; ".join(shown), all(found.values())


def _own_methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - _ASKED_OF_ITSELF)


def _as_table(shown: list[Route]) -> str:
    rows = [("Rule", "Methods", "Endpoint", "Guard"), *(route[:4] for route in shown)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    rows.insert(1, ("-" * widths[0], "-" * widths[1], "-" * widths[2], "-----"))
    return "\n".join(
        "  ".join([*(row[i].ljust(widths[i]) for i in range(3)), row[3]]).rstrip() for row in rows
    )


def _as_json(shown: list[Route]) -> str:
    return json.dumps([route._asdict() for route in shown], indent=2)
