"""Whose form of the client identifier a new node writes and accepts: `legacy_identifier`."""

from typing import Any

import pytest

from tests.parity.rolling_browser import ADDRESSES, Browser, Step, nobody_is_worse_off, play, spread
from tests.parity.rolling_nodes import Site, main_identifier, node

# Of address 1.2.3.4 and user agent "UA".
MAIN = (
    "71dc221b30f010587f39a2932bce57311852fe69ac7f57942ac088a902d22842"
    "137c74f39e38696391986fbe1af6b35f042f2aeed3dcd1cbffe1e119d497320e"
)
RELEASED = (
    "8ea538957e626c21c713927f1b3af5716a0740f814e29fc18fa337b817bd5d49"
    "d23930dd35d8a9205a442efc8aea0c9dc9e03e561ce24cca405dab11d8fcd4e4"
)
LEGACY: list[str | None] = ["0.6", "main", None]
PROTECTED = ["basic", "strong"]
JOURNEYS = [
    "login read vault plain vault",
    "login agent read vault confirm vault",
    "login address read vault",
    "remember restart confirm confirm vault logout read",
    "remember restart agent confirm confirm vault",
]


def new_node(site: Site, legacy: str | None) -> Any:
    return node("flask_porter", site, legacy_identifier=legacy)


def main_node(site: Site) -> Any:
    """Build a node that runs Flask-Login's main branch, as far as the identifier goes."""
    return node("flask_login", site, _session_identifier_generator=main_identifier)


def nodes_of(site: Site, legacy: str | None) -> dict[str, Any]:
    return {
        "new": new_node(site, legacy),
        "released": node("flask_login", site),
        "main": main_node(site),
    }


def take(browser: Browser, actions: str, where: str) -> dict[str, Any]:
    shown = [browser.take(Step(action, where)) for action in actions.split()]
    assert shown[-1] is not None
    return shown[-1]


@pytest.mark.parametrize(("legacy", "text"), [("0.6", RELEASED), ("main", MAIN), (None, MAIN)])
def test_the_identifier_is_written_in_the_form_that_was_chosen(
    legacy: str | None, text: str
) -> None:
    app: Any = new_node(Site(), legacy)
    with app.test_request_context(
        environ_overrides={"REMOTE_ADDR": "1.2.3.4", "HTTP_USER_AGENT": "UA"}
    ):
        assert app.login_manager._session_identifier_generator() == text


def test_the_form_of_the_release_is_the_default() -> None:
    app: Any = node("flask_porter", Site())
    assert app.login_manager.legacy_identifier == "0.6"


@pytest.mark.parametrize(
    "headers", [{}, {"X-Forwarded-For": ""}, {"X-Forwarded-For": " 9.9.9.9 , 1"}]
)
@pytest.mark.parametrize("agent", ["UA", "", None, "Ünï"])
@pytest.mark.parametrize("address", ["1.2.3.4", "::1", None])
def test_odd_clients_get_the_identifier_that_each_form_gives_them(
    address: str | None, agent: str | None, headers: dict[str, str]
) -> None:
    environ: dict[str, Any] = {"REMOTE_ADDR": address, "HTTP_USER_AGENT": agent}
    nodes = nodes_of(Site(), "0.6") | {"newest": new_node(Site(), None)}
    seen = {}
    for name, app in nodes.items():
        with app.test_request_context(headers=headers) as context:
            context.request.environ.update(environ)
            for key, value in environ.items():
                if value is None:
                    del context.request.environ[key]
            seen[name] = app.login_manager._session_identifier_generator()
    assert seen["new"] == seen["released"]
    assert seen["newest"] == seen["main"]


@pytest.mark.parametrize("protection", PROTECTED)
def test_a_session_of_a_new_node_is_accepted_by_old_ones(protection: str) -> None:
    site = Site(protection)
    for legacy, old in (("0.6", "released"), ("main", "main"), (None, "main")):
        browser = Browser(nodes_of(site, legacy), site)
        take(browser, "login", "new")
        assert take(browser, "vault", old)["status"] == 200


