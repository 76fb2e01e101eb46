"""A browser is known for those who have logged in in it, for a year, and cannot say so itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from flask_porter.flows.known_devices import MOST_PEOPLE, is_known, mint_known_device
from tests.account_site import Site, make_site


def person(id: object, generation: int = 0) -> SimpleNamespace:
    return SimpleNamespace(id=id, session_generation=generation)


ADA, BOB = person(1), person(2)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def test_a_browser_is_known_for_its_user_alone(site: Site) -> None:
    token = mint_known_device(site.accounts, ADA)
    assert is_known(site.accounts, ADA, token)
    assert not is_known(site.accounts, BOB, token)
    assert not is_known(site.accounts, person(UUID(int=1)), token)


def test_no_two_browsers_have_one_token(site: Site) -> None:
    assert mint_known_device(site.accounts, ADA) != mint_known_device(site.accounts, ADA)


def test_a_browser_is_known_for_a_year(site: Site) -> None:
    token = mint_known_device(site.accounts, ADA)
    site.clock.advance(days=365, seconds=-1)
    assert is_known(site.accounts, ADA, token)
    site.clock.advance(seconds=1)
    assert not is_known(site.accounts, ADA, token)


def test_nobody_changes_a_token(site: Site) -> None:
    token = mint_known_device(site.accounts, ADA)
    device, ends_at, generation, mac = token.split(".")
    forged = [
        f"{device}.{int(ends_at) + 1}.{generation}.{mac}",
        f"{'A' * 22}.{ends_at}.{generation}.{mac}",
        f"{device}.{ends_at}.{generation}.{'A' * 43}",
        f"{device}.{ends_at}.{generation}.",
        f"{device}.{ends_at}.{mac}",
        f"{device}.{ends_at}",
        token[:-1],
        token + "\n",
        "",
        "~~~",
        "é",
        "\ud800",
        token + "~" * 2000,
    ]
    assert [is_known(site.accounts, ADA, each) for each in forged] == [False] * len(forged)
    assert not is_known(site.accounts, ADA, None)


def test_a_browser_is_known_until_whatever_ends_every_log_in(site: Site) -> None:
    token = mint_known_device(site.accounts, ADA)
    later = person(1, generation=1)
    assert not is_known(site.accounts, later, token)
    raised = token.replace(".0.", ".1.")
    assert raised != token
    assert not is_known(site.accounts, later, raised)
    again = mint_known_device(site.accounts, later, beside=token)
    assert is_known(site.accounts, later, again)
    # One that counts no more takes no place of the family's.
    assert "~" not in again


def test_nobody_has_no_known_browser(site: Site) -> None:
    token = mint_known_device(site.accounts, ADA)
    assert not is_known(site.accounts, None, token)


def test_a_token_outlives_a_change_of_the_key_while_the_old_one_counts(site: Site) -> None:
    token = mint_known_device(site.accounts, ADA)
    settings = site.accounts.settings
    other = replace(settings, secret_key=b"another key of thirty-two bytes.")
    assert not is_known(replace(site.accounts, settings=other), ADA, token)
    both = replace(other, secret_key_fallbacks=(settings.secret_key,))
    assert is_known(replace(site.accounts, settings=both), ADA, token)


def test_a_family_shares_a_browser(site: Site) -> None:
    token = mint_known_device(site.accounts, ADA)
    token = mint_known_device(site.accounts, BOB, beside=token)
    assert is_known(site.accounts, ADA, token)
    assert is_known(site.accounts, BOB, token)


def test_the_newest_stay_known_and_a_cookie_stays_small(site: Site) -> None:
    token = None
    people = [person(number) for number in range(MOST_PEOPLE + 2)]
    for each in people:
        token = mint_known_device(site.accounts, each, beside=token)
    assert token is not None
    assert len(token) < 500
    answers = [is_known(site.accounts, each, token) for each in people]
    assert answers == [False, False, *[True] * MOST_PEOPLE]


def test_a_second_token_of_somebody_takes_the_place_of_the_first(site: Site) -> None:
    token = mint_known_device(site.accounts, ADA)
    again = mint_known_device(site.accounts, ADA, beside=token)
    assert again.count("~") == 0
