"""Who proves anew before an own page goes on reads in words what they had sent."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.account_site import ADA, PASSWORD, Site

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"


def offered(site: Site, client: FlaskClient, path: str, **fields: str) -> str:
    """Post something eleven minutes after a log-in, prove anew, and return the page after it."""
    site.clock.advance(minutes=11)
    asked = client.post(path, data=fields)
    proven = client.post(asked.location, data={"password": PASSWORD})
    return client.get(proven.location).text


def test_the_end_of_a_device_names_the_device(site: Site) -> None:
    client = site.logged_in_client()
    given = {"identifier": ADA, "password": PASSWORD}
    site.client(HTTP_USER_AGENT=PHONE).post("/account/login", data=given)
    handle = re.findall(r'name="handle" value="([^"]+)"', client.get("/account/devices").text)[0]
    page = offered(site, client, "/account/devices/end", handle=handle)
    assert "End the device &#34;Chrome (Android)&#34;" in page
    assert f'type="hidden" name="handle" value="{handle}"' in page
    assert page.count(handle) == 1
    assert "Where to" not in page


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("/account/devices/end-others", {"from": "here"}, "End all other devices"),
        ("/account/change-email", {"email": "new@example.org"}, "Change your e-mail address"),
    ],
)
def test_another_page_of_ours_says_what_it_does(
    site: Site, path: str, fields: dict[str, str], told: str
) -> None:
    page = offered(site, site.logged_in_client(), path, **fields)
    assert f"<dd>{told}</dd>" in page
    assert "Where to" not in page
    assert all(f"<dd>{value}</dd>" in page for value in fields.values())


def test_a_device_that_is_gone_is_shown_as_it_was_sent(site: Site) -> None:
    page = offered(site, site.logged_in_client(), "/account/devices/end", handle="gone")
    assert "POST /account/devices/end" in page
    assert "<dd>gone</dd>" in page
