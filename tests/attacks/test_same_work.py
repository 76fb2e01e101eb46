"""E04: whoever somebody names, an answer takes the same hashes, and the same SQL in its order.

All doors at which a stranger can name somebody are tried, in every state of an account. Nothing is
timed: the work is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_porter.authenticators.identifiers import username
from flask_porter.web.api.routes import ROUTES
from tests.account_site import PASSWORD, Site, make_site
from tests.attacks.equal_work import STATES, address, seen_by_stranger, with_people, work_of

WRONG = "a wrong password of fair length"
ASKER = "asker@example.net"
#: Have no account; one for the pages and one for the API.
NOBODY = ("nobod", "noone")


@dataclass(frozen=True)
class Door:
    """A flow to which a stranger names somebody."""

    flow: str
    page: str
    field: str = "identifier"
    more: tuple[tuple[str, str], ...] = ()
    hashed: tuple[str, ...] = ()
    #: Whether it is open only to somebody who has logged in.
    is_inside: bool = False
    #: Takes the code of the mail, if one may follow.
    code_page: str = ""

    def ask(self, client: FlaskClient, named: str, *, by_api: bool) -> TestResponse:
        """Name somebody at this door."""
        given = {self.field: named, **dict(self.more)}
        if by_api:
            path = next(route.path for route in ROUTES if route.name == self.flow)
            return client.post(f"/account/api{path}", json=given)
        return client.post(f"/account{self.page}", data=given)


DOORS = [
    Door("login", "/login", more=(("password", WRONG),), hashed=("verify",)),
    Door("login_bearer", "/login", more=(("password", WRONG),), hashed=("verify",)),
    Door("reset_password", "/reset-password", code_page="/reset-password"),
    Door("verify_email_again", "/verify-email/again", code_page="/verify-email"),
    Door("change_email", "/change-email", "email", is_inside=True, code_page="/change-email"),
    # The last one, since it makes somebody of nobody.
    Door(
        "register",
        "/register",
        "email",
        (("password", PASSWORD),),
        ("hash",),
        code_page="/verify-email",
    ),
]


def test_e04_every_row_that_names_somebody_is_one_of_the_doors() -> None:
    naming = [route.name for route in ROUTES if {"identifier", "email"} & _fields(route.flow)]
    assert sorted(naming) == sorted(door.flow for door in DOORS)


def _fields(flow: Any) -> set[str]:
    return set(flow.model.model_fields)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.flow)
def test_e04_each_door_is_the_same_work_whoever_it_names(tmp_path: Path, door: Door) -> None:
    _same_for_all(with_people(make_site(tmp_path)), door)


def test_e04_so_it_is_where_they_are_named_by_username(tmp_path: Path) -> None:
    site = with_people(make_site(tmp_path, PORTER_IDENTIFIERS="both"))
    for state in STATES:
        values = {"username": _username(state), "username_key": username(_username(state)).key}
        site.change(site.user(address(state)), **values)
    assert log_in(site.client(), _username("plain"), PASSWORD).status_code == 303
    for door in DOORS:
        if door.field == "identifier":
            _same_for_all(site, door, _username)


def log_in(client: FlaskClient, identifier: str, password: str) -> TestResponse:
    return client.post("/account/login", data={"identifier": identifier, "password": password})


def _username(state: str) -> str:
    return f"{state}-name"


@pytest.mark.postgres
def test_e04_so_it_is_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    site = with_people(make_site(tmp_path, url=postgres_url))
    for door in DOORS:
        _same_for_all(site, door)


@pytest.mark.parametrize("door", [door for door in DOORS if door.code_page], ids=lambda x: x.flow)
def test_e04_so_is_a_wrong_code_after_it(tmp_path: Path, door: Door) -> None:
    """In the browser that has asked, once the mail has gone out to whoever gets one."""
    site = with_people(make_site(tmp_path))
    first = None
    for state in (NOBODY[0], *STATES):
        site.clock.advance(hours=1)
        client = _logged_in(site) if door.is_inside else site.client()
        door.ask(client, address(state), by_api=False)
        assert site.mails is not None
        with work_of(site) as (hashed, spoken):
            answer = client.post(f"/account{door.code_page}", data={"code": "12345678"})
        assert answer.status_code == 401
        assert len(spoken) > 3
        seen = seen_by_stranger(answer, address(state)), hashed, spoken
        first = first or seen
        assert seen == first, state


def _same_for_all(site: Site, door: Door, name: Callable[[str], str] = address) -> None:
    for by_api in (False, True):
        first = None
        for state in (NOBODY[by_api], *STATES):
            site.clock.advance(hours=1)
            seen = _asked(site, door, name(state), by_api=by_api)
            first = first or seen
            assert seen == first, state


def _asked(site: Site, door: Door, named: str, *, by_api: bool) -> tuple[Any, ...]:
    client = _logged_in(site) if door.is_inside else site.client()
    with work_of(site) as (hashed, spoken):
        answer = door.ask(client, named, by_api=by_api)
    assert answer.status_code < 500
    assert tuple(hashed) == door.hashed
    assert len(spoken) > 3
    return seen_by_stranger(answer, named), [_neither_way(one) for one in spoken]


def _logged_in(site: Site) -> FlaskClient:
    if site.user(ASKER) is None:
        site.register(ASKER)
    return site.logged_in_client(ASKER)


def _neither_way(statement: str) -> str:
    """Return the end of a savepoint as that, whether what is done in it is kept or taken back."""
    for end in ("RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT"):
        statement = statement.replace(end, "END OF SAVEPOINT")
    return statement
