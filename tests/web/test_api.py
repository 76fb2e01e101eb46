"""The rows of the JSON API: each does what its flow does, and says what a client needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask_porter.web.api.routes import ROUTES
from tests.account_site import ADA, PASSWORD, Site, make_site, token_of
from tests.web.api_client import RIGHT, page_script, program, reason_of


def steps_of(answer: Any) -> list[str]:
    return [step["flow"] for step in answer.json["next_steps"]]


def test_somebody_registers_verifies_and_logs_in(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    script = page_script(site)
    begun = script.post("/register", email=ADA, password=PASSWORD)
    assert begun.status_code == 202
    assert begun.json == {
        "message": "If the address can be used here, a mail is on its way.",
        "next_steps": [
            {"flow": "verify_email", "method": "POST", "href": "/account/api/verify-email"}
        ],
    }
    verified = script.post("/verify-email", code=site.last_code())
    assert (verified.status_code, verified.json) == (200, {"done": "email_verified"})
    answer = script.post("/login", **RIGHT)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["session_token"] is None
    session = script.get("/session")
    assert session == answer.json["session"]
    assert session["user"] == {
        "id": "1",
        "email": ADA,
        "username": None,
        "email_verified": True,
        "roles": [],
    }
    assert session["amr"] == ["pwd"]


def test_the_token_of_the_link_does_what_the_code_does(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    script = page_script(site)
    script.post("/register", email=ADA, password=PASSWORD)
    token = token_of(site.last_link())
    assert script.post("/verify-email", token=token).json == {"done": "email_verified"}
    assert reason_of(script.post("/verify-email", token=token)) == (410, "link_invalid")


def test_who_is_not_verified_is_mailed_again(site: Site) -> None:
    site.register("bob@example.org", is_verified=False)
    answer = page_script(site).post("/login", identifier="bob@example.org", password=PASSWORD)
    assert answer.status_code == 202
    assert site.last_mail().kind == "verify_email"


def test_roles_are_told(site: Site) -> None:
    with site.accounts.database.open_session() as session:
        kept = site.accounts.within(session)
        kept.roles.ensure("editor")
        kept.roles.grant(1, "editor")
        session.commit()
    script = page_script(site)
    answer = script.post("/login", **RIGHT)
    assert answer.json is not None
    assert answer.json["session"]["user"]["roles"] == ["editor"]
    assert script.get("/session")["user"]["roles"] == ["editor"]


def test_devices_are_shown_and_ended(site: Site) -> None:
    here, there = page_script(site, logged_in=True), program(site)
    shown = here.get("/devices")["devices"]
    assert sorted(device["is_this"] for device in shown) == [False, True]
    [other] = [device["handle"] for device in shown if not device["is_this"]]
    assert here.call("DELETE", f"/devices/{other}").json == {"done": "device_ended"}
    assert reason_of(there.call("GET", "/session")) == (401, "login_required")
    assert reason_of(here.call("DELETE", f"/devices/{other}")) == (404, "not_there")
    [this] = [device["handle"] for device in here.get("/devices")["devices"]]
    assert here.call("DELETE", f"/devices/{this}").status_code == 204
    assert reason_of(here.call("GET", "/devices")) == (401, "login_required")


def test_all_other_devices_are_ended_at_once(site: Site) -> None:
    here, others = page_script(site, logged_in=True), [program(site), program(site)]
    ended = here.call("DELETE", "/devices")
    assert ended.json == {"done": "other_devices_ended", "count": 2}
    assert {other.call("GET", "/session").status_code for other in others} == {401}
    assert here.get("/session")["user"]["email"] == ADA


def test_activity_is_shown(site: Site) -> None:
    events = page_script(site, logged_in=True).get("/activity")["events"]
    assert events[0]["event"] == "authn_login_success"
    assert set(events[0]) == {"at", "event", "reason", "address", "device", "serious"}


def test_all_data_is_taken_along_and_nothing_secret_in_it(site: Site) -> None:
    answer = page_script(site, logged_in=True).call("GET", "/data")
    assert answer.json is not None
    assert set(answer.json) == {"account", "roles", "devices", "activity"}
    assert answer.json["account"]["email"] == ADA
    assert "argon2" not in answer.text


def test_an_account_is_closed_by_its_password(site: Site) -> None:
    script = page_script(site, logged_in=True)
    wrong = script.post("/close-account", password="another one")
    assert reason_of(wrong) == (401, "wrong_password")
    assert script.post("/close-account", password=PASSWORD).json == {"done": "account_closed"}
    assert reason_of(script.call("GET", "/session")) == (401, "login_required")
    assert reason_of(script.post("/login", **RIGHT)) == (401, "wrong_credentials")


def test_what_matters_wants_a_new_proof_and_says_where(site: Site) -> None:
    script = page_script(site, logged_in=True)
    site.clock.advance(minutes=11)
    for method, path in [("DELETE", "/devices"), ("GET", "/data"), ("DELETE", "/devices/x")]:
        refused = script.call(method, path)
        assert reason_of(refused) == (401, "reauthentication_required")
        assert refused.json is not None
        [step] = refused.json["next_steps"]
        assert step == {
            "flow": "reauthenticate",
            "method": "POST",
            "href": "/account/api/reauthenticate",
        }
    assert script.get("/devices")["devices"]
    proven = script.client.post(step["href"], json={"password": PASSWORD})
    assert proven.status_code == 200
    assert script.call("GET", "/data").status_code == 200


def test_the_next_steps_are_those_of_this_client(site: Site) -> None:
    assert steps_of(page_script(site).call("GET", "/session")) == [
        "login",
        "reset_password",
        "register",
    ]
    stranger = program(site, logged_in=False)
    assert steps_of(stranger.call("GET", "/session")) == [
        "login",
        "login_bearer",
        "reset_password",
        "register",
    ]
    stranger.token = "not.one"
    assert steps_of(stranger.call("GET", "/devices")) == ["login_bearer"]


def test_who_cannot_register_is_not_told_to(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_REGISTRATION="closed")
    script = page_script(site)
    assert "register" not in steps_of(script.call("GET", "/session"))
    refused = script.post("/register", email=ADA, password=PASSWORD)
    assert reason_of(refused) == (403, "registration_closed")
    assert steps_of(refused) == ["login"]


def test_each_step_leads_to_a_row(site: Site) -> None:
    adapter = site.app.url_map.bind("localhost")
    refused = page_script(site).post("/login", identifier=ADA, password="wrong")
    assert refused.json is not None
    assert refused.json["next_steps"]
    for step in refused.json["next_steps"]:
        assert adapter.match(step["href"], step["method"])[0] == f"porter_api.{step['flow']}"


def test_the_fields_that_are_wrong_are_named_with_reasons(site: Site) -> None:
    answer = page_script(site).post("/register", email="nobody", password="short", admin=True)
    assert reason_of(answer) == (422, "invalid_input")
    assert answer.json is not None
    # A field that nobody asked for is not repeated.
    assert answer.json["fields"]["form"][0]["reason"] == "unknown_field"
    answer = page_script(site).post("/register", email="nobody", password="short")
    assert answer.json is not None
    reasons = {
        name: [one["reason"] for one in problems]
        for name, problems in answer.json["fields"].items()
    }
    assert reasons == {"email": ["invalid_email"], "password": ["too_short"]}


def test_a_problem_speaks_the_language_of_who_asks(site: Site) -> None:
    said = {}
    for language in ("en", "de"):
        headers = {"Accept-Language": language}
        answer = page_script(site).call("GET", "/session", headers=headers)
        assert answer.headers["Content-Language"] == language
        assert "Accept-Language" in answer.headers["Vary"]
        assert answer.json is not None
        said[language] = answer.json["detail"]
    assert said["en"] == "Please log in first."
    assert said["de"] != said["en"]


def test_who_waits_is_told_how_long(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_ATTEMPTS_FREE=2)
    script = page_script(site)
    for _ in range(3):
        answer = script.post("/login", identifier=ADA, password="wrong")
    assert reason_of(answer) == (429, "too_many_attempts")
    assert answer.json is not None
    assert int(answer.headers["Retry-After"]) == answer.json["retry_after"] > 0


def test_there_is_no_api_where_none_is_wanted(tmp_path: Path) -> None:
    site = make_site(tmp_path, PORTER_API=False)
    answer = site.client().get("/account/api/session")
    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")


def test_no_two_rows_are_of_one_method_and_path() -> None:
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)
    assert len({route.name for route in ROUTES}) == len(ROUTES)
