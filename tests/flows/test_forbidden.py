"""The audit log says that a guard of the app has refused somebody who is logged in."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from flask_porter import permission_required, role_required
from tests.account_site import ADA, Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path)
    site.register()
    for name, guard in [("staff", role_required("staff")), ("press", permission_required("print"))]:
        site.app.add_url_rule(f"/{name}", name, guard(lambda: "in"))
    return site


def noted(site: Site) -> list[tuple[str, str, str]]:
    return [
        (row.user_id, row.details["guard"], row.details["endpoint"])
        for row in site.rows(site.accounts.models.audit)
        if row.event == "authz_fail"
    ]


def test_a_guard_that_refuses_is_noted_with_who_and_where(site: Site) -> None:
    client = site.logged_in_client()
    assert [client.get(path).status_code for path in ("/staff", "/press")] == [403, 403]
    ada = str(site.user(ADA).id)
    assert noted(site) == [
        (ada, "role_required(staff)", "staff"),
        (ada, "permission_required(print)", "press"),
    ]


def test_a_visitor_is_no_entry(site: Site) -> None:
    assert site.client().get("/staff").status_code == 302
    assert noted(site) == []


def test_an_app_that_is_writing_gets_its_answer_without_an_entry(site: Site) -> None:
    client = site.logged_in_client()
    database = site.accounts.database

    def write() -> None:
        database.app_session().execute(text("UPDATE porter_users SET language = 'en'"))

    site.app.before_request_funcs.setdefault(None, []).append(write)
    assert client.get("/staff").status_code == 403
    site.app.before_request_funcs[None].remove(write)
    assert noted(site) == []
