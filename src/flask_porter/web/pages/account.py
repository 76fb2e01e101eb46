"""The overview of one's account, its devices and its activity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...flows import activity as activity_flows
from ...flows import devices as flows
from ...login.guards import fresh_login_required, login_required
from ..own_paths import own_url
from ..page_facts import render_page
from ..request import caller, form_fields, run
from ..response import apply
from ..texts import text_of
from .form_page import see_other

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Blueprint, Response

    from ...flows.activity import Entry
    from ...flows.devices import Device


def add_to(pages: Blueprint) -> None:
    """Add the pages."""
    pages.add_url_rule("/", "account", login_required(account))
    pages.add_url_rule("/devices", "devices", login_required(devices))
    pages.add_url_rule(
        "/devices/end", "end_device", fresh_login_required(end_device), methods=["POST"]
    )
    pages.add_url_rule(
        "/devices/end-others",
        "end_other_devices",
        fresh_login_required(end_other_devices),
        methods=["POST"],
    )
    pages.add_url_rule("/activity", "activity", login_required(activity))


def account() -> Response:
    """Show what there is."""
    user = caller("pages").user
    shown = run("pages", flows.show, {}).values["devices"]
    return render_page(
        "account.html",
        identifier=user.display_name,
        email=user.email,
        verified=user.email_verified_at is not None,
        devices=len(shown),
    )


def devices() -> Response:
    """Show where one is logged in."""
    shown = run("pages", flows.show, {}).values["devices"]
    this_first = sorted(shown, key=lambda device: not device.is_this)
    return render_page("devices.html", devices=[ShownDevice.of(device) for device in this_first])


def end_device() -> Response:
    """End one device."""
    outcome = run("pages", flows.end, form_fields())
    apply(outcome)
    return see_other(own_url("porter.devices"))


def end_other_devices() -> Response:
    """End all but this one."""
    run("pages", flows.end_others, {})
    return see_other(own_url("porter.devices"))


def activity() -> Response:
    """Show what happened lately."""
    shown = run("pages", activity_flows.show, {}).values["events"]
    events = [
        {
            "when": entry.at,
            "what": text_of(_told_as(entry)),
            "address": entry.address,
            "device": entry.device,
            "serious": entry.serious,
        }
        for entry in shown
    ]
    return render_page("activity.html", events=events)


def _told_as(entry: Entry) -> str:
    return entry.reason if entry.reason == "wrong_code" else f"event_{entry.event}"


@dataclass(frozen=True)
class ShownDevice:
    """A device as the template names its parts."""

    name: str
    kind: str
    address: str
    first_seen: datetime
    last_seen: datetime
    is_this: bool
    end_handle: str

    @classmethod
    def of(cls, device: Device) -> ShownDevice:
        """Make it of a device."""
        is_phone = any(system in device.name for system in ("Android", "iOS"))
        return cls(
            name=device.name or text_of("unknown_device"),
            kind="phone" if is_phone else "computer",
            address=device.address,
            first_seen=device.first_seen,
            last_seen=device.last_seen,
            is_this=device.is_this,
            end_handle=device.handle,
        )
