"""The page of one's activity tells each thing once, in words for people."""

from __future__ import annotations

from pathlib import Path

from tests.account_site import make_site


def test_a_log_in_is_told_once(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.register()
    client = site.logged_in_client()
    shown = client.get("/account/activity").text
    assert shown.count("You logged in") == 1
    assert "A device was logged in" not in shown
    told = client.get("/account/api/activity").get_json()["events"]
    assert [event["event"] for event in told] == ["authn_login_success"]
    assert site.events() == ["session_created", "authn_login_success"]
