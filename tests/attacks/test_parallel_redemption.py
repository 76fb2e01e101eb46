"""Attack TK03: one mailed link or code, redeemed by many at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from flask_porter.errors import Refused
from flask_porter.flows import not_me, reset_password
from tests.account_site import ADA, NEW_PASSWORD, token_of
from tests.attacks.token_kinds import BY_LINK, Holder, hold_everything

AT_ONCE = 50


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def holder(request: pytest.FixtureRequest, tmp_path: Path) -> Holder:
    is_sqlite = request.param == "sqlite"
    url = None if is_sqlite else request.getfixturevalue("postgres_url")
    return hold_everything(tmp_path, url=url, PORTER_THROTTLES=False)


def at_once(attempts: list[Callable[[], object]]) -> Counter[str]:
    """Return how often each answer was given."""
    barrier = Barrier(len(attempts))

    def attempt(step: Callable[[], object]) -> str:
        barrier.wait()
        try:
            step()
        except Refused as refused:
            return refused.reason
        return "yes"

    with ThreadPoolExecutor(len(attempts)) as threads:
        return Counter(threads.map(attempt, attempts))


@pytest.mark.parametrize("purpose", sorted(BY_LINK))
def test_one_of_fifty_redeems_a_link(holder: Holder, purpose: str) -> None:
    flow, more = BY_LINK[purpose]
    given = {"token": holder.secrets[purpose], **more}
    answers = at_once([lambda: holder.run(flow, holder.here, **given)] * AT_ONCE)
    assert answers == {"yes": 1, "link_invalid": AT_ONCE - 1}


def test_one_of_fifty_exchanges_a_code(holder: Holder) -> None:
    caller, code = holder.asked["reset_password"], holder.secrets["code of reset_password"]
    answers = at_once([lambda: holder.run(reset_password.take_code, caller, code=code)] * AT_ONCE)
    assert answers["yes"] == 1
    assert set(answers) <= {"yes", "code_invalid", "link_invalid"}


def test_of_two_links_to_reset_one_sets_the_password(holder: Holder) -> None:
    """The second sees that the account is not what it was when its mail was written."""
    site = holder.site
    site.run(reset_password.ask, identifier=ADA)
    tokens = [holder.secrets["reset_password"], token_of(site.last_link(ADA, "reset_password"))]
    passwords = [NEW_PASSWORD, "another kettle on the roof"]
    steps: list[Callable[[], object]] = [
        lambda token=token, password=password: site.run(  # type: ignore[misc]
            reset_password.finish, token=token, new_password=password
        )
        for token, password in zip(tokens, passwords, strict=True)
    ]
    assert at_once(steps * 5) == {"yes": 1, "link_invalid": 9}


def test_of_a_link_and_what_takes_it_back_none_leaves_a_password(holder: Holder) -> None:
    """Whoever comes first, who has the mailbox can begin anew, and nobody else is in."""
    site = holder.site
    reset, back = holder.secrets["reset_password"], holder.secrets["not_me"]
    answers = at_once(
        [
            lambda: site.run(reset_password.finish, token=reset, new_password=NEW_PASSWORD),
            lambda: site.run(not_me.not_me, token=back),
        ]
        * 5
    )
    assert site.user().password_hash is None
    assert answers["yes"] in {1, 2}
