"""What names a thing of somebody else's is like what names nothing: AZ04.

Every name that a route takes is found by listening to the app: one that is new is tried, or said to
name nothing of anybody's, before this passes.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from werkzeug.test import TestResponse

from flask_porter.flows import change_email, devices, kept_requests, reset_password
from tests.account_site import Site
from tests.attacks.account_state import changed_tables, path_of, rows_of
from tests.attacks.asked_names import listening
from tests.attacks.well_meant import BOB, Ready, Stage

#: Names by which nothing of anybody's is asked for.
NAME_NOTHING = {
    "email": "an address that was typed, which an answer never tells to be known (E01 to E18)",
    "identifier": "the same",
    "password": "a secret",
    "new_password": "a secret",
    "remember": "a wish",
    "next": "an address on this site (RX01 to RX16)",
    "filename": "a file of ours",
    "flow": "which page",
    "again": "which text",
    "held": "which text",
    "mail": "a letter in the mailbox of the development console, which has one reader",
}
#: Where a thing is named, and what is answered to who names one that is not there.
BY_ENDPOINT = {
    "porter.end_device handle": 404,
    "porter.resume_request id": 404,
    "porter.development person": 404,
    "porter.verify_email token": 410,
    "porter.verify_email code": 401,
    "porter.reset_password token": 410,
    "porter.reset_password code": 401,
    "porter.change_email token": 410,
    "porter.change_email code": 401,
    "porter.not_me token": 410,
    "porter_api.end_device handle": 404,
    "porter_api.verify_email token": 410,
    "porter_api.verify_email code": 401,
    "porter_api.reset_password_finish token": 410,
    "porter_api.reset_password_finish code": 401,
    "porter_api.change_email_finish token": 410,
    "porter_api.change_email_finish code": 401,
    "porter_api.not_me token": 410,
}
#: Pages behind a link take its token from the session alone, never from the form.
HELD = {
    "porter.reset_password_finish token",
    "porter.reset_password_finish code",
    "porter.change_email_finish token",
    "porter.change_email_finish code",
}
#: Which request makes them ready, where that is not the route itself.
PREPARED_BY = {
    "porter.reset_password": "porter.reset_password_finish",
    "porter.change_email": "porter.change_email_finish",
}
JUNK = ("1", "0", "-1", "../1", "%00", "' OR 1=1 --", "null", "x" * 150)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_every_name_that_a_route_takes_is_tried_or_names_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = list(stage.site.app.url_map.iter_rules())
    with listening(stage.site, monkeypatch) as asked:
        for blueprint in ("porter", "porter_api"):
            for _name, ready in stage.unsafe(blueprint):
                ready.send()
        client = stage.reset().logged_in_client()
        for rule in rules:
            if "GET" in (rule.methods or ()):
                client.get(path_of(stage.site.app, rule))
    ours = {one for one in asked if one.startswith("porter")}
    taken = {one for one in ours if one.partition(" ")[2] not in NAME_NOTHING}
    assert taken == BY_ENDPOINT.keys() | HELD
    assert ours - taken


def things_of_bob(site: Site, name: str) -> list[str]:
    """Return the names of what is his, and what a look at the tables would add to them."""
    bob = site.logged_in(site.login(BOB))
    if name == "handle":
        assert bob.record is not None
        return [devices.handle_of(bob.record), bob.record.id]
    if name == "id":
        kept = site.run(kept_requests.keep, bob, path="/send", fields=[("to", "Grace")])
        return [kept.values["id"]]
    if name == "person":
        return [BOB, str(bob.user_id), "bob"]
    site.run(reset_password.ask, bob, identifier=BOB)
    site.run(change_email.ask, bob, email="bob@new.example")
    if name == "code":
        return [site.last_code(kind="reset_password"), site.last_code(kind="change_email")]
    assert site.mails
    rows = [row for row in site.rows(site.accounts.models.token) if row.user_id == bob.user_id]
    assert {row.purpose for row in rows} >= {"reset_password", "change_email"}
    return [part for row in rows for part in (str(row.id), *_spelt(row.digest))]


def _spelt(digest: bytes) -> list[str]:
    return [digest.hex(), urlsafe_b64encode(digest).decode().rstrip("=")]


def unknown(thing: str) -> str:
    """Return the like of it that is nobody's."""
    return "".join(
        "7" if letter.isdigit() else "q" if letter.isalpha() else letter for letter in thing
    )


