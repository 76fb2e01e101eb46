"""Errors below the prefix are JSON, whoever makes them; and the app's own are left to the app."""

from __future__ import annotations

from typing import Any

import pytest
from flask import abort, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from flask_porter.flows.outcomes import FactorDue
from flask_porter.web.api import serving
from tests.account_site import Site
from tests.web.api_client import RIGHT, ROOT, page_script, reason_of


def test_what_is_not_there_is_told_in_json(site: Site) -> None:
    script = page_script(site)
    for path in ("/nothing", "/devices/x/y", "/session/", "/%ff"):
        assert reason_of(script.call("GET", path)) == (404, "not_found")


def test_another_method_is_told_which_there_are(site: Site) -> None:
    answer = page_script(site).call("GET", "/login")
    assert reason_of(answer) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    answer = page_script(site).call("PUT", "/devices")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "DELETE", "OPTIONS"}


def test_errors_elsewhere_are_the_apps(site: Site) -> None:
    for path in ("/nothing", "/account/apiary", "/account/nothing"):
        answer = site.client().get(path)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_the_apps_own_handlers_do_not_answer_for_us(site: Site) -> None:
    site.app.register_error_handler(404, lambda error: ("<h1>gone</h1>", 404))
    site.app.register_error_handler(HTTPException, lambda error: ("<h1>no</h1>", 400))
    script = page_script(site)
    assert reason_of(script.call("GET", "/nothing")) == (404, "not_found")
    assert reason_of(script.call("GET", "/login")) == (405, "method_not_allowed")
    assert site.client().get("/nothing").text == "<h1>gone</h1>"


@pytest.mark.parametrize(
    ("code", "reason"),
    [(400, "bad_request"), (403, "forbidden"), (429, "too_many_requests"), (418, "http_418")],
)
def test_what_the_app_aborts_with_is_told_in_json(site: Site, code: int, reason: str) -> None:
    site.app.before_request(lambda: abort(code) if request.path.startswith(ROOT) else None)
    assert reason_of(page_script(site).call("GET", "/session")) == (code, reason)


@pytest.mark.parametrize("is_of_a_code", [True, False])
def test_a_response_that_the_app_aborts_with_is_left_alone(site: Site, is_of_a_code: bool) -> None:
    @site.app.before_request
    def refuse() -> None:
        response = site.app.make_response(("later", 503))
        raise (
            ServiceUnavailable(response=response)
            if is_of_a_code
            else HTTPException(response=response)
        )

    answer = page_script(site).call("GET", "/session")
    assert (answer.status_code, answer.text) == (503, "later")


def test_an_outcome_without_json_is_a_defect(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "run", lambda *_: FactorDue(("totp",)))
    with pytest.raises(TypeError, match="logout: FactorDue has no JSON"):
        page_script(site).call("POST", "/logout")


def test_a_limit_of_the_app_is_told_in_json(site: Site) -> None:
    site.app.config["MAX_CONTENT_LENGTH"] = 10
    answer = page_script(site).post("/login", **RIGHT)
    assert reason_of(answer) == (413, "too_large")


def test_a_defect_is_told_in_json_and_says_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("SELECT secret FROM table")

    site.app.testing = False
    script = page_script(site, logged_in=True)
    monkeypatch.setattr(serving, "_session", broken)
    answer = script.call("GET", "/session")
    assert reason_of(answer) == (500, "internal_error")
    assert "SELECT" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_refused_before_a_row_is_found_is_kept_by_no_cache(site: Site) -> None:
    script, away = page_script(site, logged_in=True), {"Sec-Fetch-Site": "cross-site"}
    for method, path in (("DELETE", "/login"), ("POST", "/nothing"), ("POST", "/login")):
        answer = script.call(method, path, headers=away)
        assert reason_of(answer) == (403, "cross_site")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
