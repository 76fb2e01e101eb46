from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import null, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from flask_porter.models.audit import Audit
from flask_porter.models.base import Models
from flask_porter.models.database import Database
from flask_porter.models.kept_requests import KeptRequests
from flask_porter.models.outbox import Outbox
from flask_porter.models.roles import Roles
from flask_porter.models.tokens import Tokens
from flask_porter.models.users import Taken, Users
from tests.models.happenings import Happened
from tests.models.people import LATER, NOW, token_values

ABSURD = ["", "\x00", "ada\x00", "\ud800", "x" * 100_000, "' OR 1=1 --", "%", "\N{PILE OF POO}"]


@pytest.fixture
def users(session: Session, models: Models) -> Users:
    return Users(session, models)


def test_a_user_is_found_by_key_address_and_name(users: Users, session: Session) -> None:
    ada = users.add(email="Ada@x.org", email_key="ada@x.org", username="Ada", username_key="ada")
    session.commit()
    assert users.get(ada.id) is users.fresh(ada.id) is ada
    assert users.find_by_email("ada@x.org") is ada
    assert users.find_by_username("ada") is ada
    assert users.find_by_email("ada") is users.find_by_username("ada@x.org") is None
    assert users.get(None) is users.fresh(None) is users.get(ada.id + 1) is None


def test_absurd_words_find_nobody_and_raise_nothing(users: Users) -> None:
    users.add(email_key=None, username_key=None)
    users.add(email_key="ada@x.org", username_key="ada")
    for text in ABSURD:
        assert users.find_by_email(text) is None
        assert users.find_by_username(text) is None
        assert users.parse_id(text) is None
        assert len(users.page(None, 10, text)) == (2 if text == "" else 0)


def test_an_address_and_a_name_are_taken_once(users: Users, session: Session) -> None:
    users.add(email_key="ada@x.org", username_key="ada")
    with pytest.raises(Taken) as refusal:
        users.add(email_key="ada@x.org", username_key="eve")
    assert refusal.value.field == "email"
    with pytest.raises(Taken) as refusal:
        users.add(email_key="eve@x.org", username_key="ada")
    assert refusal.value.field == "username"
    session.commit()
    assert users.count() == 1


def test_whoever_has_the_address_is_returned_in_place_of_a_new_user(users: Users) -> None:
    ada, is_new = users.add_or_find(email_key="ada@x.org", username_key="ada")
    assert is_new
    assert users.add_or_find(email_key="ada@x.org", username_key="eve") == (ada, False)
    with pytest.raises(Taken) as refusal:
        users.add_or_find(email_key="eve@x.org", username_key="ada")
    assert refusal.value.field == "username"
    assert users.count() == 1


def test_what_is_taken_is_told_of_all_but_the_address(users: Users) -> None:
    users.add(email_key="ada@x.org", username_key="ada")
    assert users.taken_fields({"email_key": "ada@x.org", "username_key": "ada"}) == ["username"]
    assert users.taken_fields({"email_key": "ada@x.org", "username_key": "eve"}) == []
    assert users.taken_fields({"email_key": "ada@x.org", "username_key": None}) == []


def test_many_may_have_no_address(users: Users) -> None:
    users.add(username_key="ada")
    users.add(username_key="eve")
    assert users.count() == 2


def test_what_is_taken_cannot_be_changed_to(users: Users, session: Session) -> None:
    users.add(email_key="ada@x.org")
    eve = users.add(email="eve@x.org", email_key="eve@x.org")
    session.commit()
    eve.email, eve.email_key, eve.language = "ada@x.org", "ada@x.org", "de"
    with pytest.raises(Taken) as refusal:
        users.save(eve)
    assert refusal.value.field == "email"
    assert (eve.email, eve.email_key, eve.language) == ("eve@x.org", "eve@x.org", None)
    eve.email_key = "mallory@x.org"
    users.save(eve)
    session.commit()
    assert users.fresh(eve.id).email_key == "mallory@x.org"


def test_to_save_nothing_writes_nothing(users: Users) -> None:
    ada = users.add(email_key="ada@x.org")
    users.save(ada)
    assert ada.email_key == "ada@x.org"


def test_what_fails_for_another_reason_is_raised_as_it_is(users: Users) -> None:
    users.add(email_key="ada@x.org")
    with pytest.raises(IntegrityError, match=r"(?i)not.null"):
        users.add(email_key="eve@x.org", created_at=null())


def test_a_name_that_no_column_has_is_refused(users: Users) -> None:
    with pytest.raises(TypeError, match="shoe_size"):
        users.add(shoe_size=43)


def test_a_savepoint_commits_nothing(users: Users, session: Session, database: Database) -> None:
    users.add(email_key="ada@x.org")
    with pytest.raises(Taken):
        users.add(email_key="ada@x.org")
    session.rollback()
    assert users.count() == 0


def test_a_refused_user_leaves_the_rest_of_the_transaction(users: Users, session: Session) -> None:
    users.add(email_key="ada@x.org")
    with pytest.raises(Taken):
        users.add(email_key="ada@x.org")
    users.add(email_key="eve@x.org")
    session.commit()
    assert [user.email_key for user in users.page(None, 10)] == ["ada@x.org", "eve@x.org"]