def test_az04_what_is_somebody_elses_is_like_what_is_not_there(stage: Stage) -> None:
    for place, status in BY_ENDPOINT.items():
        endpoint, _, name = place.partition(" ")
        mine = stage.ready(PREPARED_BY.get(endpoint, endpoint))
        theirs = things_of_bob(stage.site, name)
        before = _kept(stage.site)
        for thing in theirs:
            made_up, his = (
                _seen(_ask(mine, endpoint, name, value), value) for value in (unknown(thing), thing)
            )
            assert his == made_up, (place, thing)
            assert his[0] == status, (place, thing)
            looked_at = [_look(mine, endpoint, name, value) for value in (unknown(thing), thing)]
            assert looked_at[0] == looked_at[1], (place, thing)
        for junk in JUNK:
            assert _ask(mine, endpoint, name, junk).status_code in {400, 401, 404, 410, 422}, place
        assert changed_tables(before, _kept(stage.site)) == set(), place
        # The control: what is the attacker's own is taken.
        taken = {307} if endpoint == "porter.resume_request" else {200, 303}
        assert _own(mine, endpoint).status_code in taken, place


def _ask(mine: Ready, endpoint: str, name: str, value: str) -> TestResponse:
    """Name a thing by ``value``, in the attacker's browser and in a request that is else right."""
    _forget_attempts(mine.site)
    app = mine.site.app
    rule = next(app.url_map.iter_rules(endpoint))
    if name in rule.arguments:
        path = path_of(app, rule, **{name: value})
        return mine.client.open(path, method=mine.method)
    if name == "token" and not mine.is_json:
        return _open_link(mine, endpoint, value)
    fields = {key: kept for key, kept in mine.fields.items() if key not in {"token", "code"}}
    asked = Ready(mine.site, mine.client, mine.method, path_of(app, rule), fields)
    return asked.send(fields | {name: value})


def _look(mine: Ready, endpoint: str, name: str, value: str) -> Any:
    """Look at the thing by GET, where its route has its name in the path."""
    rule = next(mine.site.app.url_map.iter_rules(endpoint))
    if name not in rule.arguments:
        return None
    return _seen(mine.client.get(path_of(mine.site.app, rule, **{name: value})), value)


def _forget_attempts(site: Site) -> None:
    """So many guesses are another subject."""
    with site.accounts.database.open_session() as session:
        session.execute(delete(site.accounts.models.throttle))
        session.commit()


def _open_link(mine: Ready, endpoint: str, token: str) -> TestResponse:
    path = path_of(mine.site.app, next(mine.site.app.url_map.iter_rules(endpoint)))
    return mine.client.get(path, query_string={"token": token}, follow_redirects=True)


def _own(mine: Ready, endpoint: str) -> TestResponse:
    if not mine.is_json and "token" in mine.fields:
        assert _open_link(mine, endpoint, mine.fields["token"]).status_code == 200
    return mine.send()


def _seen(answer: TestResponse, value: str) -> tuple[Any, ...]:
    """Return all of an answer but the nonce of its policy and what was typed."""
    lines = [f"{name}: {said}" for name, said in answer.headers if name != "Set-Cookie"]
    whole = "\n".join([*lines, answer.text])
    if len(value) > 3:
        whole = whole.replace(value, "TYPED")
    return answer.status_code, re.sub(r"nonce[-=]\"?[A-Za-z0-9+/=]+", "nonce", whole)


def _kept(site: Site) -> Any:
    """Return all rows but those that count attempts and write down what happened."""
    models = site.accounts.models
    counted = {models.audit.__tablename__, models.throttle.__tablename__}
    return {name: rows for name, rows in rows_of(site).items() if name not in counted}


def test_az04_no_get_of_ours_looks_at_somebody_else(stage: Stage) -> None:
    """Whoever it names in its query, a route that takes no name answers about who is logged in."""
    site = stage.reset()
    ada, bob = site.logged_in_client(), site.user(BOB)
    named = dict.fromkeys(("user", "user_id", "id", "account", "owner"), str(bob.id))
    named |= {"email": BOB, "identifier": BOB, "username": BOB}
    seen = 0
    for rule in site.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.arguments:
            continue
        plain, greedy = (
            ada.get(path_of(site.app, rule)),
            ada.get(path_of(site.app, rule), query_string=named),
        )
        assert BOB not in greedy.text, rule
        assert greedy.status_code == plain.status_code
        seen += "ada@" in greedy.text
    assert seen > 3
