"""What matters is done only soon after a proof of who one is: AZ15, by pages, API and token.

Routes are found by looking: a new one either asks for a proof, or says below why it need not.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from tests.account_site import PASSWORD
from tests.attacks.well_meant import BY_ADA, BY_STRANGERS, Ready, Stage
from tests.web.api_client import ApiClient, program

#: What somebody who is logged in does without proving anew who they are.
NOT_ASKED = {
    "account": "it shows what the log-in shows anyhow",
    "devices": "it shows where, and no secret",
    "activity": "it shows what happened, and no secret",
    "session": "it shows who, and how fresh",
    "logout": "it takes away",
    "logout_everywhere": "it takes away, for an owner in a hurry",
    "reauthenticate": "it is the proof",
    "change_password": "it takes the password there is with it",
    "change_email_finish": "it takes what was mailed after a proof",
}
ASKED = BY_ADA.keys() - NOT_ASKED.keys()
#: Without a person, and the description of the API.
OPEN = {"static", "theme", "check_your_mail", "openapi", "reference"}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def endpoints(stage: Stage) -> list[str]:
    """Return the endpoints of ours that somebody logged in asks."""
    found = [rule.endpoint for rule in stage.site.app.url_map.iter_rules()]
    ours = [one for one in found if one.startswith("porter") and one.partition(".")[2] not in OPEN]
    return [one for one in ours if one.partition(".")[2] not in BY_STRANGERS]


def is_asked(answer: TestResponse) -> bool:
    """Tell whether the answer is to prove again who one is."""
    to_page = (answer.location or "").startswith("/account/reauthenticate")
    return to_page or (answer.status_code == 401 and "reauthentication_required" in answer.text)


def wait(stage: Stage) -> None:
    stage.site.clock.now += stage.site.accounts.settings.fresh_for


def prove(asked: Ready) -> None:
    proven = asked.client.post("/account/reauthenticate", data={"password": PASSWORD})
    assert proven.status_code == 303


def test_az15_whoever_is_not_fresh_is_asked_and_asked_again(stage: Stage) -> None:
    found = endpoints(stage)
    assert {one.partition(".")[2] for one in found} == BY_ADA.keys()
    for endpoint in found:
        must_ask = endpoint.partition(".")[2] in ASKED
        asked = stage.ready(endpoint)
        if not must_ask:
            wait(stage)
            assert not is_asked(asked.send()), endpoint
            continue
        for _ in range(2):
            wait(stage)
            assert is_asked(asked.send()), endpoint
            prove(asked)
        # The control: what was asked for was the proof, and nothing else.
        assert not is_asked(asked.send()), endpoint


def test_az15_so_is_a_program_with_a_token(stage: Stage) -> None:
    for endpoint in endpoints(stage):
        if not endpoint.startswith("porter_api."):
            continue
        asked = stage.ready(endpoint)
        script = program(stage.site)
        must_ask = endpoint.partition(".")[2] in ASKED
        for _ in range(2 if must_ask else 0):
            wait(stage)
            assert is_asked(_by_token(asked, script)), endpoint
            proven = script.post("/reauthenticate", password=PASSWORD)
            assert proven.json is not None
            script.token = proven.json["session_token"]
        assert not is_asked(_by_token(asked, script)), endpoint


def _by_token(asked: Ready, script: ApiClient) -> TestResponse:
    body = None if asked.method == "GET" else asked.fields
    return script.call(asked.method, asked.path.removeprefix("/account/api"), body)


def test_az15_a_proof_is_over_to_the_second(stage: Stage) -> None:
    asked, fresh_for = (
        stage.ready("porter_api.download_data"),
        stage.site.accounts.settings.fresh_for,
    )
    stage.site.clock.now += fresh_for - timedelta(seconds=1)
    assert not is_asked(asked.send())
    stage.site.clock.now += timedelta(seconds=1)
    assert is_asked(asked.send())


def test_az15_what_is_not_asked_for_a_proof_takes_the_password_or_a_mail(stage: Stage) -> None:
    """A stale log-in alone changes nothing but its own end."""
    for name in ("change_password", "reauthenticate"):
        for blueprint in ("porter", "porter_api"):
            asked = stage.ready(f"{blueprint}.{name}")
            wait(stage)
            wrong = asked.send(asked.fields | {"password": "not the one there is"})
            assert wrong.status_code == 401
            without = {key: value for key, value in asked.fields.items() if key != "password"}
            assert asked.send(without).status_code == 422
