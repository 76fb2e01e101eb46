"""The OpenAPI 3.1 document of the API, made of the rows and models that answer."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import models_json_schema

from .bodies import SessionBody
from .problems import Problem
from .routes import ROUTES

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaMode

    from ...flows.accounts import Accounts
    from .bodies import Body
    from .routes import Reasons, Route

    #: Where the schema of a model stands; an app may have one of the same name as ours.
    References = dict[type[BaseModel], dict[str, Any]]

_PATH_FIELD: Final = re.compile(r"\{(\w+)\}")

#: What every row with an unsafe method may answer before its flow is asked.
BEFORE_THE_FLOW: Final[Reasons] = {
    400: ("malformed_json",),
    403: ("cross_site", "no_origin"),
    411: ("length_required",),
    413: ("too_large",),
    415: ("not_json",),
    422: ("invalid_input",),
}

#: What every row may answer, as its user is looked up.
ALWAYS: Final[Reasons] = {503: ("unavailable",)}

#: What a client is told beside the body.
_HEADERS: Final = {
    401: ("WWW-Authenticate", "string", "The scheme that would help (RFC 9110 section 11.6.1)."),
    429: ("Retry-After", "integer", "Seconds."),
    503: ("Retry-After", "integer", "Seconds."),
}

_WHO: Final[list[dict[str, list[str]]]] = [{"session": []}, {"bearer": []}]


def document(accounts: Accounts, root: str, cookie: str) -> dict[str, Any]:
    """Return the document; an app's own input models are in it.

    Args:
        accounts: those of the app.
        root: the path of the API.
        cookie: the name of the session cookie.
    """
    references, schemas = _schemas(accounts)
    paths: dict[str, Any] = {"/session": {"get": _session(references)}}
    for route in ROUTES:
        operation = _operation(accounts, references, route)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{accounts.settings.app_name}: accounts", "version": "1"},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": cookie,
                    "description": "Flask's session cookie. A browser sends it by itself; unsafe"
                    " methods need Sec-Fetch-Site: same-origin, or an Origin that is this host.",
                },
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The session_token of /login/bearer; cookies count for nothing"
                    " beside it, and none is set.",
                },
            },
        },
    }


def operations(made: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the operations of a document one by one, for the page that shows them."""
    found = []
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            schema = _body_schema(made, operation)
            required = schema.get("required", ())
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation["summary"],
                    "fields": [
                        {
                            "name": name,
                            "type": _type_in_words(field),
                            "required": name in required,
                            "description": field.get("description", ""),
                        }
                        for name, field in schema.get("properties", {}).items()
                    ],
                    "answers": [
                        {"status": int(status), "description": answer["description"]}
                        for status, answer in sorted(operation["responses"].items())
                    ],
                }
            )
    return found


def refusals_of(route: Route) -> Reasons:
    """Return every reason that a row may give, by status."""
    found: Reasons = dict(ALWAYS) if route.method == "GET" else {**BEFORE_THE_FLOW, **ALWAYS}
    for status, reasons in route.refuses.items():
        found[status] = (*found.get(status, ()), *reasons)
    return found


def _schemas(accounts: Accounts) -> tuple[References, dict[str, Any]]:
    inputs = [route.flow.model_in(accounts) for route in ROUTES if _has_body(accounts, route)]
    answers: list[type[Body]] = [SessionBody, Problem]
    answers += [body for route in ROUTES for body in route.answers.values() if body is not None]
    wanted: dict[type[BaseModel], JsonSchemaMode] = {
        **dict.fromkeys(inputs, "validation"),
        **dict.fromkeys(answers, "serialization"),
    }
    found, definitions = models_json_schema(
        list(wanted.items()), ref_template="#/components/schemas/{model}"
    )
    references = {model: found[model, mode] for model, mode in wanted.items()}
    return references, definitions["$defs"]


def _session(references: References) -> dict[str, Any]:
    return {
        "operationId": "session",
        "summary": "Who is logged in",
        "security": _WHO,
        "responses": {
            "200": _answer(200, references[SessionBody]),
            "401": _refusals(401, ("login_required",), references),
            **{str(status): _refusals(status, why, references) for status, why in ALWAYS.items()},
        },
    }


def _operation(accounts: Accounts, references: References, route: Route) -> dict[str, Any]:
    model = route.flow.model_in(accounts)
    answers = {
        str(status): _answer(status, None if body is None else references[body])
        for status, body in route.answers.items()
    }
    refusals = {
        str(status): _refusals(status, reasons, references)
        for status, reasons in refusals_of(route).items()
    }
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "security": _WHO if route.needs_login else [*_WHO, {}],
        "responses": answers | refusals,
    }
    if in_path := _PATH_FIELD.findall(route.path):
        schemas = model.model_json_schema()["properties"]
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": schemas[name]}
            for name in in_path
        ]
    if _has_body(accounts, route):
        content = {"application/json": {"schema": references[model]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _has_body(accounts: Accounts, route: Route) -> bool:
    fields = set(route.flow.model_in(accounts).model_fields)
    return bool(fields - set(_PATH_FIELD.findall(route.path)))


def _answer(status: int, schema: dict[str, Any] | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if schema is not None:
        answer["content"] = {"application/json": {"schema": schema}}
    return answer


def _refusals(status: int, reasons: tuple[str, ...], references: References) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(reasons)}",
        "content": {"application/problem+json": {"schema": references[Problem]}},
    }
    if status in _HEADERS:
        name, kind, why = _HEADERS[status]
        answer["headers"] = {name: {"required": True, "schema": {"type": kind}, "description": why}}
    return answer


def _body_schema(made: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody")
    if body is None:
        return {}
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = made["components"]["schemas"][name]
    return found


def _type_in_words(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type_in_words(one) for one in field["anyOf"])
    kind = str(field.get("type", "object"))
    return f"{kind} ({field['format']})" if "format" in field else kind
