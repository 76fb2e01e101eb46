"""A person sees one line for one thing; the audit log keeps each entry."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flask_porter.errors import Refused
from flask_porter.flows import (
    activity,
    change_email,
    change_password,
    download_data,
    logout,
    not_me,
    reauthenticate,
    reset_password,
)
from flask_porter.flows.caller import Caller
from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, browser_of, token_of

NEW = "ada@new.example"


def lines(site: Site, here: Caller) -> list[str]:
    """Return the events that the page shows, the first one first."""
    shown = site.run(activity.show, here).values["events"]
    return [entry.event for entry in reversed(shown)]


def _log_in(site: Site, here: Caller) -> None:
    site.run(logout.logout, site.logged_in(site.login()))


def _prove(site: Site, here: Caller) -> None:
    site.run(reauthenticate.reauthenticate, here, password=PASSWORD)


def _change_password(site: Site, here: Caller) -> None:
    change = change_password.change_password
    site.run(change, here, password=PASSWORD, new_password=NEW_PASSWORD)


def _mistype(site: Site, here: Caller) -> None:
    change = change_password.change_password
    with pytest.raises(Refused, match="wrong_password"):
        site.run(change, here, password="not the password", new_password=NEW_PASSWORD)


def _change_email(site: Site, here: Caller) -> None:
    site.run(change_email.ask, here, email=NEW)
    site.run(change_email.finish, token=token_of(site.last_link(NEW)), password=PASSWORD)


def _reset(site: Site, here: Caller) -> None:
    asking = browser_of(site.run(reset_password.ask, identifier=ADA))
    held = site.run(reset_password.take_code, asking, code=site.last_code(ADA))
    site.run(reset_password.finish, asking, token=held.token, new_password=NEW_PASSWORD)


def _not_me(site: Site, here: Caller) -> None:
    site.login()
    site.run(not_me.not_me, token=token_of(site.last_not_me(ADA, "new_device")))


@pytest.mark.parametrize(
    ("do", "shown"),
    [
        (_log_in, ["authn_login_success", "session_ended"]),
        (_prove, ["authn_reauthenticate_success"]),
        (_change_password, ["authn_password_change"]),
        (_mistype, ["authn_password_change_fail"]),
        (_change_email, ["authn_token_created", "user_updated"]),
        (_reset, ["authn_token_created", "authn_password_change"]),
        (_not_me, ["authn_login_success", "user_updated"]),
    ],
)
def test_one_thing_is_one_line(
    site: Site, do: Callable[[Site, Caller], None], shown: list[str]
) -> None:
    here = site.logged_in(site.login())
    do(site, here)
    now = site.ask(lambda accounts: accounts.users.get(1))
    later = Caller("pages", user=now)
    assert lines(site, later) == ["authn_login_success", *shown]
    assert len(site.events()) > len(shown) + 1


def test_what_is_not_shown_takes_no_place_of_what_is(site: Site) -> None:
    for _ in range(activity.SHOWN + 1):
        site.login()
    here = site.logged_in(site.login())
    assert lines(site, here) == ["authn_login_success"] * activity.SHOWN


def test_the_download_has_every_entry(site: Site) -> None:
    here = site.logged_in(site.login())
    data = site.run(download_data.download_data, here).values["activity"]
    assert [entry["event"] for entry in reversed(data)] == [
        "session_created",
        "authn_login_success",
        "sensitive_read",
    ]