def test_fresh_sees_what_others_have_committed(
    users: Users, session: Session, database: Database, models: Models
) -> None:
    ada = users.add(email_key="ada@x.org")
    Roles(session, models).ensure("admin", ["read"])
    session.commit()
    assert ada.roles == []
    session.commit()
    with database.open_session() as other:
        other.execute(update(models.user).values(disabled_at=NOW))
        Roles(other, models).grant(ada.id, "admin")
        other.commit()
    assert ada.is_active
    assert users.fresh(ada.id) is ada
    assert not ada.is_active
    assert ada.has_role("admin")
    assert ada.has_permission("read")


def test_the_generation_is_counted_by_the_database(
    users: Users, session: Session, database: Database, models: Models
) -> None:
    ada = users.add(email_key="ada@x.org")
    session.commit()
    with database.open_session() as other:
        theirs = Users(other, models)
        assert theirs.advance_generation(theirs.get(ada.id)) == 1
        other.commit()
    assert ada.session_generation == 0
    assert users.advance_generation(ada) == 2
    assert ada.session_generation == 2


def test_a_hash_is_replaced_only_while_the_password_is_the_same(
    users: Users, session: Session, database: Database, models: Models
) -> None:
    ada = users.add(email_key="ada@x.org", password_hash="old")
    session.commit()
    assert users.replace_password(ada, "old", "better")
    session.commit()
    with database.open_session() as other:
        other.execute(update(models.user).values(password_hash="another password"))
        other.commit()
    assert not users.replace_password(ada, "better", "best")
    assert ada.password_hash == "another password"


def test_a_user_goes_with_what_is_kept_of_them_but_for_the_audit_log(
    users: Users, session: Session, models: Models
) -> None:
    ada, eve = users.add(email_key="ada@x.org"), users.add(email_key="eve@x.org")
    for user in (ada, eve):
        _fill(session, models, user.id)
    session.commit()
    users.delete(ada)
    session.commit()
    assert users.count() == 1
    for row in (models.session, models.token, models.kept_request, models.user_role):
        assert session.scalars(select(row.user_id)).all() == [eve.id]
    told = session.execute(select(models.outbox.user_id, models.outbox.sent_at)).all()
    assert sorted(told, key=str) == sorted([(None, None), (eve.id, None), (eve.id, NOW)], key=str)
    assert len(Audit(session, models).of_user(ada.id, 10)) == 1


def _fill(session: Session, models: Models, user_id: int) -> None:
    name = str(user_id)
    Tokens(session, models).add(**token_values(user_id, name.encode() * 32))
    roles, outbox = Roles(session, models), Outbox(session, models)
    roles.ensure("admin")
    assert roles.grant(user_id, "admin")
    mail: dict[str, Any] = {
        "to_address": "a@x.org",
        "user_id": user_id,
        "context": {},
        "language": "en",
    }
    outbox.add(kind="unsent", now=NOW, **mail)
    outbox.mark_sent(outbox.add(kind="sent", now=NOW, **mail), NOW)
    request: dict[str, Any] = {"session_id": "s", "path": "/", "body": b""}
    request |= {"created_at": NOW, "expires_at": LATER}
    KeptRequests(session, models).add(id=name, user_id=user_id, **request)
    Audit(session, models).add(Happened("user_created", user_id=user_id))
    session.add(
        models.session(
            id=name,
            secret_digest=b"",
            user_id=user_id,
            generation=0,
            amr="pwd",
            **dict.fromkeys(("created_at", "last_seen_at", "auth_time", "expires_at"), NOW),
            remembered=False,
            transport="cookie",
            pathway="password",
            address="",
            user_agent="",
            idle_timeout=timedelta(minutes=30),
        )
    )
    session.flush()


def test_users_are_read_page_by_page(users: Users) -> None:
    keys = [
        users.add(email_key=f"u{number}@x.org", username_key=f"n_{number}").id for number in "123"
    ]
    first = users.page(None, 2)
    assert [user.id for user in first] == keys[:2]
    assert [user.id for user in users.page(first[-1].id, 2)] == keys[2:]
    assert [user.id for user in users.page(None, 9, "U2@X")] == [keys[1]]
    assert [user.id for user in users.page(None, 9, "n_3")] == [keys[2]]
    assert users.page(None, 9, "n%3") == []


def test_a_moment_comes_back_in_utc(users: Users, session: Session) -> None:
    east = NOW.astimezone(timezone(timedelta(hours=5)))
    ada = users.add(created_at=east, disabled_at=None)
    eve = users.add()
    session.commit()
    session.expire_all()
    assert ada.created_at == NOW
    assert ada.created_at.tzinfo is UTC
    assert ada.disabled_at is None
    assert abs(datetime.now(UTC) - eve.created_at) < timedelta(minutes=1)
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(Exception, match="time zone"):
        users.add(created_at=naive)
