"""The OpenAPI document is valid and honest: Schemathesis finds no answer that it does not name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask, Response, request
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from flask_porter import Porter
from flask_porter.flows.register import Register
from flask_porter.web.api.openapi import refusals_of
from flask_porter.web.api.routes import ROUTES
from tests.account_site import SETTINGS, Site, make_site
from tests.web.api_client import ROOT, page_script, program

ROWS = [("GET", "/session"), *((route.method, route.path) for route in ROUTES)]
PAGE = {"Sec-Fetch-Site": "same-origin"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = make_site(tmp_path_factory.mktemp("site"), PORTER_THROTTLES=False)
    site.register()
    return site


def ask(site: Site, row: tuple[str, str], *, examples: int, is_seeded: bool) -> None:
    """Send generated requests to a row, good and bad ones, by a page and by a program."""
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", site.app)
    operation = schema[row[1]][row[0]]
    strategy = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.body or operation.path_parameters:
        strategy |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    else:
        # There is nothing to vary.
        examples = 1

    @given(strategy)
    @settings(
        max_examples=examples,
        derandomize=is_seeded,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    def each(case: Case[Any]) -> None:
        known = program(site)
        for headers in (PAGE, {"Authorization": f"Bearer {known.token}"}):
            case.call_and_validate(headers=headers, checks=CHECKS)
        known.call("POST", "/logout")

    each()


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_in16_each_answer_is_one_of_the_document(site: Site, row: tuple[str, str]) -> None:
    ask(site, row, examples=8, is_seeded=True)


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_in16_the_same_at_length(site: Site, row: tuple[str, str]) -> None:
    ask(site, row, examples=500, is_seeded=False)


@contextmanager
def instead(site: Site, answer: Response) -> Iterator[None]:
    """Have the app say who is logged in by `answer`."""

    def other(ours: Response) -> Response:
        return answer if request.path.endswith("/session") else ours

    hooks = site.app.after_request_funcs.setdefault(None, [])
    hooks.append(other)
    try:
        yield
    finally:
        hooks.remove(other)


@pytest.mark.parametrize(
    "answer",
    [
        Response("{}", 500, content_type="application/problem+json"),
        Response("{}", 418, content_type="application/problem+json"),
        Response("{}", 200, content_type="text/html"),
        Response('{"user": 1}', 200, content_type="application/json"),
    ],
    ids=["error", "status", "type", "schema"],
)
def test_the_search_finds_what_is_wrong(site: Site, answer: Response) -> None:
    with instead(site, answer), pytest.raises((Failure, FailureGroup)):
        ask(site, ("GET", "/session"), examples=1, is_seeded=True)


def test_the_document_is_valid_openapi(site: Site) -> None:
    load_all_checks()
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", site.app)
    schema.validate()
    schema.raw_schema["paths"]["/session"]["get"]["responses"] = []
    broken = schemathesis.openapi.from_dict(schema.raw_schema)
    with pytest.raises(Exception, match="is not of type"):
        broken.validate()


def test_each_row_and_each_reason_is_in_the_document(site: Site) -> None:
    made = page_script(site).get("/openapi.json")
    assert made["openapi"] == "3.1.0"
    assert made["servers"] == [{"url": ROOT}]
    named = {(method.upper(), path) for path in made["paths"] for method in made["paths"][path]}
    assert named == set(ROWS)
    for route in ROUTES:
        operation = made["paths"][route.path][route.method.lower()]
        assert operation["operationId"] == route.name
        for status, reasons in refusals_of(route).items():
            described = operation["responses"][str(status)]["description"]
            assert described.endswith(f": {', '.join(reasons)}")


def test_a_row_that_needs_a_log_in_says_so(site: Site) -> None:
    made = page_script(site).get("/openapi.json")
    stranger = page_script(site)
    for route in ROUTES:
        security = made["paths"][route.path][route.method.lower()]["security"]
        assert ({} in security) is not route.needs_login
        path = route.path.replace("{handle}", "any")
        if route.needs_login and "requestBody" not in made["paths"][route.path].get("post", {}):
            assert stranger.call(route.method, path).status_code == 401


def test_the_cookie_is_named_as_it_is(tmp_path: Path) -> None:
    site = make_site(tmp_path, SESSION_COOKIE_NAME="larder")
    schemes = page_script(site).get("/openapi.json")["components"]["securitySchemes"]
    assert schemes["session"]["name"] == "larder"


def test_a_field_of_the_app_is_in_it_and_a_name_like_ours_is_no_trouble(tmp_path: Path) -> None:
    theirs: Any = type("MailSentBody", (Register,), {"__annotations__": {"language": str}})
    app = Flask("Larder", instance_path=str(tmp_path))
    app.config |= SETTINGS
    Porter(app, register=theirs)
    made = app.test_client().get(f"{ROOT}/openapi.json").json
    assert made is not None
    body = made["paths"]["/register"]["post"]["requestBody"]["content"]["application/json"]
    name = body["schema"]["$ref"].rpartition("/")[2]
    properties = made["components"]["schemas"][name]["properties"]
    assert set(properties) == {"email", "password", "language"}
    schemathesis.openapi.from_dict(made).validate()
