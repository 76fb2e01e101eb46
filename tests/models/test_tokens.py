from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from flask_porter.models.base import Models
from flask_porter.models.database import Database
from flask_porter.models.tokens import TokenRow, Tokens
from flask_porter.models.users import Users
from tests.models.people import LATER, NOW, token_values

DIGEST, BROWSER, CODE = b"d" * 32, b"b" * 32, b"c" * 32
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def tokens(session: Session, models: Models) -> Tokens:
    return Tokens(session, models)


@pytest.fixture
def user_id(session: Session, models: Models) -> Any:
    return Users(session, models).add().id


def test_a_token_is_found_by_what_it_is_for(tokens: Tokens, session: Session, user_id: Any) -> None:
    row = tokens.add(**token_values(user_id))
    session.commit()
    session.expire_all()
    found = tokens.find("reset_password", DIGEST, NOW)
    assert found is row
    assert (found.user_id, found.generation, found.data) == (user_id, 0, {"to": "é"})
    assert found.expires_at == LATER
    assert tokens.find("verify_email", DIGEST, NOW) is None
    assert tokens.find("reset_password", b"e" * 32, NOW) is None


def test_a_token_ends_at_its_moment(tokens: Tokens, user_id: Any) -> None:
    tokens.add(**token_values(user_id))
    assert tokens.find("reset_password", DIGEST, LATER - INSTANT) is not None
    assert tokens.find("reset_password", DIGEST, LATER) is None


@pytest.mark.parametrize("digest", [b"", b"d", b"d" * 33, None, "d" * 32, 0])
def test_what_is_no_digest_finds_nothing(tokens: Tokens, user_id: Any, digest: Any) -> None:
    tokens.add(**token_values(user_id))
    assert tokens.find("reset_password", digest, NOW) is None
    assert tokens.find_by_browser("reset_password", digest, NOW) is None


def test_a_blank_row_is_found_by_nothing(
    tokens: Tokens, session: Session, models: Models, user_id: Any
) -> None:
    tokens.add(**token_values(user_id))
    session.execute(update(models.token).values(digest=b""))
    assert tokens.find("reset_password", b"", NOW) is None
    assert tokens.find_by_browser("reset_password", b"", NOW) is None


def test_a_token_works_once(tokens: Tokens, session: Session, user_id: Any) -> None:
    row = tokens.add(**token_values(user_id))
    assert tokens.consume(row, NOW)
    assert row.consumed_at == NOW
    assert not tokens.consume(row, NOW)
    assert tokens.find("reset_password", DIGEST, NOW) is None


def test_who_has_read_it_before_another_used_it_comes_too_late(
    tokens: Tokens, session: Session, database: Database, models: Models, user_id: Any
) -> None:
    tokens.add(**token_values(user_id))
    session.commit()
    row = tokens.find("reset_password", DIGEST, NOW)
    assert row is not None
    session.commit()
    with database.open_session() as other:
        theirs = Tokens(other, models)
        again = theirs.find("reset_password", DIGEST, NOW)
        assert again is not None
        assert theirs.consume(again, NOW)
        other.commit()
    assert row.consumed_at is None
    assert not tokens.consume(row, NOW)


def test_a_rolled_back_use_was_none(tokens: Tokens, session: Session, user_id: Any) -> None:
    row = tokens.add(**token_values(user_id))
    session.commit()
    assert tokens.consume(row, NOW)
    session.rollback()
    assert tokens.find("reset_password", DIGEST, NOW) is row


def test_two_tokens_never_share_a_digest(tokens: Tokens, user_id: Any) -> None:
    tokens.add(**token_values(user_id))
    with pytest.raises(IntegrityError):
        tokens.add(**token_values(user_id))


def test_a_code_is_found_by_the_browser_that_asked_last(tokens: Tokens, user_id: Any) -> None:
    add = _adder(tokens, user_id)
    add(b"1")
    newest = add(b"2")
    add(b"3", purpose="verify_email")
    add(b"4", code_digest=None)
    add(b"5", code_expires_at=NOW)
    add(b"6", browser_digest=b"x" * 32)
    assert tokens.find_by_browser("reset_password", BROWSER, NOW) is newest
    assert tokens.find_by_browser("reset_password", BROWSER, NOW + timedelta(minutes=1)) is None
    assert tokens.find_by_browser("change_email", BROWSER, NOW) is None


def test_a_used_token_takes_its_code_with_it(tokens: Tokens, user_id: Any) -> None:
    row = _adder(tokens, user_id)(b"1")
    tokens.consume(row, NOW)
    assert tokens.find_by_browser("reset_password", BROWSER, NOW) is None


def test_the_tokens_of_a_user_are_killed(
    tokens: Tokens, session: Session, models: Models, user_id: Any
) -> None:
    other = Users(session, models).add().id
    tokens.add(**token_values(user_id, b"1" * 32))
    tokens.add(**token_values(user_id, b"2" * 32, purpose="not_me"))
    tokens.add(**token_values(other, b"3" * 32))
    tokens.add(**token_values(None, b"4" * 32))
    assert tokens.kill(user_id, ["reset_password", "verify_email"]) == 1
    assert tokens.find("reset_password", b"1" * 32, NOW) is None
    assert tokens.find("not_me", b"2" * 32, NOW) is not None
    assert tokens.kill(user_id) == 1
    assert tokens.kill(user_id) == 0
    assert tokens.find("not_me", b"2" * 32, NOW) is None
    assert tokens.find("reset_password", b"3" * 32, NOW) is not None
    assert tokens.find("reset_password", b"4" * 32, NOW) is not None


def test_what_is_over_is_removed(tokens: Tokens, user_id: Any) -> None:
    tokens.add(**token_values(user_id, b"1" * 32))
    tokens.add(**token_values(user_id, b"2" * 32, expires_at=LATER + INSTANT))
    assert tokens.purge(LATER + INSTANT) == 1
    assert tokens.find("reset_password", b"2" * 32, NOW) is not None


def _adder(tokens: Tokens, user_id: Any) -> Callable[..., TokenRow]:
    bound = {"browser_digest": BROWSER, "code_digest": CODE}
    until = {"code_expires_at": NOW + timedelta(minutes=1)}

    def add(digest: bytes, **values: Any) -> TokenRow:
        return tokens.add(**token_values(user_id, digest * 32, **{**bound, **until, **values}))

    return add


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_use_waits_for_how_another_ends(
    tokens: Tokens, session: Session, database: Database, models: Models, user_id: Any, end: str
) -> None:
    tokens.add(**token_values(user_id))
    session.commit()
    reads = threading.Event()

    def use() -> bool:
        with database.open_session() as other:
            theirs = Tokens(other, models)
            row = theirs.find("reset_password", DIGEST, NOW)
            reads.set()
            won = row is not None and theirs.consume(row, NOW)
            other.commit()
            return won

    row = tokens.find("reset_password", DIGEST, NOW)
    assert row is not None
    assert tokens.consume(row, NOW)
    with ThreadPoolExecutor(1) as thread:
        late = thread.submit(use)
        assert reads.wait(10)
        with pytest.raises(TimeoutError):
            late.result(0.1)
        getattr(session, end)()
        assert late.result(10) is (end == "rollback")
