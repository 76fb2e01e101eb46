"""Answers the rows of the API: JSON in, a flow, JSON out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, jsonify, make_response

from ...authenticators.hidden import HiddenValues
from ...errors import Refused
from ...flows import login
from ...flows.outcomes import Done, LoggedIn, LoggedOut, MailSent
from ...flows.run import ask
from ...login.require_login import public
from ..cross_site import need_no_tokens
from ..loaders import is_bearer
from ..page_facts import render_page
from ..request import API, accounts, around, caller, run
from ..response import apply, protect
from ..texts import text_of
from .bearer import forget_cookies, set_no_cookie
from .bodies import LoggedInBody, MailSentBody, RenewedBody, SessionBody
from .next_steps import next_steps, root
from .openapi import document, operations
from .problems import answer_errors
from .reading import json_fields
from .routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from ...flows.outcomes import Outcome
    from ...flows.run import Flow
    from .bodies import Body
    from .routes import Route


def api_blueprint(url_prefix: str) -> Blueprint:
    """Return the blueprint of the API, with its OpenAPI document and the page that shows it."""
    api = Blueprint(API, "flask_porter.web", url_prefix=url_prefix)
    for route in ROUTES:
        rule = route.path.replace("{", "<").replace("}", ">")
        api.add_url_rule(rule, route.name, _view(route), methods=[route.method])
    api.add_url_rule("/session", "session", show_session)
    api.add_url_rule("/openapi.json", "openapi", show_document)
    api.add_url_rule("/", "reference", show_reference)
    api.url_value_preprocessor(forget_cookies)
    need_no_tokens(api)
    api.after_request(set_no_cookie)
    api.after_request(protect)
    answer_errors(api)
    public(api)
    return api


def show_session() -> Response:
    """Say who is logged in, or what a client can do to be."""
    caller("api")
    resumed = around().resumed
    if resumed is None:
        is_open = accounts().settings.registration == "open"
        steps = ("login", "reset_password", *(("register",) if is_open else ()))
        raise Refused("login_required", status=401, next_steps=steps)
    return _json(_session(resumed.user, resumed.record))


def show_document() -> Response:
    """Return the OpenAPI document."""
    return jsonify(_document())


def show_reference() -> Response:
    """Return the same as a page."""
    made = _document()
    return render_page("api.html", operations=operations(made), document=made)


def _view(route: Route) -> Callable[..., Response]:
    def view(**of_path: str) -> Response:
        given = HiddenValues() if route.method == "GET" else json_fields()
        outcome = run("api", _flow_of(route), given.joined(of_path))
        apply(outcome)
        return _answer(route, outcome)

    view.__doc__ = route.summary
    return view


def _flow_of(route: Route) -> Flow[Any, Any]:
    # A client that shows a token has no cookie in which to keep another log-in.
    is_for_a_program = route.flow is login.with_password and is_bearer()
    return login.for_bearer if is_for_a_program else route.flow


def _answer(route: Route, outcome: Outcome) -> Response:
    if isinstance(outcome, LoggedIn):
        token = outcome.token if outcome.record.transport == "bearer" else None
        session = _session(outcome.user, outcome.record)
        body = RenewedBody if route.answers[200] is RenewedBody else LoggedInBody
        return _json(body(session=session, session_token=token))
    if isinstance(outcome, MailSent):
        steps = next_steps([outcome.flow])
        return _json(MailSentBody(message=text_of("mail_sent"), next_steps=steps), 202)
    if isinstance(outcome, LoggedOut):
        return make_response("", 204)
    if isinstance(outcome, Done) and route.done is not None:
        return _json(route.done.of(outcome))
    if isinstance(outcome, Done) and route.answers[200] is RenewedBody:
        return _json(RenewedBody(session=None))
    raise TypeError(f"{route.name}: {type(outcome).__name__} has no JSON.")


def _session(user: Any, record: Any) -> SessionBody:
    roles = ask(accounts(), lambda kept: kept.roles.names_of(user.id))
    return SessionBody.of(user, record, roles)


def _document() -> dict[str, Any]:
    return document(accounts(), root(), current_app.config["SESSION_COOKIE_NAME"])


def _json(body: Body, status: int = 200) -> Response:
    response = make_response(body.model_dump_json(), status)
    response.content_type = "application/json"
    return response
