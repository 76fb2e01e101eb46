"""Where a new node does better than an old one; each test first shows the fault on the old one."""

from typing import Any

import pytest

from tests.parity.rolling_browser import Browser, Step
from tests.parity.rolling_nodes import Site, node


def ends(site: Site, old_part: str, last_part: str, library: str) -> dict[str, Any]:
    """Play `old_part` on an old node and `last_part` on `library`; return what is seen last."""
    nodes = {name: node(name, site) for name in ("flask_login", "flask_porter")}
    browser = Browser(nodes, site)
    for part, where in ((old_part, "flask_login"), (last_part, library)):
        seen = [browser.take(Step(action, where)) for action in part.split()]
    assert seen[-1] is not None
    return seen[-1]


def test_a_restored_login_survives_strong_protection() -> None:
    journey = (Site("strong"), "remember restart", "read read")
    assert ends(*journey, "flask_login")["logged_in"] is False
    seen = ends(*journey, "flask_porter")
    assert (seen["user"], seen["fresh"], seen["kept_for"]) == (1, False, 365)


def test_a_login_that_a_new_node_has_restored_survives_on_strong_old_nodes() -> None:
    site = Site("strong")
    browser = Browser({name: node(f"flask_{name}", site) for name in ("login", "porter")}, site)
    steps = [("remember", "login"), ("restart", "login"), ("read", "porter"), ("read", "login")]
    seen = [browser.take(Step(action, where)) for action, where in steps]
    assert seen[-1] is not None
    assert (seen[-1]["user"], seen[-1]["fresh"]) == (1, False)


def test_a_login_does_not_leave_another_accounts_remember_cookie_behind() -> None:
    journey = (Site(), "remember", "other restart read")
    assert ends(*journey, "flask_login")["user"] == 1
    assert ends(*journey, "flask_porter")["logged_in"] is False


def test_a_login_leaves_the_same_accounts_remember_cookie_alone() -> None:
    journey = (Site(), "remember", "login restart read")
    assert ends(*journey, "flask_login")["user"] == 1
    assert ends(*journey, "flask_porter")["user"] == 1


def test_a_logout_that_clears_the_session_too_still_forgets() -> None:
    journey = (Site(logout_clears_session=True), "remember", "logout read")
    assert ends(*journey, "flask_login")["logged_in"] is True
    assert ends(*journey, "flask_porter")["logged_in"] is False


@pytest.mark.parametrize(("action", "kept_for"), [("login", None), ("remember", 365)])
def test_renewal_at_each_request_remembers_only_who_asked_for_it(
    action: str, kept_for: int | None
) -> None:
    site = Site(config={"REMEMBER_COOKIE_REFRESH_EACH_REQUEST": True})
    assert ends(site, action, "read", "flask_login")["kept_for"] == 365
    assert ends(site, "", f"{action} read", "flask_porter")["kept_for"] == kept_for


@pytest.mark.parametrize("then", ["remember", "other_remember"])
def test_the_duration_asked_for_one_cookie_is_not_given_to_the_next(then: str) -> None:
    journey = (Site(), "remember_week", then)
    assert ends(*journey, "flask_login")["kept_for"] == 7
    assert ends(*journey, "flask_porter")["kept_for"] == 365
