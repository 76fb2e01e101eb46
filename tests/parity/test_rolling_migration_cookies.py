"""What old and new nodes write is the same, so that either reads and clears the other's cookies."""

from datetime import timedelta
from typing import Any

import pytest
from flask.sessions import SecureCookieSessionInterface

from tests.parity.rolling_browser import Browser, Step
from tests.parity.rolling_nodes import Site, node

LIBRARIES = ("flask_login", "flask_porter")
ONE_WAY_AND_BACK = pytest.mark.parametrize(
    ("issuer", "reader"), [LIBRARIES, LIBRARIES[::-1]], ids=["old-new", "new-old"]
)
SITES = {
    "defaults": Site(),
    "renamed": Site(config={"REMEMBER_COOKIE_NAME": "stay", "SESSION_COOKIE_NAME": "basket"}),
    "whole domain": Site(config={"REMEMBER_COOKIE_DOMAIN": "shop.test"}),
    "one path": Site(config={"REMEMBER_COOKIE_PATH": "/shop"}),
    "all attributes": Site(
        config={
            "REMEMBER_COOKIE_NAME": "stay",
            "REMEMBER_COOKIE_DOMAIN": "shop.test",
            "REMEMBER_COOKIE_PATH": "/shop",
            "REMEMBER_COOKIE_SECURE": True,
            "REMEMBER_COOKIE_HTTPONLY": False,
            "REMEMBER_COOKIE_SAMESITE": "Strict",
            "REMEMBER_COOKIE_DURATION": timedelta(days=3),
        }
    ),
    "whole seconds": Site(config={"REMEMBER_COOKIE_DURATION": 86400}),
    "bytes key": Site(secret_key=b"\x00\xff\xfe not text"),
    "latin-1 key": Site(secret_key="clé à molette"),
    "text ids": Site(ids=("ada", "grace")),
    "ids outside ASCII": Site(ids=("佐藤", "Łukasz")),
    "ids with a bar": Site(ids=("a|b", "a")),
    "negative ids": Site(ids=(-7, 0)),
    "permanent": Site(permanent=True),
    "strong": Site(protection="strong"),
    "unprotected": Site(protection=None),
    "proxied": Site(proxied=True),
}
EVERY_SITE = pytest.mark.parametrize("site", SITES.values(), ids=SITES.keys())


def browser(site: Site) -> Browser:
    return Browser({library: node(library, site) for library in LIBRARIES}, site)


def take(browser: Browser, actions: str, library: str) -> list[dict[str, Any]]:
    shown = [browser.take(Step(action, library)) for action in actions.split()]
    return [one for one in shown if one is not None]


@EVERY_SITE
@ONE_WAY_AND_BACK
def test_a_login_on_one_side_is_known_and_fresh_on_the_other(
    site: Site, issuer: str, reader: str
) -> None:
    visitor = browser(site)
    take(visitor, "login", issuer)
    (seen, vault) = take(visitor, "read vault", reader)
    assert seen["user"] == site.ids[0]
    assert seen["fresh"] is True
    assert vault["status"] == 200


@EVERY_SITE
@ONE_WAY_AND_BACK
def test_a_remember_cookie_of_one_side_is_accepted_by_the_other(
    site: Site, issuer: str, reader: str
) -> None:
    visitor = browser(site)
    take(visitor, "remember restart", issuer)
    (seen, vault) = take(visitor, "read vault", reader)
    assert seen["user"] == site.ids[0]
    assert seen["remembered"] is True
    assert seen["fresh"] is False
    assert seen["loader_got"] == "str"
    assert vault["status"] == 401


@EVERY_SITE
@ONE_WAY_AND_BACK
def test_a_logout_on_one_side_clears_what_the_other_has_set(
    site: Site, issuer: str, reader: str
) -> None:
    visitor = browser(site)
    take(visitor, "remember", issuer)
    (logged_out,) = take(visitor, "logout", reader)
    assert logged_out["kept_for"] is None
    for library in (issuer, reader):
        assert take(visitor, "read", library)[0]["logged_in"] is False
        assert take(visitor, "restart read", library)[0]["logged_in"] is False


@EVERY_SITE
@ONE_WAY_AND_BACK
def test_a_restored_login_is_confirmed_on_one_side_and_fresh_on_the_other(
    site: Site, issuer: str, reader: str
) -> None:
    visitor = browser(site)
    take(visitor, "remember restart confirm confirm", issuer)
    (vault,) = take(visitor, "vault", reader)
    assert vault["status"] == 200
    assert vault["fresh"] is True


@EVERY_SITE
@pytest.mark.parametrize(
    "journey",
    [
        "login",
        "remember",
        "remember_week",
        "remember other_remember",
        "confirm",
        "login confirm",
        "login logout",
        "login cart",
        "login agent read",
        "login read",
        "remember restart confirm confirm",
    ],
)
def test_both_sides_write_the_same_session_and_remember_cookie(site: Site, journey: str) -> None:
    old, new = written(site, journey, "flask_login"), written(site, journey, "flask_porter")
    assert new == old


@EVERY_SITE
def test_both_sides_clear_the_remember_cookie_under_the_same_name_domain_and_path(
    site: Site,
) -> None:
    old = written(site, "remember logout", "flask_login")
    new = written(site, "remember logout", "flask_porter")
    assert new["session"] == old["session"]
    for attribute in ("name", "value", "domain", "path"):
        assert new["remember"][attribute] == old["remember"][attribute]
    assert old["remember"]["value"] == ""


def written(site: Site, journey: str, library: str) -> dict[str, Any]:
    """Return what `library` sends for the last action; old nodes have served those before it."""
    visitor = browser(site)
    *before, last = journey.split()
    take(visitor, " ".join(before), "flask_login")
    take(visitor, last, library)
    assert visitor.response is not None
    cookies = visitor.response.headers.getlist("Set-Cookie")
    session_name = site.config.get("SESSION_COOKIE_NAME", "session")
    remember_name = site.config.get("REMEMBER_COOKIE_NAME", "remember_token")
    session = [line for line in cookies if line.startswith(f"{session_name}=")]
    remember = [line for line in cookies if line.startswith(f"{remember_name}=")]
    return {
        "session": [opened(line, site) for line in session],
        "remember": parsed(remember[-1]) if remember else None,
        "total": len(cookies),
    }


def opened(line: str, site: Site) -> Any:
    """Return what is inside a signed session cookie; ids keep their type."""
    sealed = parsed(line)["value"]
    app = node("flask_login", site)
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return serializer.loads(sealed) if sealed else None


def parsed(line: str) -> dict[str, Any]:
    """Return a Set-Cookie line in parts, without the second at which it was written."""
    pair, *attributes = line.split("; ")
    name, _, value = pair.partition("=")
    found = dict(attribute.lower().partition("=")[::2] for attribute in attributes)
    found.pop("expires", None)
    return {"name": name, "value": value, "domain": None, "path": None, **found}
