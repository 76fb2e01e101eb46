"""Answers the rows of the API: JSON in, a flow, JSON out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, jsonify, make_response, request, url_for

from ...errors import Refusal, Refused
from ...flows.outcomes import Done, LoggedIn, LoggedOut, MailSent
from ...login.require_login import public
from ..loaders import is_bearer
from ..page_facts import render_page
from ..request import accounts, around, caller, json_fields, run
from ..response import apply, protect
from .bodies import DoneBody, LoggedInBody, MailSentBody, NextStep, Problem, SessionBody
from .openapi import document, operations
from .routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from ...flows.outcomes import Outcome
    from .bodies import Body
    from .routes import Route

#: The name of the blueprint.
NAME = "porter_api"


def api_blueprint(url_prefix: str) -> Blueprint:
    """Return the blueprint of the API, with its OpenAPI document and the page that shows it."""
    api = Blueprint(NAME, "flask_porter.web", url_prefix=url_prefix)
    for route in ROUTES:
        rule = route.path.replace("{", "<").replace("}", ">")
        api.add_url_rule(rule, route.name, _view(route), methods=[route.method])
    api.add_url_rule("/session", "session", show_session)
    api.add_url_rule("/openapi.json", "openapi", show_document)
    api.add_url_rule("/", "reference", show_reference)
    api.register_error_handler(Refusal, refuse)
    api.after_request(protect)
    public(api)
    return api


def show_session() -> Response:
    """Say who is logged in, or what a client can do to be."""
    caller("api")
    resumed = around().resumed
    if resumed is None:
        raise Refused("login_required", status=401, next_steps=("login", "register"))
    return _json(SessionBody.of(resumed))


def show_document() -> Response:
    """Return the OpenAPI document."""
    return jsonify(document(accounts(), url_for(f"{NAME}.reference").rstrip("/")))


def show_reference() -> Response:
    """Return the same as a page."""
    made = document(accounts(), url_for(f"{NAME}.reference").rstrip("/"))
    return render_page("api.html", operations=operations(made), document=made)


def refuse(refusal: Refusal) -> Response:
    """Answer an expected no as ``problem+json`` (RFC 9457)."""
    steps = [_step(name) for name in getattr(refusal, "next_steps", ())]
    problem = Problem.of(refusal, [step for step in steps if step is not None])
    response = make_response(problem.model_dump_json(), refusal.status)
    response.content_type = "application/problem+json"
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    if refusal.status == 401:
        # RFC 9110 section 11.6.1; no scheme for which a browser would ask by itself.
        response.headers["WWW-Authenticate"] = "Bearer" if is_bearer() else 'Cookie realm="login"'
    return response


def _view(route: Route) -> Callable[..., Response]:
    def view(**of_path: str) -> Response:
        given = {**json_fields(), **of_path}
        outcome = run("api", route.flow, given)
        apply(outcome)
        return _answer(route, outcome)

    view.__doc__ = route.summary
    return view


def _answer(route: Route, outcome: Outcome) -> Response:
    if isinstance(outcome, LoggedIn):
        token = outcome.token if outcome.record.transport == "bearer" else None
        return _json(LoggedInBody(session=SessionBody.of(outcome), session_token=token))
    if isinstance(outcome, MailSent):
        return _json(MailSentBody.of(outcome), 202)
    if isinstance(outcome, LoggedOut):
        return make_response("", 204)
    if isinstance(outcome, Done):
        return _json(DoneBody.of(outcome))
    raise TypeError(f"{route.name}: {type(outcome).__name__} has no JSON.")


def _json(body: Body, status: int = 200) -> Response:
    response = make_response(body.model_dump_json(), status)
    response.content_type = "application/json"
    return response


def _step(flow: str) -> NextStep | None:
    for route in ROUTES:
        if route.name == flow:
            root = url_for(f"{NAME}.reference").rstrip("/")
            return NextStep(flow=flow, method=route.method, href=f"{root}{route.path}")
    return None


def is_for_us() -> bool:
    """Tell whether the current request is below the prefix of the API, whatever it asks for."""
    settings = accounts().settings
    path: Any = request.path
    return bool(settings.api) and path.startswith(f"{settings.api_prefix}/") and bool(current_app)
