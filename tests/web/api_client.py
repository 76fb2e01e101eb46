"""A client of the JSON API: a page of this site with its cookies, or a program with a token."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.account_site import ADA, PASSWORD, Site

ROOT = "/account/api"
RIGHT = {"identifier": ADA, "password": PASSWORD}


class ApiClient:
    """Calls rows of the API, as `call("DELETE", "/devices")`."""

    def __init__(self, client: FlaskClient, token: str | None = None) -> None:
        self.client = client
        self.token = token

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """Send a body as JSON, or what `options` say."""
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            options["json"] = body
        return self.client.open(f"{ROOT}{path}", method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        """Return the JSON of a GET that succeeds."""
        answer = self.call("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, **body: Any) -> TestResponse:
        """Post the named members."""
        return self.call("POST", path, body)


def page_script(site: Site, *, logged_in: bool = False) -> ApiClient:
    """Return the script of a page of this site."""
    script = ApiClient(site.client())
    if logged_in:
        assert script.post("/login", **RIGHT).status_code == 200
    return script


def program(site: Site, *, logged_in: bool = True) -> ApiClient:
    """Return a program that is no browser: no cookies, nothing of Fetch."""
    client = ApiClient(site.app.test_client(use_cookies=False))
    if logged_in:
        answer = client.post("/login/bearer", **RIGHT)
        assert answer.json is not None
        client.token = answer.json["session_token"]
    return client


def reason_of(answer: TestResponse) -> tuple[int, str]:
    """Return the status and the reason of a problem."""
    assert answer.content_type == "application/problem+json", answer.text
    assert answer.json is not None
    assert answer.json["status"] == answer.status_code
    return answer.status_code, answer.json["reason"]
