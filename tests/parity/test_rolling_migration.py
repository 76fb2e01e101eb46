"""Old nodes on Flask-Login 0.6.3 and new ones here share every cookie, request by request."""

from dataclasses import replace
from importlib import import_module
from itertools import product
from random import Random
from types import SimpleNamespace

import pytest

from tests.parity.rolling_browser import Nodes, spread
from tests.parity.rolling_nodes import Site, node_on

MODES = [None, "basic", "strong"]
JOURNEYS = [
    "login read vault plain read",
    "login cart restart read",
    "login agent read vault confirm vault",
    "login logout read login read",
    "remember restart read vault confirm vault",
    "remember restart members read logout restart read",
    "remember_week restart plain restart cart read",
    "remember agent restart read vault read",
    "remember junk read restart read login read",
    "remember login restart read read",
    "remember other_remember restart read read",
    "remember restart confirm restart vault",
    "confirm read remember logout restart read",
]
SHORT = ["login", "remember", "read", "restart", "agent", "confirm", "logout", "junk"]


@pytest.mark.parametrize("protection", MODES)
@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_ends_the_same_whichever_nodes_serve_it(
    journey: str, protection: str | None
) -> None:
    nodes = Nodes(Site(protection))
    for steps in spread(journey.split()):
        nodes.check(steps)


@pytest.mark.parametrize("protection", MODES)
@pytest.mark.parametrize(
    "site", [Site(permanent=True), Site(proxied=True)], ids=["permanent", "proxied"]
)
def test_permanent_sessions_and_proxies_make_no_difference(
    site: Site, protection: str | None
) -> None:
    nodes = Nodes(replace(site, protection=protection))
    for journey in (
        "login vault agent vault confirm vault",
        "login address vault forwarded read vault",
        "remember restart read address vault forwarded read",
    ):
        for steps in spread(journey.split()):
            nodes.check(steps)


@pytest.mark.parametrize("protection", MODES)
@pytest.mark.parametrize("journey", [one for one in JOURNEYS if "week" not in one])
def test_functions_of_flask_login_work_on_our_manager(journey: str, protection: str | None) -> None:
    """A library that still imports the original reaches the manager through the app alone."""
    site = Site(protection)
    theirs, ours = import_module("flask_login"), import_module("flask_porter")
    kit = SimpleNamespace(**vars(theirs) | {"LoginManager": ours.LoginManager})
    nodes = Nodes(site, new=node_on(kit, site))
    for steps in spread(journey.split()):
        nodes.check(steps)


@pytest.mark.parametrize("protection", MODES)
@pytest.mark.parametrize(
    "journey",
    [
        "login outage read vault outage members vault",
        "remember outage read vault",
        "remember restart outage read read confirm vault",
    ],
)
def test_an_outage_of_the_user_table_logs_nobody_out(journey: str, protection: str | None) -> None:
    nodes = Nodes(Site(protection))
    for steps in spread(journey.split()):
        nodes.check_nobody_is_worse_off(steps)


@pytest.mark.parametrize("protection", MODES)
def test_short_sequences_end_the_same_whichever_nodes_serve_them(protection: str | None) -> None:
    nodes = Nodes(Site(protection))
    for actions in Random(repr(protection)).sample([*product(SHORT, repeat=2)], 16):
        for steps in spread(["remember", *actions, "vault"]):
            nodes.check(steps)


@pytest.mark.long
@pytest.mark.parametrize("protection", MODES)
def test_every_short_sequence_ends_the_same_whichever_nodes_serve_it(
    protection: str | None,
) -> None:
    nodes = Nodes(Site(protection))
    for actions in product(SHORT, repeat=2):
        for steps in spread(["remember", *actions, "vault"]):
            nodes.check(steps)


@pytest.mark.long
@pytest.mark.parametrize("protection", MODES)
def test_every_longer_sequence_ends_the_same_whichever_nodes_serve_it(
    protection: str | None,
) -> None:
    nodes = Nodes(Site(protection))
    for start in ("login", "remember"):
        for actions in product(SHORT, repeat=3):
            for steps in spread([start, *actions, "vault", "read"]):
                nodes.check(steps)
