"""The page by which somebody chooses another password."""

from __future__ import annotations

import pytest

from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site

PAGE = "/account/change-password"
CHANGE = {"password": PASSWORD, "new_password": NEW_PASSWORD}


def test_this_browser_stays_and_every_other_is_out(site: Site) -> None:
    """S20: a copy of this browser's own cookie is worth nothing any more either."""
    here, there = site.logged_in_client(), site.logged_in_client()
    copy = site.client()
    cookie = here.get_cookie("session")
    assert cookie is not None
    copy.set_cookie("session", cookie.value)
    assert copy.get("/account/").status_code == 200
    assert here.post(PAGE, data=CHANGE).status_code == 200
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert copy.get("/account/").status_code == 302


def test_a_password_manager_is_told_which_is_which(site: Site) -> None:
    page = site.logged_in_client().get(PAGE).text
    assert 'autocomplete="current-password"' in page
    assert 'autocomplete="new-password"' in page
    assert f'value="{ADA}" autocomplete="username"' in page


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"password": "another one entirely"}, 401, "not the password of this account"),
        ({"new_password": "too short"}, 422, 'id="new_password-error"'),
        ({"new_password": PASSWORD}, 422, "the password that you have"),
    ],
)
def test_what_is_wrong_is_said_without_what_was_typed(
    site: Site, given: dict[str, str], status: int, said: str
) -> None:
    refused = site.logged_in_client().post(PAGE, data=CHANGE | given)
    assert refused.status_code == status
    assert said in refused.text
    assert not any(value in refused.text for value in (CHANGE | given).values())


def test_a_stranger_is_sent_to_log_in(site: Site) -> None:
    client = site.client()
    for answer in (client.get(PAGE), client.post(PAGE, data=CHANGE)):
        assert answer.status_code == 302
        assert answer.location.startswith("/account/login")
    site.logged_in_client()


def test_who_has_no_password_is_shown_the_way_by_mail(site: Site) -> None:
    """P15."""
    client = site.logged_in_client()
    site.change(site.user(), password_hash=None)
    refused = client.post(PAGE, data=CHANGE)
    assert refused.status_code == 403
    assert 'href="/account/reset-password"' in refused.text
