from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from flask_porter.models.base import Models
from flask_porter.models.kept_requests import KeptRequests
from flask_porter.models.users import Users
from tests.models.people import LATER, NOW


@pytest.fixture
def requests(session: Session, models: Models) -> KeptRequests:
    return KeptRequests(session, models)


@pytest.fixture
def user_id(session: Session, models: Models) -> Any:
    return Users(session, models).add().id


def keep(requests: KeptRequests, user_id: Any, id: str = "r", at: datetime = NOW) -> None:
    times = {"created_at": at, "expires_at": LATER}
    requests.add(id=id, user_id=user_id, session_id="s", path="/buy?x=1", body=b"\x00\xff", **times)


def test_a_request_is_taken_once(requests: KeptRequests, session: Session, user_id: Any) -> None:
    keep(requests, user_id)
    session.commit()
    row = requests.take("r", user_id, "s", NOW)
    session.commit()
    assert row is not None
    assert (row.path, row.body, row.expires_at) == ("/buy?x=1", b"\x00\xff", LATER)
    assert requests.take("r", user_id, "s", NOW) is None


def test_looking_at_a_request_leaves_it(
    requests: KeptRequests, session: Session, user_id: Any
) -> None:
    keep(requests, user_id)
    session.commit()
    assert requests.find("r", user_id, "s", NOW) is not None
    assert requests.take("r", user_id, "s", NOW) is not None
    assert requests.find("r", user_id, "s", NOW) is None


def test_the_oldest_of_a_user_go(requests: KeptRequests, models: Models, session: Session) -> None:
    ada, bob = (Users(session, models).add().id for _ in range(2))
    for minute, id in enumerate("cab"):
        keep(requests, ada, id, NOW + timedelta(minutes=minute))
    keep(requests, bob, "d")
    assert requests.drop_all_but(3, ada) == 0
    assert requests.drop_all_but(2, ada) == 1
    found = [requests.find(id, ada, "s", NOW) is not None for id in "cab"]
    assert found == [False, True, True]
    assert requests.find("d", bob, "s", NOW) is not None


def test_a_request_is_for_one_user_and_one_session(
    requests: KeptRequests, session: Session, models: Models, user_id: Any
) -> None:
    keep(requests, user_id)
    other = Users(session, models).add().id
    assert requests.take("r", other, "s", NOW) is None
    assert requests.take("r", user_id, "t", NOW) is None
    assert requests.take("q", user_id, "s", NOW) is None
    assert requests.take("r\x00", user_id, "s", NOW) is None
    assert requests.take("r", user_id, "s\ud800", NOW) is None
    assert requests.take("r", user_id, "s", LATER) is None
    assert requests.take("r", user_id, "s", LATER - timedelta(microseconds=1)) is not None


def test_what_is_over_is_removed(requests: KeptRequests, user_id: Any) -> None:
    keep(requests, user_id)
    assert requests.purge(LATER - timedelta(seconds=1)) == 0
    assert requests.purge(LATER) == 1
