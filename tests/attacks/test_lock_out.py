"""Nobody can lock somebody else out: a reset lets its owner in past a stranger who goes on."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient

from tests.account_site import ADA, NEW_PASSWORD, Site, make_site


def guess(client: FlaskClient, password: str) -> int:
    given = {"identifier": ADA, "password": password}
    return client.post("/account/login", data=given).status_code


def reset(site: Site, client: FlaskClient) -> None:
    client.post("/account/reset-password", data={"identifier": ADA})
    client.get(site.last_link(ADA, "reset_password"), follow_redirects=True)
    done = client.post("/account/reset-password/new", data={"new_password": NEW_PASSWORD})
    assert done.status_code in {200, 303}, done.text


def test_a_reset_gets_its_owner_in_while_a_stranger_goes_on_guessing(tmp_path: Path) -> None:
    """B10: without the mark of the reset, the stranger uses up each new attempt."""
    site = make_site(tmp_path)
    site.register()
    stranger = site.client(REMOTE_ADDR="198.51.100.7")
    owner = site.client(REMOTE_ADDR="192.0.2.1")
    while guess(stranger, "wrong wrong wrong") != 429:
        pass
    reset(site, owner)
    while guess(stranger, "wrong wrong wrong") != 429:
        pass
    assert guess(owner, NEW_PASSWORD) == 303
