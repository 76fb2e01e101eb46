"""The page of one's activity tells each thing once, in words for people."""

from __future__ import annotations

import re
from pathlib import Path

from tests.account_site import ADA, make_site


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


def test_a_wrong_code_is_no_log_in_that_failed(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.register()
    guesser = site.client()
    given = {"identifier": ADA}
    asked = guesser.post("/account/reset-password", data=given, follow_redirects=True).text
    action = re.findall(r'action="([^"]+)"', asked)[0]
    right = site.last_code()
    wrong = "00000000" if right != "00000000" else "11111111"
    assert guesser.post(action, data={"code": wrong}).status_code == 401
    shown = site.logged_in_client().get("/account/activity").text
    assert shown.count("A wrong code was typed") == 1
    assert "A log-in failed" not in shown
