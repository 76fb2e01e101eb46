"""What somebody does by the API about a password or an address that is not right any more."""

from __future__ import annotations

import pytest

from tests.account_site import ADA, NEW_PASSWORD, PASSWORD, Site, token_of
from tests.web.api_client import RIGHT, ApiClient, page_script, program, reason_of

NEW_ADDRESS = "ada@example.com"
WITH_NEW_PASSWORD = {"identifier": ADA, "password": NEW_PASSWORD}


def next_of(script: ApiClient, path: str, **body: str) -> list[str]:
    """Ask for a mail, and return which flows the answer names."""
    answer = script.post(path, **body)
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    return [step["href"] for step in answer.json["next_steps"]]


@pytest.mark.parametrize("by", ["code", "token"])
def test_a_forgotten_password_is_chosen_anew(site: Site, by: str) -> None:
    script, elsewhere = page_script(site), program(site)
    [href] = next_of(script, "/reset-password", identifier=ADA)
    assert href == "/account/api/reset-password/finish"
    proof = {by: site.last_code() if by == "code" else token_of(site.last_link())}
    weak = script.post("/reset-password/finish", **proof, new_password="short")
    assert reason_of(weak) == (422, "invalid_input")
    done = script.post("/reset-password/finish", **proof, new_password=NEW_PASSWORD)
    assert (done.status_code, done.json) == (200, {"done": "password_reset"})
    assert script.call("GET", "/session").status_code == 401
    assert elsewhere.call("GET", "/session").status_code == 401
    assert reason_of(script.post("/login", **RIGHT)) == (401, "wrong_credentials")
    assert script.post("/login", **WITH_NEW_PASSWORD).status_code == 200
    again = script.post("/reset-password/finish", **proof, new_password=NEW_PASSWORD)
    assert again.status_code in {401, 410}


def test_an_unknown_address_gets_the_same_answer(site: Site) -> None:
    known = page_script(site).post("/reset-password", identifier=ADA)
    unknown = page_script(site).post("/reset-password", identifier="nobody@example.org")
    assert (known.status_code, known.json) == (unknown.status_code, unknown.json)


def test_a_changed_password_keeps_this_log_in_alone(site: Site) -> None:
    here, there = page_script(site, logged_in=True), program(site)
    wrong = here.post("/change-password", password="another", new_password=NEW_PASSWORD)
    assert reason_of(wrong) == (401, "wrong_password")
    done = here.post("/change-password", password=PASSWORD, new_password=NEW_PASSWORD)
    assert done.status_code == 200
    assert done.json is not None
    assert done.json["session"]["user"]["email"] == ADA
    assert here.get("/session")["user"]["email"] == ADA
    assert there.call("GET", "/session").status_code == 401


def test_a_program_gets_a_new_token_with_the_new_password(site: Site) -> None:
    client = program(site)
    done = client.post("/change-password", password=PASSWORD, new_password=NEW_PASSWORD)
    assert done.json is not None
    old, client.token = client.token, done.json["session_token"]
    assert client.get("/session")["user"]["email"] == ADA
    client.token = old
    assert client.call("GET", "/session").status_code == 401


def test_another_address_is_taken_once_it_is_confirmed(site: Site) -> None:
    script = page_script(site, logged_in=True)
    [href] = next_of(script, "/change-email", email=NEW_ADDRESS)
    assert href == "/account/api/change-email/finish"
    assert script.get("/session")["user"]["email"] == ADA
    done = script.post("/change-email/finish", code=site.last_code(NEW_ADDRESS))
    assert done.json is not None
    assert done.json["session"]["user"]["email"] == NEW_ADDRESS
    assert script.get("/session")["user"]["email"] == NEW_ADDRESS


def test_in_another_browser_the_link_asks_for_the_password(site: Site) -> None:
    next_of(page_script(site, logged_in=True), "/change-email", email=NEW_ADDRESS)
    elsewhere = page_script(site)
    token = token_of(site.last_link(NEW_ADDRESS))
    refused = elsewhere.post("/change-email/finish", token=token)
    assert reason_of(refused) == (422, "invalid_input")
    assert refused.json is not None
    assert refused.json["fields"]["password"][0]["reason"] == "required"
    done = elsewhere.post("/change-email/finish", token=token, password=PASSWORD)
    assert done.json == {"session": None, "session_token": None}
    assert elsewhere.call("GET", "/session").status_code == 401


def test_a_change_of_address_wants_a_new_proof(site: Site) -> None:
    script = page_script(site, logged_in=True)
    site.clock.advance(minutes=11)
    refused = script.post("/change-email", email=NEW_ADDRESS)
    assert reason_of(refused) == (401, "reauthentication_required")


def test_it_was_not_me(site: Site) -> None:
    thief = page_script(site, logged_in=True)
    thief.post("/change-password", password=PASSWORD, new_password=NEW_PASSWORD)
    token = token_of(site.last_not_me(ADA, "password_changed"))
    done = program(site, logged_in=False)
    done.token = "of.nobody"
    answer = done.post("/not-me", token=token)
    assert answer.json == {"done": "account_secured", "is_mailed": True}
    assert thief.call("GET", "/session").status_code == 401
    assert reason_of(thief.post("/login", **WITH_NEW_PASSWORD)) == (401, "wrong_credentials")
    assert reason_of(done.post("/not-me", token=token)) == (410, "link_invalid")


def steps_of(script: ApiClient, path: str, reason: str, **body: str) -> list[str]:
    """Post what is refused for `reason`, and return which flows lead on."""
    answer = script.post(path, **body)
    assert reason_of(answer)[1] == reason
    assert answer.json is not None
    return [step["flow"] for step in answer.json["next_steps"]]


@pytest.mark.parametrize(
    ("path", "takes", "mails_again"),
    [
        ("/verify-email", "verify_email", "verify_email_again"),
        ("/reset-password/finish", "reset_password_finish", "reset_password"),
        ("/change-email/finish", "change_email_finish", "change_email"),
    ],
)
def test_what_is_no_code_or_no_link_leads_to_another_mail(
    site: Site, path: str, takes: str, mails_again: str
) -> None:
    script = page_script(site)
    more = {"new_password": NEW_PASSWORD} if path == "/reset-password/finish" else {}
    by_code = steps_of(script, path, "code_invalid", code="12345678", **more)
    assert by_code == [takes, mails_again]
    by_link = steps_of(script, path, "link_invalid", token="m" * 43, **more)
    assert by_link == [mails_again]


def test_a_wrong_password_leads_back_to_where_it_was_asked_for(site: Site) -> None:
    site.register("ben@example.org", is_verified=False)
    stranger, script = page_script(site), page_script(site, logged_in=True)
    stranger.post("/verify-email/again", identifier="ben@example.org")
    next_of(script, "/change-email", email=NEW_ADDRESS)
    ben, ada = (token_of(site.last_link(to)) for to in ("ben@example.org", NEW_ADDRESS))
    other = {"new_password": NEW_PASSWORD}
    for client, path, flow, more in (
        (stranger, "/verify-email", "verify_email", {"token": ben}),
        (stranger, "/change-email/finish", "change_email_finish", {"token": ada}),
        (script, "/change-password", "change_password", other),
        (script, "/close-account", "close_account", {}),
        (script, "/reauthenticate", "reauthenticate", {}),
    ):
        steps = steps_of(client, path, "wrong_password", password="not that one", **more)
        assert steps == [flow, "reset_password"], path
