"""Session records belong to users whose keys are of any type."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from flask_porter.models.base import build_models
from flask_porter.stores.sql import SqlSessions
from flask_porter.testing.store_contract import record_of
from tests.models.people import KEYS, new_base, user_with_key


@pytest.mark.parametrize("kind", ["big", "uuid", "old_uuid", "str"])
def test_the_key_of_a_user_may_be_of_any_type(engine: Engine, kind: str) -> None:
    column, (one, other) = KEYS[kind]
    base = new_base()
    user = user_with_key(base, column)
    models = build_models(base, user)
    base.metadata.drop_all(engine)
    base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([user(id=one), user(id=other)])
        session.flush()
        store = SqlSessions(session, models)
        store.open(record_of(one))
        assert store.find("record-1") == record_of(one)
        assert [record.user_id for record in store.list(one)] == [one]
        assert store.end(other) == 0
        assert store.end(one) == 1