@pytest.mark.parametrize("protection", PROTECTED)
@pytest.mark.parametrize("old", ["released", "main"])
@pytest.mark.parametrize("legacy", ["0.6", "main"])
def test_a_session_of_an_old_node_stays_fresh_on_a_new_one(
    legacy: str, old: str, protection: str
) -> None:
    site = Site(protection)
    browser = Browser(nodes_of(site, legacy), site)
    take(browser, "login", old)
    assert take(browser, "read vault", "new")["status"] == 200


@pytest.mark.parametrize("protection", PROTECTED)
@pytest.mark.parametrize("old", ["released", "main"])
def test_nothing_is_rewritten_while_nodes_of_the_release_live(old: str, protection: str) -> None:
    site = Site(protection)
    browser = Browser(nodes_of(site, "0.6"), site)
    take(browser, "login", old)
    before = browser.cookie("session")
    take(browser, "vault", "new")
    assert browser.cookie("session") == before
    assert take(browser, "vault", old)["status"] == 200


@pytest.mark.parametrize("protection", PROTECTED)
def test_beside_main_a_session_of_the_release_is_rewritten_at_its_first_match(
    protection: str,
) -> None:
    site = Site(protection)
    browser = Browser(nodes_of(site, "main"), site)
    take(browser, "login", "released")
    assert take(browser, "vault", "new")["status"] == 200
    assert take(browser, "vault", "main")["status"] == 200


def test_without_legacy_a_session_of_the_release_belongs_to_a_stranger() -> None:
    for protection, expected in (("basic", True), ("strong", False)):
        site = Site(protection)
        browser = Browser(nodes_of(site, None), site)
        take(browser, "login", "released")
        seen = take(browser, "read", "new")
        assert seen["logged_in"] is expected
        assert seen["fresh"] is False


@pytest.mark.parametrize("protection", PROTECTED)
@pytest.mark.parametrize("journey", JOURNEYS)
@pytest.mark.parametrize("legacy", ["main", None])
def test_nobody_is_worse_off_beside_nodes_of_main(
    legacy: str | None, journey: str, protection: str
) -> None:
    site = Site(protection)
    main = main_node(site)
    mixed = {"old": main, "new": new_node(site, legacy)}
    for steps in spread(journey.split()):
        before = play({"old": main, "new": main}, site, steps)
        for here, then in zip(play(mixed, site, steps), before, strict=True):
            if here is not None and then is not None:
                assert nobody_is_worse_off(here, then), (steps, here, then)


@pytest.mark.parametrize("legacy", LEGACY)
@pytest.mark.parametrize("change", ["agent", "address"])
@pytest.mark.parametrize("where", ["new", "released", "main"])
def test_another_client_is_a_stranger_under_every_setting(
    where: str, change: str, legacy: str | None
) -> None:
    for protection, expected in (("basic", True), ("strong", False)):
        site = Site(protection)
        browser = Browser(nodes_of(site, legacy), site)
        take(browser, "login", where)
        browser.take(Step(change, "new"))
        seen = take(browser, "read", "new")
        assert seen["logged_in"] is expected
        assert seen["fresh"] is False


@pytest.mark.parametrize("protection", PROTECTED)
@pytest.mark.parametrize("legacy", ["main", None])
def test_a_forged_forwarding_header_matches_no_session_in_the_newer_form(
    legacy: str | None, protection: str
) -> None:
    site = Site(protection)
    browser = Browser(nodes_of(site, legacy), site)
    take(browser, "login", "new")
    browser.take(Step("address", "new"))
    browser.forged_address = ADDRESSES[0]
    assert take(browser, "vault", "new")["status"] == 401


@pytest.mark.parametrize("protection", PROTECTED)
def test_an_identifier_of_the_apps_own_is_the_only_one_that_counts(protection: str) -> None:
    site = Site(protection)
    own = node("flask_porter", site, _session_identifier_generator=lambda: "this one")
    browser = Browser(nodes_of(site, "0.6") | {"own": own}, site)
    take(browser, "login", "released")
    assert take(browser, "vault", "own")["status"] == 401
    take(browser, "login", "own")
    assert take(browser, "vault", "own")["status"] == 200
