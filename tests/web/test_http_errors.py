"""Errors below our prefix look like our pages; everywhere else the app's handlers answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import abort, request
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from flask_porter.web.pages import account
from tests.account_site import ADA, PASSWORD, Site, make_site

OURS = "/account"
STRANGE = {"Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path)
    site.register()

    @site.app.get("/account/bills")
    def bills() -> str:
        abort(404)

    @site.app.post("/order")
    def order() -> str:
        return "ordered"

    return site


def is_ours(answer: TestResponse) -> bool:
    """Tell whether an answer looks like our pages and has the headers of our pages."""
    looks = "/account/static/porter.css" in answer.text and "– Larder</title>" in answer.text
    return looks and "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def answer_everything(site: Site) -> None:
    """Have the app answer all errors itself, in each of the ways that Flask has."""
    for code in (403, 404, 405):
        site.app.register_error_handler(code, lambda error: (f"the app: {error.code}", error.code))
    site.app.register_error_handler(HTTPException, lambda error: ("the app", error.code or 500))


def test_what_is_not_there_leads_home(site: Site) -> None:
    for path in ("/nothing", "/devices/x", "/static/nothing.css", "/check-your-mail/nothing"):
        answer = site.client().get(f"{OURS}{path}")
        assert (answer.status_code, is_ours(answer)) == (404, True), path
        assert "There is nothing here" in answer.text
        assert 'href="/"' in answer.text


def test_another_method_is_told_which_there_are(site: Site) -> None:
    answer = site.client().get(f"{OURS}/devices/end")
    assert (answer.status_code, is_ours(answer)) == (405, True)
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_the_apps_pages_keep_the_apps_handlers(site: Site) -> None:
    answer_everything(site)
    client = site.client()
    assert client.get("/nothing").text == "the app: 404"
    assert client.get("/accounts").text == "the app: 404"
    # Below our prefix, but a page of the app.
    assert client.get(f"{OURS}/bills").text == "the app: 404"
    assert client.post(f"{OURS}/bills").text == "the app: 405"
    assert client.post("/order", headers=STRANGE).status_code == 200


def test_the_apps_handlers_do_not_answer_for_us(site: Site) -> None:
    answer_everything(site)
    assert is_ours(site.client().get(f"{OURS}/nothing"))
    assert is_ours(site.client().get(f"{OURS}/devices/end"))
    assert is_ours(site.client().post(f"{OURS}/login", headers=STRANGE))


def test_a_refusal_on_a_page_of_the_app_is_shown_as_ours_are(site: Site) -> None:
    client = site.logged_in_client()
    refused = client.post("/order", headers=STRANGE)
    assert refused.status_code == 403
    assert "This came from another site" in refused.text
    assert "/account/static/porter.css" in refused.text


def test_or_by_the_app_if_it_has_a_page_for_that(site: Site) -> None:
    answer_everything(site)
    client = site.logged_in_client()
    refused = client.post("/order", headers=STRANGE)
    assert (refused.status_code, refused.text) == (403, "the app: 403")


def test_the_app_can_say_why(site: Site) -> None:
    site.app.before_request(
        lambda: abort(403, "From the <office> alone.") if request.path.startswith(OURS) else None
    )
    answer = site.client().get(f"{OURS}/login")
    assert (answer.status_code, is_ours(answer)) == (403, True)
    assert "From the &lt;office&gt; alone." in answer.text


def test_what_all_are_told_is_said_in_our_words_alone(site: Site) -> None:
    site.app.before_request(lambda: abort(429) if request.path.startswith(OURS) else None)
    answer = site.client().get(f"{OURS}/login")
    assert (answer.status_code, is_ours(answer)) == (429, True)
    assert "Please wait a little" in answer.text
    assert "exceeded" not in answer.text


def test_a_response_that_the_app_aborts_with_is_left_alone(site: Site) -> None:
    site.app.before_request(lambda: abort(site.app.make_response(("later", 503))))
    assert site.client().get(f"{OURS}/login").text == "later"


def test_a_limit_of_the_app_is_told_in_its_look(site: Site) -> None:
    site.app.config["MAX_CONTENT_LENGTH"] = 10
    given = {"identifier": ADA, "password": PASSWORD}
    answer = site.client().post(f"{OURS}/login", data=given)
    assert (answer.status_code, is_ours(answer)) == (413, True)


def test_what_is_not_theirs_is_not_there(site: Site) -> None:
    answer = site.logged_in_client().post(f"{OURS}/devices/end", data={"handle": "x"})
    assert (answer.status_code, is_ours(answer)) == (404, True)


def test_a_defect_is_told_and_says_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("SELECT secret FROM table")

    client = site.logged_in_client()
    site.app.testing = False
    monkeypatch.setattr(account.ShownDevice, "of", broken)
    answer = client.get(f"{OURS}/devices")
    assert (answer.status_code, is_ours(answer)) == (500, True)
    assert "Something went wrong here" in answer.text
    assert "SELECT" not in answer.text


def test_a_path_without_its_slash_is_still_led_there(site: Site) -> None:
    answer = site.client().get(OURS)
    assert (answer.status_code, answer.location) == (308, "/account/")
