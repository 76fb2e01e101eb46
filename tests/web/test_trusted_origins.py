"""Pages of a named origin may send forms and JSON here; those of its look-alikes may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.account_site import ADA, PASSWORD, Site, make_site

TRUSTED = "https://www.shop.test"
LOOK_ALIKES = [
    "http://www.shop.test",
    "https://www.shop.test:8443",
    "https://www.shop.test/",
    "https://www.shop.test.",
    "https://shop.test",
    "https://evil.www.shop.test",
    "https://www.shop.test.evil.test",
    "https://www-shop.test",
    "https://www.shop.test@evil.test",
    "https://evil.test/https://www.shop.test",
    "https://www.shop.tes\u0442".encode().decode("latin-1"),
    "HTTPS://WWW.SHOP.TEST",
    "https://www.shop.test, https://evil.test",
    "https://www.shop.test,https://app.shop.test",
    "https://www",
    "null",
    "",
]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path, PORTER_TRUSTED_ORIGINS=f"{TRUSTED}, https://app.shop.test")
    site.register()
    return site


def log_in_from(site: Site, origin: str, **headers: str) -> int:
    """Post the log-in form as a page of ``origin`` does; return the status."""
    given = {"identifier": ADA, "password": PASSWORD}
    client = site.app.test_client()
    answer = client.post("/account/login", data=given, headers={"Origin": origin, **headers})
    return answer.status_code


@pytest.mark.parametrize("said", ["cross-site", "same-site", None])
@pytest.mark.parametrize("origin", [TRUSTED, "https://app.shop.test"])
def test_a_named_origin_may_send_forms(site: Site, origin: str, said: str | None) -> None:
    headers = {} if said is None else {"Sec-Fetch-Site": said}
    assert log_in_from(site, origin, **headers) == 303


@pytest.mark.parametrize("origin", LOOK_ALIKES)
def test_what_looks_like_it_may_not(site: Site, origin: str) -> None:
    for said in ("cross-site", "same-site"):
        assert log_in_from(site, origin, **{"Sec-Fetch-Site": said}) == 403
    assert log_in_from(site, origin) == 403
    assert site.rows(site.accounts.models.session) == []


def test_no_origin_is_trusted_unless_it_is_named(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.register()
    assert log_in_from(site, TRUSTED, **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert log_in_from(site, "", **{"Sec-Fetch-Site": "cross-site"}) == 403


def test_a_trusted_origin_reads_no_answer(site: Site) -> None:
    answer = site.app.test_client().get("/account/api/session", headers={"Origin": TRUSTED})
    assert not any(name.startswith("Access-Control") for name, _ in answer.headers)
