"""The token of a program counts in the API and in the app's own views, and on no page of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_porter import current_user, login_required
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, make_site
from tests.attacks.account_state import path_of
from tests.web.api_client import program


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path, PORTER_THROTTLES=False)

    @site.app.get("/own")
    @login_required
    def own() -> dict[str, str]:
        return {"who": current_user.email}

    site.register()
    return site


def pages(site: Site) -> list[tuple[str, str]]:
    """Return the method and path of every page, but for the console."""
    return [
        (method, path_of(site.app, rule))
        for rule in site.app.url_map.iter_rules()
        if rule.endpoint.startswith("porter.") and "development" not in rule.endpoint
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def test_s10_a_token_is_nobodys_on_every_page_and_stays_what_it_is(site: Site) -> None:
    client = program(site)
    given = {"password": PASSWORD, "new_password": NEW_PASSWORD, "email": "ada@new.example"}
    answers = {}
    every = pages(site)
    assert ("POST", "/account/reauthenticate") in every
    for method, path in every:
        both = []
        for headers in ({"Authorization": f"Bearer {client.token}"}, {}):
            form = given if method == "POST" else None
            answer = site.client().open(path, method=method, data=form, headers=headers)
            both.append((answer.status_code, answer.location, ADA in answer.text))
        answers[method, path] = both
    assert {where: both for where, both in answers.items() if both[0] != both[1]} == {}
    assert client.get("/session")["user"]["email"] == ADA
    assert site.accounts.hasher.verify(PASSWORD, site.user().password_hash).is_right


def test_a_token_counts_in_a_guarded_view_of_the_app(site: Site) -> None:
    token = program(site).token
    headers = {"Authorization": f"Bearer {token}"}
    assert site.app.test_client().get("/own", headers=headers).json == {"who": ADA}
    assert site.app.test_client().get("/own").status_code != 200
