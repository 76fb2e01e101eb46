"""Each check of the doctor finds what it is there for, and nothing in an app well set up."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flask_porter.cli.checklist import Facts, findings, how_many_checks
from tests.settings.configurations import development, production

GOOD = Facts(
    settings=production(
        PORTER_BASE_URL="https://shop.test", PORTER_MAIL_URL="smtps://us:them@mail.test"
    ),
    sends_hsts=True,
)

BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("debug", "wrong", {"debug": True}),
    ("cookie", "wrong", {"cookie_is_secure": False}),
    ("cookie", "wrong", {"cookie_is_http_only": False}),
    ("cookie", "wrong", {"cookie_same_site": None}),
    ("cookie", "wrong", {"cookie_same_site": "None"}),
    ("cookie_host", "advice", {"cookie_domain": ".shop.test"}),
    ("cookie_host", "advice", {"cookie_name": "session"}),
    ("trusted_hosts", "advice", {"has_trusted_hosts": False}),
    ("proxy", "advice", {"has_proxy_fix": False}),
    ("hsts", "advice", {"sends_hsts": False}),
    ("mail_stuck", "wrong", {"mails_stuck": 2}),
    ("schema", "wrong", {"schema": "none"}),
    ("schema", "wrong", {"schema": "behind"}),
    ("schema", "wrong", {"schema": "ahead"}),
    ("audit_log", "wrong", {"keeps_audit_log": False}),
    ("memory", "wrong", {"kept_in_memory": ("attempts",)}),
]

BADLY_SET: list[tuple[str, str, dict[str, Any]]] = [
    ("throttles", "wrong", {"throttles": False}),
    ("password_length", "wrong", {"password_min_length": 14}),
    ("reveal_existing", "advice", {"reveal_existing": True}),
    ("require_verified", "advice", {"require_verified": False}),
    ("session_limits", "advice", {"idle_timeout": None}),
    ("session_limits", "advice", {"idle_timeout": timedelta(hours=2)}),
    ("session_limits", "advice", {"absolute_timeout": timedelta(days=2)}),
    ("base_url", "wrong", {"base_url": None}),
    ("https", "wrong", {"base_url": "http://shop.test"}),
    ("secret_key", "wrong", {"secret_key": b"dev"}),
    ("secret_key", "wrong", {"secret_key_fallbacks": (b"dev",)}),
    ("mail", "wrong", {"mail_url": "mailbox:"}),
    ("mail", "wrong", {"mail_url": "console:"}),
    ("mail", "wrong", {"mail_url": "smtp://mail.test?starttls=never"}),
    ("mail_from", "wrong", {"mail_from": None}),
    ("mail_from", "wrong", {"mail_from": "Shop <no-reply@localhost>"}),
]

LEVELS = {check: level for check, level, _ in (*BAD, *BADLY_SET)}
LEVELS |= {"mode": "advice", "mail_waiting": "advice"}


def test_an_app_that_is_well_set_up_has_no_findings() -> None:
    assert findings(GOOD) == []


@pytest.mark.parametrize(("check", "level", "facts"), BAD)
def test_a_bad_fact_is_found(check: str, level: str, facts: dict[str, Any]) -> None:
    [finding] = findings(replace(GOOD, **facts))
    assert (finding.check, finding.level) == (check, level)
    assert finding.what.endswith(".")
    assert finding.fix


@pytest.mark.parametrize(("check", "level", "values"), BADLY_SET)
def test_a_bad_setting_is_found(check: str, level: str, values: dict[str, Any]) -> None:
    [finding] = findings(replace(GOOD, settings=replace(GOOD.settings, **values)))
    assert (finding.check, finding.level) == (check, level)
    assert finding.fix


def test_without_a_mailer_no_mail_is_wrong() -> None:
    without_url = replace(GOOD, settings=replace(GOOD.settings, mail_url=None))
    assert findings(without_url) == []
    [finding] = findings(replace(without_url, has_mailer=False))
    assert finding.check == "mail"


def test_mail_that_waits_is_told_where_no_thread_delivers_it() -> None:
    waiting = replace(GOOD, mails_waiting=3)
    assert findings(waiting) == []
    manual = replace(GOOD.settings, mail_delivery="manual")
    [finding] = findings(replace(waiting, settings=manual))
    assert (finding.check, finding.level) == ("mail_waiting", "advice")


def test_an_app_that_migrates_itself_is_told_its_own_command() -> None:
    for schema, command in (("none", "flask db upgrade"), ("behind", "flask db migrate")):
        [finding] = findings(replace(GOOD, schema=schema, migrates_itself=True))
        assert command in finding.fix
        [finding] = findings(replace(GOOD, schema=schema))
        assert finding.fix == "Run: flask porter database upgrade"


def test_tables_that_the_start_makes_are_no_finding() -> None:
    makes_them = replace(GOOD, settings=replace(GOOD.settings, database_at_start=True))
    assert findings(replace(makes_them, schema="none")) == []
    assert findings(replace(makes_them, schema="behind")) == []
    assert len(findings(replace(makes_them, schema="ahead"))) == 1
    assert len(findings(replace(makes_them, schema="none", migrates_itself=True))) == 1


def test_what_is_wrong_comes_first() -> None:
    found = findings(replace(GOOD, has_proxy_fix=False, debug=True, mails_stuck=1))
    assert [finding.level for finding in found] == ["wrong", "wrong", "advice"]


def test_what_production_alone_needs_is_advice_in_development() -> None:
    facts = Facts(
        settings=development(SECRET_KEY="dev", PORTER_PASSWORD_MIN_LENGTH=8),
        debug=True,
        cookie_is_secure=False,
        has_mailer=False,
    )
    found = {finding.check: finding.level for finding in findings(facts)}
    assert found.pop("password_length") == "wrong"
    assert {"mode", "debug", "cookie", "mail", "mail_from", "base_url", "secret_key"} <= set(found)
    assert set(found.values()) == {"advice"}


def test_each_check_has_been_seen_to_fail() -> None:
    seen = set(LEVELS)
    # One check may find several things: the address and HTTPS, the queue, the cookie.
    assert len(seen - {"https", "mail_waiting", "cookie_host"}) == how_many_checks()


def test_the_reference_names_each_check_with_its_level() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "doctor.md").read_text()
    assert dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", page, re.MULTILINE)) == LEVELS
