"""Attacks B05, B15 and LG09: no header and no other path makes somebody another stranger."""

from __future__ import annotations

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from tests.account_site import ADA, Site

GUESS = {"identifier": ADA, "password": "not the right one, whatever"}
FORGED = [
    {"X-Forwarded-For": "203.0.113.{0}"},
    {"X-Forwarded-For": "203.0.113.{0}, 198.51.100.{0}"},
    {"X-Real-IP": "203.0.113.{0}"},
    {"Forwarded": "for=203.0.113.{0}"},
    {"True-Client-IP": "203.0.113.{0}"},
]


def addresses(site: Site) -> set[str]:
    return {row.address for row in site.rows(site.accounts.models.audit)}


@pytest.mark.parametrize("forged", FORGED)
def test_b05_lg09_a_header_that_nobody_vouches_for_is_not_read(
    site: Site, forged: dict[str, str]
) -> None:
    for turn in range(2):
        headers = {name: value.format(turn) for name, value in forged.items()}
        site.client().post("/account/login", data=GUESS, headers=headers)
    assert addresses(site) == {"127.0.0.1"}


def test_b05_lg09_of_a_trusted_proxy_the_last_hop_counts(site: Site) -> None:
    site.app.wsgi_app = ProxyFix(site.app.wsgi_app, x_for=1)  # type: ignore[method-assign]
    headers = {"X-Forwarded-For": "203.0.113.7, 198.51.100.9"}
    site.client().post("/account/login", data=GUESS, headers=headers)
    assert addresses(site) == {"198.51.100.9"}


@pytest.mark.parametrize(
    ("comes_from", "said", "status"),
    [("192.0.2.7", "127.0.0.1", 403), ("127.0.0.1", "192.0.2.7", 403), ("::1", "127.0.0.1", 200)],
)
def test_b05_no_header_makes_a_stranger_this_machine(
    site: Site, comes_from: str, said: str, status: int
) -> None:
    """In development, which answers this machine alone."""
    site.app.testing = False
    site.app.wsgi_app = ProxyFix(site.app.wsgi_app, x_for=1)  # type: ignore[method-assign]
    headers = {"X-Forwarded-For": said}
    answer = site.client(REMOTE_ADDR=comes_from).get("/account/login", headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "path", ["/account/login/", "//account/login", "/account/LOGIN", "/account/login;x"]
)
def test_b15_no_other_spelling_of_the_log_in_takes_a_guess(site: Site, path: str) -> None:
    answer = site.client().post(path, data=GUESS)
    assert answer.status_code in {308, 404}
    assert addresses(site) == set()
