"""The audit log keeps what happened for as long as the app says, and no longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_porter.errors import Refused
from flask_porter.flows import audit_log, login
from flask_porter.flows.caller import Caller
from tests.account_site import ADA, PASSWORD, STRANGER, Site, make_site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path, PORTER_AUDIT_RETENTION=30 * 24 * 3600)
    made.register()
    made.run(login.with_password, STRANGER, identifier=ADA, password=PASSWORD)
    return made


def test_the_thread_that_delivers_mail_removes_what_is_over(site: Site) -> None:
    thread = site.app.extensions["porter"].mail_thread
    site.clock.advance(days=29)
    thread._deliver()
    assert len(site.events()) == 2
    assert site.rows(site.accounts.models.session) == []


def test_entries_older_than_the_retention_are_removed(site: Site) -> None:
    site.clock.advance(days=30, seconds=1)
    done = site.run(audit_log.purge, Caller("cli"))
    assert done.values["audit"] == 2
    assert site.events() == ["sensitive_delete"]
    assert site.rows(site.accounts.models.audit)[0].details == {"what": "audit_log", "count": 2}


def test_only_an_operator_reads_or_purges_the_log(site: Site) -> None:
    with pytest.raises(Refused, match="operators_only"):
        site.run(audit_log.show, STRANGER)
    with pytest.raises(Refused, match="operators_only"):
        site.run(audit_log.purge, STRANGER)
