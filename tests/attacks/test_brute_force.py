"""Brute force and credential stuffing, at the flows: B01 to B21 and E10."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from flask_porter.authenticators.identifiers import username
from flask_porter.flows import login, verify_email
from flask_porter.flows.reauthenticate import reauthenticate
from flask_porter.flows.throttles import forgive
from tests.account_site import ADA, PASSWORD, STRANGER
from tests.attacks.guesser import IN, WRONG, WRONG_ONE, Answer, Guesser, guesser_at

BOB = "bob@example.org"


@pytest.fixture
def guesser(tmp_path: Path) -> Guesser:
    return guesser_at(tmp_path)


def told(guesser: Guesser) -> list[str]:
    """Return the limits that the audit log says were reached."""
    entries = guesser.site.rows(guesser.accounts.models.audit)
    return [entry.details["limit"] for entry in entries if "limit" in entry.details]


def test_b01_waits_grow_and_no_guess_within_one_is_looked_at(guesser: Guesser) -> None:
    assert [guesser.guess() for _ in range(5)] == [WRONG_ONE] * 5
    for wait in (30, 60, 120, 240, 480, 900, 900):
        looked_at = guesser.hasher.looked_at
        answer = guesser.guess(PASSWORD)
        assert answer == Answer("too_many_attempts", 429, wait)
        assert guesser.hasher.looked_at == looked_at
        guesser.wait_out(answer)
        assert guesser.guess() == WRONG_ONE
    assert told(guesser)[0] == "account"
    assert "authn_login_lock" in guesser.site.events()


def test_b02_no_101st_guess_is_looked_at_however_slow_and_from_however_many_addresses(
    guesser: Guesser,
) -> None:
    at_home = guesser.know_this_browser()
    guesser.hasher.shown.clear()
    for number in range(100):
        guesser.site.clock.advance(hours=25)
        assert guesser.guess(address=f"198.51.100.{number}") == WRONG_ONE
    assert guesser.hasher.looked_at == 100
    guesser.site.clock.advance(days=30)
    # The right one: refused as if it were wrong, after the same work.
    assert guesser.guess(PASSWORD) == WRONG_ONE
    assert guesser.hasher.looked_at == 100
    assert guesser.hasher.shown[-1] is False
    assert told(guesser)[-1] == "failures"
    # A year has not passed: the owner's browser is known, and its success ends it.
    assert guesser.guess(PASSWORD, known_device=at_home) == IN
    guesser.site.clock.advance(days=1)
    assert guesser.guess(PASSWORD) == IN


def test_b02_a_reset_lets_the_password_count_again(tmp_path: Path) -> None:
    guesser = guesser_at(tmp_path, PORTER_ATTEMPTS_UNTIL_DISABLED=10)
    _disable(guesser)
    with guesser.site.accounts.database.open_session() as session:
        accounts = guesser.accounts.within(session)
        forgive(accounts, STRANGER, guesser.site.user())
        session.commit()
    for step in accounts.kept.afterwards:
        step()
    assert guesser.guess(PASSWORD) == IN


def test_b02_a_mailed_code_counts_no_more_than_a_password(tmp_path: Path) -> None:
    guesser = guesser_at(tmp_path, PORTER_ATTEMPTS_UNTIL_DISABLED=10)
    guesser.site.change(guesser.site.user(), email_verified_at=None)
    _disable(guesser)
    caller, code = _ask_for_code(guesser)
    assert guesser.ask(verify_email.verify_email, caller, code=code).reason == "code_invalid"


def test_b03_own_log_ins_between_wipe_no_count(tmp_path: Path) -> None:
    guesser = guesser_at(tmp_path, PORTER_ADDRESS_ATTEMPTS_FREE=8)
    guesser.site.register("mallory@example.org")
    answers = []
    for number in range(9):
        assert guesser.guess(PASSWORD, "mallory@example.org") == IN or number == 8
        answers.append(guesser.guess(identifier=ADA if number < 5 else f"u{number}@example.org"))
    assert answers[:8] == [WRONG_ONE] * 8
    assert answers[8].status == 429
    assert guesser.guess(address="198.51.100.1").status == 429


def test_b04_all_spellings_of_an_account_share_one_count(tmp_path: Path) -> None:
    guesser = guesser_at(tmp_path, PORTER_IDENTIFIERS="both")
    guesser.site.change(
        guesser.site.user(), username="Adélaïde", username_key=username("Adélaïde").key
    )
    spelt = [ADA, "Ada@Example.ORG", f" {ADA} ", "Adélaïde", "ade\u0301lai\u0308de"]
    assert [guesser.guess(identifier=name) for name in spelt] == [WRONG_ONE] * 5
    assert guesser.hasher.looked_at == 5
    assert [guesser.guess(identifier=name).status for name in spelt] == [429] * 5


def test_b04_so_do_all_spellings_of_one_that_does_not_exist(guesser: Guesser) -> None:
    spelt = [
        "no@example.org",
        "NO@EXAMPLE.org",
        " no@example.org",
        "No@example.org ",
        "nO@eXample.org",
    ]
    assert [guesser.guess(identifier=name) for name in spelt] == [WRONG_ONE] * 5
    assert [guesser.guess(identifier=name).status for name in spelt] == [429] * 5


@pytest.mark.parametrize(
    ("spelt", "other"),
    [
        (["2001:db8:1:2::{:x}", "2001:DB8:1:2:0:0:0:{:X}"], "2001:db8:1:3::1"),
        (["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:201"], "::ffff:192.0.2.2"),
        (["192.0.2.1:1{}", "[::ffff:192.0.2.1]:2{}", "192.0.2.1"], "192.0.2.2:443"),
    ],
)
def test_b07_a_network_is_one_address_however_it_is_written(
    tmp_path: Path, spelt: list[str], other: str
) -> None:
    guesser = guesser_at(tmp_path, PORTER_ADDRESS_ATTEMPTS_FREE=6)
    for number in range(6):
        address = spelt[number % len(spelt)].format(number + 1)
        assert guesser.guess(identifier=f"u{number}@example.org", address=address) == WRONG_ONE
    for address in spelt:
        assert guesser.guess(identifier=BOB, address=address.format(999)).status == 429
    assert guesser.guess(identifier=BOB, address=other) == WRONG_ONE
    assert told(guesser) == ["address"]


def test_b08_and_b09_one_guess_at_each_account_meets_the_limit_of_all(tmp_path: Path) -> None:
    guesser = guesser_at(tmp_path, PORTER_TOTAL_ATTEMPTS_FREE=30)
    at_home = guesser.know_this_browser()
    for number in range(30):
        answer = guesser.guess(
            "Summer2026!Summer", f"u{number}@example.org", address=f"198.51.100.{number}"
        )
        assert answer == WRONG_ONE
    sprayed = guesser.guess("Summer2026!Summer", BOB, address="198.51.100.200")
    assert sprayed.status == 429
    assert told(guesser) == ["total"]
    assert "excess_rate_limit_exceeded" in guesser.site.events()
    assert guesser.guess(PASSWORD, known_device=at_home) == IN
    guesser.wait_out(sprayed)
    assert guesser.guess(PASSWORD) == IN


def test_b08_one_guess_at_each_account_from_one_address_meets_its_limit(guesser: Guesser) -> None:
    answers = [guesser.guess(identifier=f"u{number}@example.org") for number in range(51)]
    assert answers[:50] == [WRONG_ONE] * 50
    assert answers[50].status == 429
    assert answers[50].retry_after <= 3600


def test_b10_a_strangers_failures_keep_nobody_out_of_their_own_browser(guesser: Guesser) -> None:
    at_home = guesser.know_this_browser()
    for _ in range(100):
        guesser.guess()
        guesser.site.clock.advance(minutes=5)
    guesser.guess()
    assert guesser.guess(PASSWORD).status == 429
    assert guesser.guess(PASSWORD, known_device=at_home) == IN
    assert guesser.guess(PASSWORD, known_device=at_home, address="192.0.2.1") == IN


def test_b10_a_known_browser_is_known_for_its_own_user_alone(guesser: Guesser) -> None:
    guesser.site.register(BOB)
    of_bob = guesser.know_this_browser(BOB)
    for _ in range(5):
        guesser.guess()
    assert guesser.guess(PASSWORD, known_device=of_bob).status == 429


def test_a_known_browser_that_guesses_has_to_wait_too(guesser: Guesser) -> None:
    at_home = guesser.know_this_browser()
    for _ in range(5):
        assert guesser.guess(known_device=at_home) == WRONG_ONE
    assert guesser.guess(PASSWORD, known_device=at_home).status == 429
    assert guesser.guess(PASSWORD) == IN


def test_a_known_browser_that_fails_for_ever_is_known_no_more(tmp_path: Path) -> None:
    guesser = guesser_at(tmp_path, PORTER_ATTEMPTS_UNTIL_DISABLED=10)
    at_home = guesser.know_this_browser()
    guesser.hasher.shown.clear()
    for _ in range(40):
        guesser.guess(known_device=at_home)
        guesser.site.clock.advance(hours=25)
    # Its own ten, and the ten of a stranger.
    assert guesser.hasher.looked_at == 20
    assert guesser.guess(PASSWORD, known_device=at_home) == WRONG_ONE


def test_b12_all_doors_draw_on_one_budget(guesser: Guesser) -> None:
    inside = replace(STRANGER, user=guesser.site.user(), address="203.0.113.9")
    caller, _ = _ask_for_code(guesser)
    verify = verify_email.verify_email
    assert guesser.guess() == WRONG_ONE
    typed = {"identifier": ADA, "password": WRONG}
    assert guesser.ask(login.for_bearer, STRANGER, **typed) == WRONG_ONE
    assert guesser.ask(reauthenticate, inside, password=WRONG).reason == "wrong_password"
    assert guesser.ask(verify, caller, code="12345678").reason == "code_invalid"
    assert guesser.guess(surface="cli", address="") == WRONG_ONE
    assert guesser.guess(PASSWORD).status == 429
    assert guesser.ask(reauthenticate, inside, password=PASSWORD).status == 429
    assert guesser.ask(verify, caller, code="12345678").status == 429


def test_b13_a_wait_that_is_over_gives_one_guess_and_not_five(guesser: Guesser) -> None:
    for _ in range(5):
        guesser.guess()
    for _ in range(4):
        guesser.wait_out(guesser.guess())
        assert guesser.guess() == WRONG_ONE
        assert guesser.guess().status == 429


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_b14_of_many_parallel_guesses_five_are_looked_at(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else None
    guesser = guesser_at(tmp_path, url=url)
    start = Barrier(20)

    def guess(number: int) -> list[Answer]:
        start.wait()
        return [guesser.guess(address=f"198.51.100.{number}") for _ in range(3)]

    with ThreadPoolExecutor(20) as threads:
        answers = [answer for some in threads.map(guess, range(20)) for answer in some]
    assert answers.count(WRONG_ONE) == 5
    assert {answer.status for answer in answers} == {401, 429}
    assert guesser.hasher.looked_at == 5


def test_b16_a_new_code_brings_no_new_guesses(guesser: Guesser) -> None:
    guesser.site.change(guesser.site.user(), email_verified_at=None)
    for _ in range(5):
        caller, _ = _ask_for_code(guesser)
        answer = guesser.ask(verify_email.verify_email, caller, code="00000000")
        assert answer.reason == "code_invalid"
        guesser.site.clock.advance(minutes=1)
    guesser.site.clock.advance(seconds=-60)
    answer = guesser.ask(verify_email.verify_email, caller, code="00000000")
    assert answer.reason == "too_many_attempts"


def test_b17_a_flood_of_names_is_forgotten(guesser: Guesser) -> None:
    for number in range(40):
        guesser.guess(identifier=f"u{number}@example.org", address=f"198.51.100.{number}")
    guesser.site.clock.advance(hours=25)
    guesser.guess()
    left = guesser.site.ask(
        lambda accounts: accounts.kept.session.scalar(
            select(func.count()).select_from(accounts.models.throttle)
        )
    )
    assert left <= 4


def test_b17_no_key_tells_whom_somebody_tried(guesser: Guesser) -> None:
    guesser.guess(identifier="secret.name@example.org", address="198.51.100.42")
    keys = guesser.site.ask(
        lambda accounts: list(accounts.kept.session.scalars(select(accounts.models.throttle.key)))
    )
    assert len(keys) == 4
    assert not any("secret" in key or "198.51" in key or "example" in key for key in keys)


def test_b21_impatience_makes_no_wait_longer_and_retry_after_is_right(guesser: Guesser) -> None:
    for _ in range(5):
        guesser.guess()
    assert [guesser.guess(PASSWORD).retry_after for _ in range(20)] == [30] * 20
    guesser.site.clock.advance(seconds=12.75)
    answer = guesser.guess(PASSWORD)
    assert answer.retry_after == 18
    guesser.site.clock.advance(seconds=17)
    assert guesser.guess(PASSWORD).retry_after == 1
    guesser.site.clock.advance(seconds=0.25)
    assert guesser.guess(PASSWORD) == IN


def test_b21_a_guess_that_one_limit_refuses_counts_on_no_other(tmp_path: Path) -> None:
    guesser = guesser_at(tmp_path, PORTER_ADDRESS_ATTEMPTS_FREE=6, PORTER_TOTAL_ATTEMPTS_FREE=100)
    for _ in range(50):
        guesser.guess()
    assert guesser.guess(identifier=BOB) == WRONG_ONE
    assert guesser.guess(identifier="eve@example.org").status == 429


def test_refusals_do_not_flood_the_audit_log(guesser: Guesser) -> None:
    for _ in range(50):
        guesser.guess()
        guesser.site.clock.advance(seconds=0.1)
    assert told(guesser) == ["account"]


def test_e10_an_unknown_account_is_throttled_like_a_known_one(tmp_path: Path) -> None:
    guesser = guesser_at(tmp_path, PORTER_ATTEMPTS_UNTIL_DISABLED=10)
    answers: dict[str, list[Answer]] = {ADA: [], BOB: []}
    for number in range(25):
        for name, given in answers.items():
            given.append(guesser.guess(identifier=name, address=f"198.51.100.{number}"))
        if number % 3 == 2:
            guesser.site.clock.advance(seconds=45)
    assert answers[ADA] == answers[BOB]
    assert {answer.status for answer in answers[ADA]} == {401, 429}


def _disable(guesser: Guesser) -> None:
    for number in range(10):
        guesser.guess(address=f"198.51.100.{number}")
        guesser.site.clock.advance(minutes=15)
    assert guesser.hasher.looked_at == 10
    assert guesser.guess(PASSWORD) == WRONG_ONE
    guesser.site.clock.advance(minutes=15)


def _ask_for_code(guesser: Guesser) -> tuple[Any, str]:
    """Ask for a mail in a new browser; return it, and the code that was mailed."""
    asked = guesser.site.run(verify_email.ask_again, STRANGER, identifier=ADA)
    caller = replace(STRANGER, browser=asked.browser, asked_for=ADA)
    mails = [mail for mail in guesser.site.mails if mail.code is not None]
    return caller, mails[-1].code or "" if mails else ""
