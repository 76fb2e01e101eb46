"""Devices: seen and ended by their owner alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from flask_porter.errors import Refused
from flask_porter.flows import activity, change_email, devices, login, logout
from flask_porter.flows.caller import Caller
from flask_porter.flows.outcomes import LoggedIn, LoggedOut
from tests.account_site import ADA, PASSWORD, STRANGER, Site, browser_of, make_site

BOB = "bob@example.org"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = make_site(tmp_path)
    made.register()
    made.register(BOB)
    return made


def log_in(site: Site, email: str = ADA) -> LoggedIn:
    outcome = site.run(login.with_password, STRANGER, identifier=email, password=PASSWORD)
    assert isinstance(outcome, LoggedIn)
    return outcome


def shown(site: Site, caller: Caller) -> list[devices.Device]:
    found: list[devices.Device] = site.run(devices.show, caller).values["devices"]
    return found


def test_a_device_is_shown_with_what_is_known_of_it(site: Site) -> None:
    one = log_in(site)
    site.clock.advance(seconds=1)
    other = log_in(site)
    found = shown(site, site.logged_in(other))
    assert [device.is_this for device in found] == [True, False]
    assert found[1].name == "Firefox (Linux)"
    assert found[1].address == STRANGER.address
    assert one.record.id not in repr(found)


def test_a_device_that_a_new_generation_has_ended_is_not_shown(site: Site) -> None:
    log_in(site)
    user = site.user()
    site.change(user, session_generation=user.session_generation + 1)
    assert [device.is_this for device in shown(site, site.logged_in(log_in(site)))] == [True]


def test_ending_one_device_ends_it_at_once_and_no_other(site: Site) -> None:
    one, other = log_in(site), log_in(site)
    caller = site.logged_in(other)
    handle = next(device.handle for device in shown(site, caller) if not device.is_this)
    site.run(devices.end, caller, handle=handle)
    assert not site.is_alive(one)
    assert site.is_alive(other)


def test_ending_this_device_logs_out(site: Site) -> None:
    one = log_in(site)
    caller = site.logged_in(one)
    outcome = site.run(devices.end, caller, handle=shown(site, caller)[0].handle)
    assert isinstance(outcome, LoggedOut)
    assert not site.is_alive(one)


def test_a_handle_of_somebody_else_is_like_one_that_never_was(site: Site) -> None:
    mine, theirs = log_in(site), log_in(site, BOB)
    handle = shown(site, site.logged_in(theirs))[0].handle
    reasons = []
    for one in (handle, "x" * 22):
        with pytest.raises(Refused) as refused:
            site.run(devices.end, site.logged_in(mine), handle=one)
        reasons.append((refused.value.reason, refused.value.status))
    assert reasons == [("not_there", 404)] * 2
    assert site.is_alive(theirs)


def test_ending_the_others_keeps_this_one(site: Site) -> None:
    others, this, bob = [log_in(site), log_in(site)], log_in(site), log_in(site, BOB)
    assert site.run(devices.end_others, site.logged_in(this)).values == {"count": 2}
    assert not any(site.is_alive(other) for other in others)
    assert site.is_alive(this)
    assert site.is_alive(bob)


@pytest.mark.parametrize("is_mailed", [True, False])
@pytest.mark.parametrize("all_others", [True, False])
def test_a_device_that_is_ended_changes_the_address_no_more(
    site: Site, is_mailed: bool, all_others: bool
) -> None:
    thief, owner = site.logged_in(log_in(site)), site.logged_in(log_in(site))
    sent = site.run(change_email.ask, thief, email="thief@example.org")
    code = site.last_code("thief@example.org") if is_mailed else "0000 0000"
    if all_others:
        site.run(devices.end_others, owner)
    else:
        handle = next(device.handle for device in shown(site, owner) if not device.is_this)
        site.run(devices.end, owner, handle=handle)
    assert ("thief@example.org" in {mail.to for mail in site.mails}) is is_mailed
    with pytest.raises(Refused, match="code_invalid"):
        site.run(change_email.finish, browser_of(sent), code=code)


def test_only_a_fresh_log_in_ends_devices(site: Site) -> None:
    this = log_in(site)
    site.clock.advance(minutes=11)
    with pytest.raises(Refused, match="reauthentication_required"):
        site.run(devices.end_others, site.logged_in(this))


def test_logging_out_ends_the_record_and_everywhere_ends_all(site: Site) -> None:
    one, two, three = log_in(site), log_in(site), log_in(site)
    site.run(logout.logout, site.logged_in(one))
    assert [site.is_alive(outcome) for outcome in (one, two, three)] == [False, True, True]
    site.run(logout.logout_everywhere, site.logged_in(two))
    assert not site.is_alive(three)
    assert site.last_mail(kind="sessions_ended").to == ADA
    with pytest.raises(Refused, match="login_required"):
        site.run(logout.logout_everywhere, STRANGER)


def test_a_log_in_that_was_ended_meanwhile_ends_nothing_more(site: Site) -> None:
    """Else a thief whose request is under way kills the mail that the owner has asked for since."""
    thief, owner = log_in(site), log_in(site)
    site.run(logout.logout_everywhere, site.logged_in(owner))
    generation = site.user().session_generation
    with pytest.raises(Refused, match="login_required"):
        site.run(logout.logout_everywhere, site.logged_in(thief))
    assert site.user().session_generation == generation


def test_activity_shows_ones_own_events_alone(site: Site) -> None:
    log_in(site, BOB)
    this = log_in(site)
    entries = site.run(activity.show, site.logged_in(this)).values["events"]
    assert [entry.event for entry in entries] == ["authn_login_success"]
