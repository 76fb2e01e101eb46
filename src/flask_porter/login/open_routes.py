"""Which routes are open without a log-in, and why."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from flask import Blueprint
from flask import app as flask_app

from .marks import blueprint_is_public, view_is_public

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.sansio.blueprints import Blueprint as AnyBlueprint
    from werkzeug.routing import Rule

    from .manager import LoginManager

_KEY: Final = "flask_porter.open_routes"
_OF_A_FORM: Final = frozenset({"GET", "HEAD", "POST"})


class Declared:
    """What was said about one app as a whole, and about endpoints by their name."""

    __slots__ = ("public_endpoints", "requires_login")

    def __init__(self) -> None:
        self.public_endpoints: set[str] = set()
        self.requires_login = False


class Standing(NamedTuple):
    """Whether a route was declared public (None: nothing was declared), and by what."""

    is_public: bool | None
    by: str


_VIEW: Final = Standing(is_public=True, by="view")
_ENDPOINT: Final = Standing(is_public=True, by="endpoint")
_APP: Final = Standing(is_public=False, by="app")
_NOTHING: Final = Standing(is_public=None, by="")


def declared(app: Flask) -> Declared:
    """Return what was declared about ``app``, to be read or added to."""
    found: Declared = app.extensions.setdefault(_KEY, Declared())
    return found


def standing(app: Flask, endpoint: str, within: AnyBlueprint | None = None) -> Standing:
    """Return what was declared about the views of ``endpoint``; what is more exact comes first.

    That is the view, the endpoint, the blueprints from the innermost to the outermost, the app.
    Looking ``within`` a blueprint ends before what was said of that blueprint.
    """
    view = app.view_functions.get(endpoint)
    if view is not None and view_is_public(view):
        return _VIEW
    said = declared(app)
    if endpoint in said.public_endpoints:
        return _ENDPOINT
    for name in blueprint_names(endpoint):
        blueprint = app.blueprints.get(name)
        if blueprint is None:
            continue
        if blueprint is within:
            return _NOTHING
        is_public = blueprint_is_public(blueprint)
        if is_public is not None:
            return Standing(is_public, f"blueprint {name!r}")
    return _APP if said.requires_login else _NOTHING


@lru_cache(maxsize=1024)
def blueprint_names(endpoint: str) -> tuple[str, ...]:
    """Return the names of the blueprints around ``endpoint``, the innermost first."""
    names = []
    name = endpoint.rpartition(".")[0]
    while name:
        names.append(name)
        name = name.rpartition(".")[0]
    return tuple(names)


def is_static(app: Flask, endpoint: str) -> bool:
    """Tell whether ``endpoint`` is a route for static files that Flask itself has made."""
    prefix, _, name = endpoint.rpartition(".")
    if name != "static":
        return False
    view: Any = app.view_functions.get(endpoint)
    if prefix:
        return getattr(view, "__func__", None) is Blueprint.send_static_file
    # It is a lambda in there; what an app wraps around it, or puts in its place, is not.
    return getattr(view, "__globals__", None) is vars(flask_app)


def is_automatic_options(rule: Rule, method: str) -> bool:
    """Tell whether Flask itself answers this request, with the methods of the route."""
    return method == "OPTIONS" and bool(getattr(rule, "provide_automatic_options", False))


def is_login_page(manager: LoginManager, app: Flask, rule: Rule, path: str, method: str) -> bool:
    """Tell whether a request is for a page that the manager sends people to.

    Where GET shows the form of that page, POST on the same URL takes it, whichever view that is.
    An URL counts only when the configuration names its host as this app's (``SERVER_NAME``,
    ``TRUSTED_HOSTS``): the ``Host`` header is the visitor's, who would open the page of that path
    here by naming the host of a log-in page elsewhere.

    Args:
        manager: knows the pages.
        app: the app whose route it is.
        rule: the route that was found.
        path: the path of the request, script root included.
        method: the method of the request.
    """
    for view, blueprint in _login_views(manager, rule.endpoint):
        if view.startswith(("/", "http://", "https://")):
            if method in _OF_A_FORM and _is_path_of(app, view, rule, path):
                return True
        else:
            endpoint = _absolute(view, blueprint)
            if rule.endpoint == endpoint:
                return True
            if method in _OF_A_FORM and _shares_url(app, endpoint, rule):
                return True
    return False


def _login_views(manager: LoginManager, endpoint: str) -> Iterator[tuple[str, str | None]]:
    """Yield each page that people are sent to, and the blueprint a relative name belongs to."""
    here = endpoint.rpartition(".")[0]
    for view in (manager.login_view, manager.refresh_view):
        if view:
            yield view, here
    for blueprint, view in manager.blueprint_login_views.items():
        if view:
            yield view, blueprint


def _absolute(endpoint: str, blueprint: str | None) -> str:
    """Return the name of an endpoint as Flask's ``url_for`` understands it."""
    if not endpoint.startswith("."):
        return endpoint
    return f"{blueprint}{endpoint}" if blueprint else endpoint[1:]


def _shares_url(app: Flask, endpoint: str, rule: Rule) -> bool:
    try:
        rules = app.url_map.iter_rules(endpoint)
    except KeyError:
        return False
    place = (rule.rule, rule.host, rule.subdomain)
    return any((other.rule, other.host, other.subdomain) == place for other in rules)


def _is_path_of(app: Flask, view: str, rule: Rule, path: str) -> bool:
    parts = urlsplit(view)
    if parts.netloc and not _is_our_host(app, parts.netloc.lower(), rule):
        return False
    target = unquote(parts.path) or "/"
    if path == target:
        return True
    # Flask sends "/login" on to "/login/", unless "/login" is a route of its own.
    if path != f"{target}/":
        return False
    without_slash = rule.rule.removesuffix("/")
    return all(other.rule != without_slash for other in app.url_map.iter_rules())


def _is_our_host(app: Flask, host: str, rule: Rule) -> bool:
    if app.url_map.host_matching:
        return host == rule.host
    server = (app.config.get("SERVER_NAME") or "").lower()
    if app.subdomain_matching and rule.subdomain:
        return bool(server) and host == f"{rule.subdomain}.{server}"
    # No entry like ".example.com": it trusts hosts of other apps too.
    return host in {server, *(app.config.get("TRUSTED_HOSTS") or ())}
