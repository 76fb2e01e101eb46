"""What stands behind the guards under Porter: AZ01, AZ09, AZ10 and AZ19."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import render_template_string
from flask.testing import FlaskClient

from flask_porter import SetUpError, current_user, permission_required, public, role_required
from flask_porter.cli.all_commands import commands
from flask_porter.flows import roles as flows
from tests.account_site import ADA, Site, make_site
from tests.attacks.account_state import path_of
from tests.attacks.guarded_views import GUARDS, RIGHTS, VIEWS, WORD, add_views
from tests.attacks.thief import copy_of
from tests.attacks.well_meant import BOB, OPERATOR, PERMISSION, ROLE, make_inhabited
from tests.web.api_client import program

ROLE_VIEW, PERMISSION_VIEW = "/role/plain", "/permission/plain"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_inhabited(tmp_path)


def command(site: Site, group: str, *words: str) -> None:
    result = site.app.test_cli_runner().invoke(commands()[group], words)
    assert result.exit_code == 0, result.output


def in_python(site: Site, flow: Any, **values: Any) -> None:
    with site.app.app_context():
        site.porter.run(flow, **values)


def grant(site: Site, email: str = ADA) -> None:
    site.run(flows.set_permissions, OPERATOR, role=ROLE, permissions=[PERMISSION])
    site.run(flows.grant, OPERATOR, user=email, role=ROLE)


#: How a right is taken away, and what the view for the role answers after it.
TAKEN: list[tuple[Callable[[Site], None], int]] = [
    (lambda site: command(site, "users", "set-role", ADA, ROLE, "--remove"), 403),
    (lambda site: in_python(site, flows.revoke, user=ADA, role=ROLE), 403),
    (lambda site: command(site, "roles", "set", ROLE, "read a little"), 200),
    (lambda site: in_python(site, flows.set_permissions, role=ROLE, permissions=()), 200),
]


@pytest.fixture(params=["sqlite", "postgres"])
def workers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Site, Site]]:
    """Yield two apps that share nothing but their database."""
    is_sqlite = request.param == "sqlite"
    url = None if is_sqlite else request.getfixturevalue("postgres_url")
    one = make_inhabited(tmp_path, url=url)
    other = make_site(tmp_path, url=url)
    for site in (one, other):
        add_views(site.app)
    yield one, other
    for site in (one, other):
        site.accounts.database.engine().dispose()


def test_az01_a_right_is_gone_at_the_next_request_on_every_worker(
    workers: tuple[Site, Site],
) -> None:
    one, other = workers
    grant(one)
    here = one.logged_in_client()
    there, script = copy_of(here, other), program(one)
    bearer = {"Authorization": f"Bearer {script.token}"}
    views = (ROLE_VIEW, PERMISSION_VIEW)

    def answers() -> list[tuple[int, ...]]:
        asked: list[tuple[FlaskClient, dict[str, str]]]
        asked = [(here, {}), (there, {}), (script.client, bearer)]
        return [
            tuple(client.get(view, headers=more).status_code for view in views)
            for client, more in asked
        ]

    for take, left in TAKEN:
        # The page is open, everywhere.
        assert answers() == [(200, 200)] * 3
        take(other)
        assert answers() == [(left, 403)] * 3
        grant(one)


def test_az09_no_method_shows_what_a_guard_keeps(site: Site) -> None:
    calls = add_views(site.app)
    grant(site, BOB)
    stranger, ada, bob = site.client(), site.logged_in_client(), site.logged_in_client(BOB)
    for guard, kind in product(GUARDS, VIEWS):
        shut_out = [stranger, *([ada] if guard in RIGHTS else [])]
        for client, method in product(shut_out, ("GET", "HEAD", "OPTIONS", "TRACE", "PATCH")):
            answer = client.open(f"/{guard}/{kind}", method=method)
            assert WORD not in answer.text, (guard, kind, method)
            if method == "OPTIONS":
                assert (answer.status_code, answer.text) == (200, "")
                assert "GET" in answer.headers["Allow"]
    assert calls == []
    # The control: with the right, each of them is shown.
    assert {bob.get(f"/{guard}/{kind}").text for guard, kind in product(GUARDS, VIEWS)} == {WORD}
    assert bob.options("/role/all").text == WORD


def test_az09_no_method_opens_a_page_or_a_row_of_ours(site: Site) -> None:
    """What a stranger gets by GET, and no more; a body never comes with OPTIONS or HEAD."""
    stranger, ada = site.client(), site.logged_in_client()
    for rule in site.app.url_map.iter_rules():
        path = path_of(site.app, rule)
        for method in ("OPTIONS", "HEAD", "TRACE", "PATCH", "LOOK"):
            answer = stranger.open(path, method=method)
            assert answer.status_code < 500
            assert ADA not in answer.text
            if method in {"OPTIONS", "HEAD"}:
                assert answer.text == "", (rule, method)
            else:
                assert answer.status_code == 405, (rule, method)
            again = ada.open(path, method=method)
            assert ADA not in again.text, (rule, method)


def test_az10_each_kind_of_view_is_guarded(site: Site) -> None:
    add_views(site.app)
    grant(site, BOB)
    clients = [site.client(), site.logged_in_client(), site.logged_in_client(BOB)]
    for guard, kind in product(("role", "permission"), VIEWS):
        answers = [client.get(f"/{guard}/{kind}") for client in clients]
        assert [answer.status_code for answer in answers] == [302, 403, 200], (guard, kind)
        assert [answer.text == WORD for answer in answers] == [False, False, True]


@pytest.mark.parametrize("guard", GUARDS)
def test_az10_a_guard_above_the_route_stops_the_app(site: Site, guard: str) -> None:
    """Flask has the function without its guard by then; nobody is let in, not even elsewhere."""
    GUARDS[guard](site.app.get("/above")(VIEWS["plain"]([])))
    for path in ("/above", "/account/login"):
        with pytest.raises(SetUpError, match="above the route of 'view'"):
            site.client().get(path)


def test_az10_a_view_with_one_open_route_on_purpose_is_left_alone(site: Site) -> None:
    both, opened = VIEWS["plain"]([]), VIEWS["plain"]([])
    site.app.add_url_rule("/open", "open", both)
    site.app.add_url_rule("/closed", "closed", role_required(ROLE)(both))
    permission_required(PERMISSION)(public(opened))
    site.app.add_url_rule("/public", "public", opened)
    client = site.client()
    statuses = [client.get(path).status_code for path in ("/open", "/closed", "/public")]
    assert statuses == [200, 302, 200]


def test_az19_nobody_is_safe_to_ask(site: Site) -> None:
    """By every question that can be asked of a proxy; ``is`` asks the proxy itself."""
    seen: dict[str, Any] = {}

    def ask() -> str:
        seen.update(_questions())
        return "asked"

    site.app.add_url_rule("/ask", view_func=ask)
    client = site.client()
    assert client.get("/ask").status_code == 200
    assert seen == NOBODY
    ada = site.logged_in_client()
    ada.get("/ask")
    assert seen == SOMEBODY


def _questions() -> dict[str, Any]:
    asked = "{{ 'in' if current_user.is_authenticated else 'out' }}{{ current_user.email }}"
    return {
        "truth": bool(current_user),
        "is None": current_user is None,
        "== None": current_user == None,  # noqa: E711 - what somebody may write
        "among": current_user in {None, "somebody"},
        "authenticated": current_user.is_authenticated,
        "active": current_user.is_active,
        "anonymous": current_user.is_anonymous,
        "get_id": current_user.get_id(),
        "template": render_template_string(asked),
        "has": {
            name for name in ("email", "roles", "has_role", "id") if hasattr(current_user, name)
        },
    }


NOBODY = {
    "truth": False,
    "is None": False,
    "== None": True,
    "among": True,
    "authenticated": False,
    "active": False,
    "anonymous": True,
    "get_id": None,
    "template": "out",
    "has": set[str](),
}
SOMEBODY = {
    "truth": True,
    "is None": False,
    "== None": False,
    "among": False,
    "authenticated": True,
    "active": True,
    "anonymous": False,
    "get_id": "1",
    "template": f"in{ADA}",
    "has": {"email", "roles", "has_role", "id"},
}
