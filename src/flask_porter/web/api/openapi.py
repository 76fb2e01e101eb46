"""The OpenAPI 3.1 document of the API, made of the rows and models that answer."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import models_json_schema

from .bodies import DoneBody, LoggedInBody, MailSentBody, Problem, SessionBody
from .routes import ROUTES

if TYPE_CHECKING:
    from ...flows.accounts import Accounts
    from .routes import Route

_PATH_FIELD: Final = re.compile(r"\{(\w+)\}")
_ANSWERS: Final = (SessionBody, LoggedInBody, MailSentBody, DoneBody, Problem)

#: What every row may answer before its flow is asked.
_ALWAYS: Final = {
    400: ("malformed_json",),
    403: ("cross_site", "no_origin"),
    411: ("length_required",),
    413: ("too_large",),
    415: ("not_json",),
    422: ("invalid_input",),
}


def document(accounts: Accounts, root: str) -> dict[str, Any]:
    """Return the document; an app's own input models are in it.

    Args:
        accounts: those of the app.
        root: the path of the API.
    """
    inputs = [route.flow.model_in(accounts) for route in ROUTES]
    _, definitions = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(inputs)]
        + [(model, "serialization") for model in _ANSWERS],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, Any] = {"/session": {"get": _session()}}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(accounts, route)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{accounts.settings.app_name}: accounts", "version": "1"},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "session",
                    "description": "Flask's session cookie. A browser sends it by itself; unsafe"
                    " methods need Sec-Fetch-Site: same-origin, or an Origin that is this host.",
                },
                "bearer": {"type": "http", "scheme": "bearer"},
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


def _session() -> dict[str, Any]:
    return {
        "operationId": "session",
        "summary": "Who is logged in",
        "security": [{"session": []}, {"bearer": []}],
        "responses": {
            "200": _answer(200, SessionBody.__name__),
            "401": _refusals(401, ("login_required",)),
        },
    }


def _operation(accounts: Accounts, route: Route) -> dict[str, Any]:
    model = route.flow.model_in(accounts)
    in_path = _PATH_FIELD.findall(route.path)
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "security": [{"session": []}, {"bearer": []}] if route.needs_login else [{}],
        "responses": _responses(route),
    }
    if in_path:
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in in_path
        ]
    if set(model.model_fields) - set(in_path):
        reference = {"$ref": f"#/components/schemas/{model.__name__}"}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": reference}},
        }
    return operation


def _responses(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        str(status): _answer(status, None if model is None else model.__name__)
        for status, model in route.answers.items()
    }
    refusals: dict[int, tuple[str, ...]] = dict(_ALWAYS) if route.method != "GET" else {}
    for status, reasons in route.refuses.items():
        refusals[status] = (*refusals.get(status, ()), *reasons)
    found |= {str(status): _refusals(status, reasons) for status, reasons in refusals.items()}
    return found


def _answer(status: int, model: str | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if model is not None:
        schema = {"$ref": f"#/components/schemas/{model}"}
        answer["content"] = {"application/json": {"schema": schema}}
    return answer


def _refusals(status: int, reasons: tuple[str, ...]) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {
        "description": f"{HTTPStatus(status).phrase}: {', '.join(reasons)}",
        "content": {"application/problem+json": {"schema": schema}},
    }


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
