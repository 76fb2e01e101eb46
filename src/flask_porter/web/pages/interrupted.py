"""Says in words what an interrupted request to a page of ours was about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...flows import devices
from ..own_paths import own_url
from ..request import run
from ..texts import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

#: By the endpoint that it went to.
_WHAT: Final = {
    "porter.end_other_devices": "send_end_others",
    "porter.change_email": "send_change_email",
    "porter.download_data": "send_download_data",
    "porter.close_account": "send_close_account",
}


def what_it_does(path: str, fields: Iterable[tuple[str, str]]) -> str | None:
    """Return what sending it again does; None for a page of the app, and for what we cannot name.

    Args:
        path: where it went, which may have a query.
        fields: what was sent.
    """
    page = path.partition("?")[0]
    if page == own_url("porter.end_device"):
        return _ended_device(dict(fields).get("handle", ""))
    return next((text_of(text) for name, text in _WHAT.items() if page == own_url(name)), None)


def _ended_device(handle: str) -> str | None:
    shown = run("pages", devices.show, {}).values["devices"]
    device = next((device for device in shown if device.handle == handle), None)
    if device is None:
        return None
    return text_of("send_end_device", name=device.name or text_of("unknown_device"))
