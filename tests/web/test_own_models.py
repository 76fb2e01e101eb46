"""What an app's own input models ask for in other flows, and what its users must have."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from pydantic import Field, field_validator
from sqlalchemy.orm import Mapped, mapped_column

from flask_porter import LoginClient, Porter
from flask_porter.errors import SetUpError
from flask_porter.flows.inputs import Line
from flask_porter.flows.login import PasswordLogin
from flask_porter.models.users import AccountMixin
from tests.account_site import ADA, PASSWORD, SETTINGS
from tests.authenticators.quick import quick_hasher


class Puzzled(PasswordLogin):
    """Who logs in solves a puzzle."""

    answer: Line = Field(title="Two and two")

    @field_validator("answer")
    @classmethod
    def _right(cls, answer: str) -> str:
        if answer != "4":
            raise ValueError
        return answer


def test_other_flows_ask_for_fields_too(tmp_path: Path) -> None:
    app = Flask("Larder", instance_path=str(tmp_path))
    app.config |= {**SETTINGS, "PORTER_DATABASE_AT_START": True}
    Porter(app, inputs={"login": Puzzled}, hasher=quick_hasher())
    client = LoginClient(app)
    assert '<label for="answer">Two and two</label>' in client.get("/account/login").text
    given = {"identifier": ADA, "password": PASSWORD, "answer": "5"}
    answer = client.post("/account/login", data=given)
    assert (answer.status_code, 'id="answer-error"' in answer.text) == (422, True)
    assert client.post("/account/login", data={**given, "answer": "4"}).status_code == 401


def needy_app(folder: Path, **config: Any) -> Flask:
    app = Flask("Larder", instance_path=str(folder))
    app.config |= {**SETTINGS, "SQLALCHEMY_DATABASE_URI": "sqlite://", **config}
    db: Any = SQLAlchemy(app)

    class Member(AccountMixin, db.Model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str] = mapped_column()
        seen: Mapped[int] = mapped_column()
        eggs: Mapped[int] = mapped_column(default=0)
        flour: Mapped[int] = mapped_column(server_default="0")
        surname: Mapped[str]
        __mapper_args__: ClassVar = {
            "polymorphic_on": kind,
            "polymorphic_identity": "member",
            "version_id_col": seen,
        }

    Porter(app, db, user=Member)
    return app


def test_what_a_user_must_have_and_nobody_asks_for_stops_the_start(tmp_path: Path) -> None:
    """But the mapper gives what is its own, and an app may make its users itself."""
    with pytest.raises(SetUpError, match=r"Member\.surname must not be empty, .*MyRegister"):
        needy_app(tmp_path)
    closed = needy_app(tmp_path, PORTER_REGISTRATION="closed")
    assert "porter" in closed.extensions
