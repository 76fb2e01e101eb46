"""Attack LG04: each event of a life, good or bad, says who, when, from where, what and how."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from flask_porter import role_required
from flask_porter.flows import audit_log, users, waiting_mail
from flask_porter.flows.caller import Caller
from flask_porter.flows.deliver_mail import deliver
from flask_porter.flows.events import LEVELS, Event, account_event
from flask_porter.outbound.messages import MailFailed
from tests.account_site import ADA, PASSWORD, Site, token_of
from tests.attacks.account_life import HTTPS, WRONG, Life, live, production_site

ADDRESS, BROWSER = "192.0.2.7", "Mozilla/5.0 (X11; Linux) Firefox/130.0"
OPERATOR = Caller("cli")
#: A refusal is a failure of somebody; nobody may be known by what was typed.
FAILURES = {
    "authn_login_fail",
    "authn_password_change_fail",
    "authn_reauthenticate_fail",
    "authn_token_reuse",
    "authz_fail",
    "input_validation_fail",
    "malicious_csrf",
}
#: About nobody: what was tried is not known to be anybody's.
NOBODY = {
    "authn_login_fail",
    "authn_login_lock",
    "excess_rate_limit_exceeded",
    "malicious_csrf",
    "sensitive_delete",
}
#: Somebody has proven who they are, or has not, by some way.
PROOFS = {
    "authn_password_change",
    "authn_reauthenticate_fail",
    "authn_reauthenticate_success",
}
#: Of whole tables or roles, and so of no user.
OF_OPERATORS = {"authz_admin", "authz_change", "sensitive_delete"}


def misfortunes(life: Life) -> None:
    """Have everything refused that can be, and what goes wrong by itself."""
    site = life.site
    site.register()
    life.log_in(ADA, PASSWORD)
    assert life.client.get("/staff", **HTTPS).status_code == 403
    life.post("/account/logout", 303)
    wrong = {"identifier": ADA, "password": WRONG}
    for _ in range(8):
        life.client.post("/account/login", data=wrong, **HTTPS)
        life.client.post("/account/api/login", json={**wrong, "identifier": "nobody"}, **HTTPS)
    life.post("/account/register", 303, email=ADA, password=PASSWORD)
    for _ in range(9):
        life.client.post("/account/reset-password", data={"identifier": ADA}, **HTTPS)
    spent = token_of(site.last_link(ADA))
    for _ in range(2):
        given = {"token": spent, "new_password": PASSWORD[::-1]}
        life.client.post("/account/api/reset-password/finish", json=given, **HTTPS)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    life.client.post("/account/login", headers=elsewhere, **HTTPS)
    rooms = site.app.extensions["porter"]
    broken = replace(rooms.accounts, mailer=Refusing())
    with site.app.app_context():
        assert deliver(broken).failed
    stuck = max(site.rows(site.accounts.models.outbox), key=lambda row: bool(row.failed_at)).id
    site.run(waiting_mail.retry_mail, OPERATOR, mail=stuck)
    site.run(users.delete, OPERATOR, user=ADA)


class Refusing:
    """A mail server that refuses each mail for good."""

    def send(self, message: Any) -> None:
        raise MailFailed("550 no such person", temporary=False)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """Return each event of a whole life, as the app is told of it."""
    life = Life(production_site(tmp_path_factory.mktemp("events")), HTTPS)
    life.client.environ_base |= {"REMOTE_ADDR": ADDRESS, "HTTP_USER_AGENT": BROWSER}
    life.site.app.add_url_rule("/staff", "staff", role_required("staff")(lambda: "in"))
    told: list[Event] = []

    def note(_app: Any, event: Event) -> None:
        told.append(event)

    with account_event.connected_to(note, life.site.app):
        live(life)
        misfortunes(life)
        _are_kept(life.site, told)
        life.site.clock.advance(days=366)
        life.site.run(audit_log.purge, OPERATOR)
    return told


def _are_kept(site: Site, told: list[Event]) -> None:
    """The log has them all, but for what a stranger could fill it with."""
    kept = site.rows(site.accounts.models.audit)
    expected = [event for event in told if event.name != "malicious_csrf"]
    for row, event in zip(kept, expected, strict=True):
        assert (row.event, row.at, row.level) == (event.name, event.at, event.level)
        assert (row.address, row.user_agent) == (event.address, event.user_agent)
        assert (row.surface, row.actor) == (event.surface, event.actor)
        assert (row.session_id, row.details) == (event.session_id, dict(event.details))


def test_lg04_every_event_that_there_is_has_happened(events: list[Event]) -> None:
    assert {event.name for event in events} == set(LEVELS)
    assert {event.surface for event in events} == {"pages", "api", "app", "cli", "python"}


def test_lg04_each_says_who_when_from_where_what_and_how(events: list[Event]) -> None:
    for event in events:
        assert event.at.tzinfo is UTC, event
        assert event.level == LEVELS[event.name]
        if event.surface in {"pages", "api", "app"}:
            assert (event.address, event.user_agent) == (ADDRESS, BROWSER), event
            assert event.actor == "", event
            assert event.user_id is not None or event.name in NOBODY, event
        else:
            assert event.actor == event.surface, event
            assert event.user_id is not None or event.name in OF_OPERATORS, event


def test_lg04_a_failure_says_why_and_a_log_in_by_what(events: list[Event]) -> None:
    for event in events:
        if event.name in FAILURES:
            assert event.details["reason"], event
        if event.name in {"authn_login_success", "session_created"}:
            assert event.details["pathway"] == "password", event
        if event.name in PROOFS:
            assert event.details["pathway"] in {"password", "mail"}, event
        if event.name in {"authn_login_lock", "excess_rate_limit_exceeded"}:
            assert event.details["limit"], event


def test_lg04_what_was_done_in_a_log_in_names_its_record(events: list[Event]) -> None:
    inside = {
        "authz_fail",
        "sensitive_read",
        "authn_password_change_fail",
        "authn_reauthenticate_success",
    }
    named = [event for event in events if event.name in inside]
    assert named
    assert all(len(event.session_id) == 12 for event in named)
