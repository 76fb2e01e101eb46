"""Attacks TK01 to TK26 on what is mailed: the links and codes that prove a mailbox."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flask_porter.errors import InvalidInput, Refused, TooManyAttempts
from flask_porter.flows import reset_password
from flask_porter.flows.caller import Caller
from flask_porter.flows.users import create
from tests.account_site import (
    ADA,
    NEW_PASSWORD,
    PASSWORD,
    Site,
    token_of,
)
from tests.attacks.token_kinds import BY_LINK, CONSUMERS, Holder, hold_everything

SCANNER = "Mozilla/5.0 (compatible; MailScanner/5.4; +https://scanner.example)"
PAGES = {
    "verify_email": "/account/verify-email",
    "reset_password": "/account/reset-password",
    "change_email": "/account/change-email",
    "not_me": "/account/not-me",
}


@pytest.fixture(scope="module")
def holder(tmp_path_factory: pytest.TempPathFactory) -> Holder:
    """Return what no test uses up."""
    return hold_everything(tmp_path_factory.mktemp("site"), PORTER_THROTTLES=False)


@pytest.fixture
def own(tmp_path: Path) -> Holder:
    return hold_everything(tmp_path, PORTER_THROTTLES=False)


def redeem(holder: Holder, purpose: str, token: str) -> None:
    flow, more = BY_LINK[purpose]
    holder.run(flow, holder.here, token=token, **more)


@pytest.mark.parametrize("consumer", sorted(CONSUMERS))
def test_only_the_consumer_that_a_secret_is_for_takes_it(holder: Holder, consumer: str) -> None:
    """TK07."""
    taken = {name for name, secret in holder.secrets.items() if holder.takes(consumer, secret)}
    assert taken == {consumer}


def test_the_matrix_has_every_purpose_of_a_token(holder: Holder) -> None:
    purposes = {row.purpose for row in holder.site.rows(holder.site.accounts.models.token)}
    assert purposes == set(BY_LINK) <= set(CONSUMERS)


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
def test_a_link_works_once(own: Holder, purpose: str) -> None:
    """TK02."""
    redeem(own, purpose, own.secrets[purpose])
    with pytest.raises(Refused, match="link_invalid"):
        redeem(own, purpose, own.secrets[purpose])


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
def test_a_link_that_is_used_again_leaves_an_entry(own: Holder, purpose: str) -> None:
    """TK02. One that never was leaves none: a stranger must not fill the log."""
    redeem(own, purpose, own.secrets[purpose])
    for token in ("a" * 43, own.secrets[purpose]):
        with pytest.raises(Refused, match="link_invalid"):
            redeem(own, purpose, token)
    audit = own.site.rows(own.site.accounts.models.audit)
    [entry] = [row for row in audit if row.event == "authn_token_reuse"]
    assert (entry.user_id, entry.level) == (str(own.here.user_id), "CRITICAL")
    assert entry.details == {"purpose": purpose, "reason": "link_invalid"}


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_link_ends_at_its_moment(holder: Holder, purpose: str, seconds: int) -> None:
    """TK04."""
    settings = holder.site.accounts.settings
    lasts = {
        "verify_email": settings.verify_ttl,
        "reset_password": settings.reset_ttl,
        "change_email": settings.change_email_ttl,
        "not_me": settings.not_me_ttl,
    }
    before = holder.site.clock.now
    holder.site.clock.now += lasts[purpose] + timedelta(seconds=seconds)
    try:
        assert holder.takes(purpose, holder.secrets[purpose]) is (seconds < 0)
    finally:
        holder.site.clock.now = before


@pytest.mark.parametrize("kind", ["verify_email", "reset_password", "change_email"])
@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_code_ends_after_ten_minutes(holder: Holder, kind: str, seconds: int) -> None:
    """TK04; NIST SP 800-63B-4 section 3.1.3.2."""
    before = holder.site.clock.now
    holder.site.clock.now += timedelta(minutes=10, seconds=seconds)
    try:
        taken = holder.takes(f"code of {kind}", holder.secrets[f"code of {kind}"])
        assert taken is (seconds < 0)
    finally:
        holder.site.clock.now = before


@pytest.mark.parametrize("kind", ["verify_email", "reset_password", "change_email"])
def test_a_code_is_worth_nothing_without_its_browser(holder: Holder, kind: str) -> None:
    flow, more = BY_LINK[kind]
    for browser in (None, "another secret"):
        caller = Caller("pages", browser=browser, asked_for=ADA, user=holder.here.user)
        with pytest.raises(Refused, match="code_invalid"):
            holder.run(flow, caller, code=holder.secrets[f"code of {kind}"], **more)


@pytest.mark.parametrize("purpose", ["verify_email", "reset_password", "change_email"])
@pytest.mark.parametrize("change", ["disabled_at", "session_generation"])
def test_a_link_dies_with_what_it_was_mailed_for(own: Holder, purpose: str, change: str) -> None:
    """TK06, TK22: a change of password or address begins a generation."""
    value: Any = own.site.clock() if change == "disabled_at" else 1
    own.site.change(own.site.user(), **{change: value})
    assert not own.takes(purpose, own.secrets[purpose])
    assert not own.takes(f"code of {purpose}", own.secrets[f"code of {purpose}"])


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
@pytest.mark.parametrize(
    "token", [" ", "null", "undefined", "0", "%00", "None", "a" * 43, "a" * 200, "\N{SNOWMAN}"]
)
def test_what_is_no_token_finds_no_row(holder: Holder, purpose: str, token: str) -> None:
    """TK09."""
    with pytest.raises(Refused, match="link_invalid"):
        redeem(holder, purpose, token)


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
@pytest.mark.parametrize("token", ["", "a" * 201, "\x00", "a\nb", None, [], ["x"], {"x": 1}])
def test_what_cannot_be_a_token_is_not_even_looked_for(
    holder: Holder, purpose: str, token: Any
) -> None:
    """TK09."""
    with pytest.raises(InvalidInput):
        redeem(holder, purpose, token)


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
@pytest.mark.parametrize("field", ["user_id", "uid", "email", "user"])
def test_the_token_alone_says_whom_it_is_about(own: Holder, purpose: str, field: str) -> None:
    """TK08: an unknown field is refused by a program, and dropped from a form."""
    bob = own.site.register("bob@example.org")
    flow, more = BY_LINK[purpose]
    given = {"token": own.secrets[purpose], field: str(bob.id), **more}
    with pytest.raises(InvalidInput):
        own.run(flow, own.here, **given)
    client = own.site.client()
    client.get(PAGES[purpose], query_string={"token": own.secrets[purpose]})
    client.post(PAGES[purpose], data={field: "bob@example.org", "password": PASSWORD, **more})
    client.post(f"{PAGES[purpose]}/new", data={field: str(bob.id), **more})
    untouched = own.site.user("bob@example.org")
    assert untouched.password_hash == bob.password_hash
    assert untouched.session_generation == 0


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
def test_looking_at_a_link_uses_nothing_up(own: Holder, purpose: str) -> None:
    """TK13."""
    token = own.secrets[purpose]
    for method in ("GET", "HEAD") * 5:
        scanner = own.site.client(HTTP_USER_AGENT=SCANNER)
        first = scanner.open(PAGES[purpose], method=method, query_string={"token": token})
        assert first.status_code == 303
        scanner.open(first.location, method=method)
    redeem(own, purpose, token)


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
def test_a_link_leaves_the_address_at_once(holder: Holder, purpose: str) -> None:
    """TK12."""
    client = holder.site.client()
    token = holder.secrets[purpose]
    first = client.get(PAGES[purpose], query_string={"token": token})
    page = client.get(first.location)
    assert page.status_code == 200
    for answer in (first, page):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert token not in answer.text + str(answer.location)
    assert re.findall(r"(?:src|href|action)=\"(?:https?:)?//[^\"]*", page.text) == []


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
def test_random_tokens_are_slowed_down(tmp_path: Path, purpose: str) -> None:
    """TK24."""
    own = hold_everything(tmp_path, PORTER_ADDRESS_ATTEMPTS_FREE=5)
    for number in range(5):
        with pytest.raises(Refused, match="link_invalid"):
            redeem(own, purpose, f"{number:043}")
    with pytest.raises(TooManyAttempts):
        redeem(own, purpose, own.secrets[purpose])


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Forwarded-Proto", "X-Original-Host"]
)
def test_no_header_gets_into_a_link(site: Site, header: str) -> None:
    """TK10."""
    value = {"Forwarded": "host=evil.example;proto=gopher"}.get(header, "evil.example")
    client = site.client(HTTP_SEC_FETCH_SITE="same-origin")
    client.post("/account/reset-password", data={"identifier": ADA}, headers={header: value})
    mail = site.last_mail(ADA)
    assert str(mail.link).startswith("http://localhost/account/reset-password?token=")
    assert "evil" not in mail.text + mail.html


def test_nothing_of_a_reset_is_in_a_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """TK25, LG: neither in ours nor in that of SQLAlchemy, with all that it tells."""
    caplog.set_level("DEBUG")
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "flask_porter"):
        caplog.set_level("DEBUG", name)
    client = site.client()
    client.post("/account/reset-password", data={"identifier": ADA})
    token, code = token_of(site.last_link()), site.last_code()
    client.post("/account/reset-password", data={"code": code})
    client.post("/account/reset-password/new", data={"new_password": NEW_PASSWORD})
    site.run(reset_password.ask, identifier=ADA)
    other = token_of(site.last_link(kind="reset_password"))
    site.run(reset_password.finish, token=other, new_password=PASSWORD)
    assert "INSERT INTO porter_tokens" in caplog.text
    for secret in (token, other, code, NEW_PASSWORD, PASSWORD):
        assert secret not in caplog.text


def test_no_row_holds_what_opens_something(holder: Holder) -> None:
    """TK01: whoever reads the tables can use nothing."""
    models = holder.site.accounts.models
    kept = "".join(
        repr({name: value for name, value in vars(row).items() if name[0] != "_"})
        for model in (models.token, models.outbox, models.audit, models.session, models.user)
        for row in holder.site.rows(model)
    )
    ids = {"id of a record"}
    assert [n for n, secret in holder.secrets.items() if secret in kept and n not in ids] == []


def test_a_mailed_token_is_of_256_bits(holder: Holder) -> None:
    """TK01; the tokens of 20 mails are compared with each other where mail is tried."""
    for purpose in BY_LINK:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", holder.secrets[purpose])


@pytest.mark.parametrize("attack", ["twice", "too late", "another address", "disabled"])
def test_an_invitation_is_for_the_invited(site: Site, attack: str) -> None:
    """TK26."""
    site.run(create, Caller("cli"), email="guest@example.org")
    token = token_of(site.last_link("guest@example.org"))
    given = {"token": token, "new_password": NEW_PASSWORD}
    guest = site.user("guest@example.org")
    if attack == "twice":
        site.run(reset_password.finish, **given)
    elif attack == "too late":
        site.clock.now += site.accounts.settings.verify_ttl
    elif attack == "another address":
        site.change(guest, email="other@example.org", email_key="other@example.org")
    else:
        site.change(guest, disabled_at=site.clock())
    with pytest.raises(Refused, match="link_invalid"):
        site.run(reset_password.finish, **given)


def test_an_invitation_opened_in_the_log_in_of_another_is_not_theirs(site: Site) -> None:
    """TK26."""
    site.run(create, Caller("cli"), email="guest@example.org")
    token = token_of(site.last_link("guest@example.org"))
    ada = site.login()
    given = {"token": token, "new_password": NEW_PASSWORD}
    site.run(reset_password.finish, site.logged_in(ada), **given)
    assert site.is_alive(ada)
    assert site.is_alive(site.login())
    assert site.is_alive(site.login("guest@example.org", NEW_PASSWORD))


def test_a_stranger_who_opens_a_link_is_logged_in_by_none_of_them(own: Holder) -> None:
    """TK15, CS-FP2."""
    for purpose, path in PAGES.items():
        client = own.site.client()
        client.get(path, query_string={"token": own.secrets[purpose]})
        data = {"password": PASSWORD, "new_password": NEW_PASSWORD}
        for page in (path, f"{path}/new", f"{path}/confirm"):
            client.post(page, data=data)
        assert client.get("/account/").status_code == 302
    assert own.site.user().password_hash is None, "the last link has done its work"
