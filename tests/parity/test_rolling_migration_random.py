"""Random walks through a site of old and new nodes, under every set-up that the cookies know."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.parity.rolling_browser import ACTIONS, Nodes, Step
from tests.parity.rolling_nodes import Site

COOKIE_SETTINGS: list[dict[str, Any]] = [
    {},
    {"REMEMBER_COOKIE_NAME": "stay", "REMEMBER_COOKIE_DURATION": 5 * 86400},
    {"REMEMBER_COOKIE_DOMAIN": "shop.test", "SESSION_COOKIE_NAME": "basket"},
    {
        "REMEMBER_COOKIE_PATH": "/shop",
        "REMEMBER_COOKIE_SECURE": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
    },
]

sites = st.builds(
    Site,
    protection=st.sampled_from(["basic", "strong", None, "unknown"]),
    secret_key=st.sampled_from(["plain", "clé", b"\x00\xff bytes"]),
    config=st.sampled_from(COOKIE_SETTINGS),
    ids=st.sampled_from([(1, 2), ("ada", "佐藤"), ("a|b", ""), (-1, "1")]),
    permanent=st.booleans(),
    proxied=st.booleans(),
)
# Of an outage 0.6.3 makes more than there is; it has a test of its own.
actions = st.sampled_from(sorted(ACTIONS - {"outage"}))
walks = st.lists(
    st.builds(Step, actions, st.sampled_from(["old", "new"])),
    min_size=2,
    max_size=14,
)


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(site=sites, steps=walks)
def test_a_random_walk_ends_the_same_whichever_nodes_serve_it(
    site: Site, steps: list[Step]
) -> None:
    Nodes(site).check(steps)


@pytest.mark.long
@settings(
    max_examples=20_000,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(site=sites, steps=walks)
def test_no_random_walk_of_many_thousands_differs(site: Site, steps: list[Step]) -> None:
    Nodes(site).check(steps)
