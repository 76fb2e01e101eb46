"""The links of mails: taken out of the address, and kept below the path of the app."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.account_site import ADA, PASSWORD, Site, make_site


@pytest.fixture
def below(tmp_path: Path) -> Site:
    return make_site(tmp_path, APPLICATION_ROOT="/shop", PORTER_BASE_URL="http://localhost/shop")


@pytest.mark.parametrize(
    ("flow", "leads_to"),
    [
        ("verify-email", "verify-email"),
        ("not-me", "not-me"),
        ("reset-password", "reset-password/new"),
        ("change-email", "change-email/confirm"),
    ],
)
def test_a_link_stays_below_the_path_of_the_app(below: Site, flow: str, leads_to: str) -> None:
    answer = below.client().get(f"/account/{flow}?token=x")
    assert answer.status_code == 303
    assert answer.location == f"/shop/account/{leads_to}"


def test_the_link_that_is_mailed_is_below_it_too(below: Site) -> None:
    below.client().post("/account/register", data={"email": ADA, "password": PASSWORD})
    assert below.last_link().startswith("/shop/account/verify-email?token=")


def test_the_code_of_a_mail_asked_for_again_is_typed_beside_the_password(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.register(is_verified=False)
    client = site.client()
    asked = client.post("/account/verify-email/again", data={"identifier": ADA})
    assert 'name="password"' in client.get(asked.location).text
    given = {"code": site.last_code(), "password": "wrong"}
    wrong = client.post("/account/verify-email", data=given)
    assert wrong.status_code == 401
    assert 'name="password"' in wrong.text
    missing = client.post("/account/verify-email", data={"code": site.last_code()})
    assert missing.status_code == 422
    assert 'name="password"' in missing.text
    client.post("/account/verify-email", data={**given, "password": PASSWORD})
    assert site.user().email_verified_at is not None
