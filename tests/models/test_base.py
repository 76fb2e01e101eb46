from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, Integer, String, UniqueConstraint, select
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    mapped_column,
    registry,
    relationship,
    synonym,
)

from flask_porter.errors import SetUpError
from flask_porter.models.base import Models, build_models
from flask_porter.models.database import connect
from flask_porter.models.roles import Roles
from flask_porter.models.upgrading import upgrade
from flask_porter.models.users import AccountMixin, Taken, Users
from tests.models.people import new_base


def test_the_columns_of_an_account_may_have_other_names(engine: Engine) -> None:
    base: Any = new_base()

    class Member(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "member"
        number: Mapped[int] = mapped_column("member_no", primary_key=True)
        id = synonym("number")
        email: Mapped[str | None] = mapped_column("mail", String(320))
        email_key: Mapped[str | None] = mapped_column("mail_key", String(320), unique=True)
        password_hash: Mapped[str | None] = mapped_column("pw", String(512))
        session_generation: Mapped[int] = mapped_column("generation", default=0)
        login_name: Mapped[str | None] = mapped_column("nick", String(64), unique=True)
        username_key = synonym("login_name")

    base.metadata.create_all(engine)
    names = set(Member.__table__.c.keys())
    assert {"member_no", "mail", "mail_key", "pw", "generation", "nick"} <= names
    assert names.isdisjoint({"id", "email", "email_key", "password_hash", "username_key"})
    _lives(engine, build_models(base, Member))


def _lives(engine: Engine, models: Models) -> None:
    database = connect(engine, user=models.user)
    upgrade(database, models)
    with database.open_session() as session:
        users, roles = Users(session, models), Roles(session, models)
        ada = users.add(email="A@x", email_key="a@x", username_key="ada", password_hash="old")
        with pytest.raises(Taken) as refusal:
            users.add(username_key="ada")
        assert refusal.value.field == "username"
        eve = users.add(email_key="e@x", username_key="eve")
        eve.username_key, eve.email_key = "ada", "f@x"
        with pytest.raises(Taken) as refusal:
            users.save(eve)
        assert refusal.value.field == "username"
        assert (eve.username_key, eve.email_key) == ("eve", "e@x")
        assert users.find_by_email("a@x") is users.find_by_username("ada") is ada
        assert users.advance_generation(ada) == 1
        assert users.replace_password(ada, "old", "new")
        roles.ensure("admin")
        assert roles.grant(ada.id, "admin")
        assert users.fresh(users.parse_id(ada.get_id())).has_role("admin")
        assert [user.id for user in users.page(None, 9, "a@x")] == [ada.id]
        users.delete(ada)
        session.commit()
        assert users.count() == 1


def test_a_user_may_be_a_kind_of_person(engine: Engine) -> None:
    base: Any = new_base()

    class Person(base):  # type: ignore[misc]
        __tablename__ = "person"
        id: Mapped[int] = mapped_column(primary_key=True)
        kind: Mapped[str] = mapped_column(String(20))
        __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "person"}  # noqa: RUF012

    class Member(AccountMixin, Person):
        __tablename__ = "member"
        id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
        __mapper_args__ = {"polymorphic_identity": "member"}  # noqa: RUF012

    base.metadata.create_all(engine)
    _lives(engine, build_models(base, Member))


def test_a_second_call_returns_the_same() -> None:
    base = new_base()
    assert build_models(base) is build_models(base)
    assert build_models(base).user.__name__ == "User"


def test_one_base_has_one_class_of_users() -> None:
    base: Any = new_base()

    class Member(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "member"
        id: Mapped[int] = mapped_column(primary_key=True)

    build_models(base, Member)
    with pytest.raises(SetUpError, match="user="):
        build_models(base)


def test_two_apps_in_one_process_share_nothing() -> None:
    first, second = build_models(new_base()), build_models(new_base())
    assert first.metadata is not second.metadata
    assert first.user is not second.user
    assert first.token is not second.token


def test_what_the_base_adds_to_its_models_is_not_added_to_ours() -> None:
    class Base(MappedAsDataclass, DeclarativeBase):
        notes: Mapped[str | None] = mapped_column(default=None)
        type_annotation_map = {str: String(5)}  # noqa: RUF012

    models = build_models(Base)
    assert "notes" not in models.token.__table__.c  # type: ignore[attr-defined]
    assert models.role(name="admin").name == "admin"


def test_a_registry_without_a_base_will_do(engine: Engine) -> None:
    mapped = registry()

    @mapped.mapped
    class Member(AccountMixin):
        __tablename__ = "member"
        id: Mapped[int] = mapped_column(primary_key=True)

    mapped.metadata.create_all(engine)
    _lives(engine, build_models(mapped.generate_base(), Member))


def test_models_of_the_app_refer_to_our_user(engine: Engine) -> None:
    base: Any = new_base()
    models = build_models(base)

    class Post(base):  # type: ignore[misc]
        __tablename__ = "post"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("porter_users.id"))
        author: Mapped[Any] = relationship("User")

    database = connect(engine)
    upgrade(database, models)
    base.metadata.create_all(engine)
    with database.open_session() as session:
        session.add(Post(author=Users(session, models).add(username_key="ada")))
        session.commit()
        assert session.scalars(select(Post)).one().author.username_key == "ada"


def test_a_user_that_lacks_something_is_refused_with_what_to_write() -> None:
    base: Any = new_base()

    class Bare(base):  # type: ignore[misc]
        __tablename__ = "bare"
        id: Mapped[int] = mapped_column(primary_key=True)
        email: Mapped[str]

    with pytest.raises(SetUpError, match=r"Bare has no email_key, .*AccountMixin"):
        build_models(base, Bare)
    with pytest.raises(SetUpError, match="no mapped class"):
        build_models(base, str)


def test_a_key_by_another_name_is_refused_with_what_to_write() -> None:
    base: Any = new_base()

    class Member(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "member"
        number: Mapped[int] = mapped_column("member_no", primary_key=True)

    with pytest.raises(SetUpError, match=r"id = synonym\(\"number\"\)"):
        build_models(base, Member)


def test_roles_that_would_be_lost_are_refused_with_what_to_write() -> None:
    base: Any = new_base()

    class Ranked(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "ranked"
        id: Mapped[int] = mapped_column(primary_key=True)
        roles: Mapped[str | None]  # type: ignore[assignment]

    with pytest.raises(SetUpError, match=r"Ranked\.roles would be lost, .*name yours otherwise"):
        build_models(base, Ranked)


def test_a_key_of_two_columns_is_refused() -> None:
    base: Any = new_base()

    class Member(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "member"
        id: Mapped[int] = mapped_column(primary_key=True)
        tenant: Mapped[int] = mapped_column(primary_key=True)

    with pytest.raises(SetUpError, match="one column"):
        build_models(base, Member)


def test_an_address_that_two_may_have_is_refused() -> None:
    base: Any = new_base()

    class Member(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "member"
        id: Mapped[int] = mapped_column(primary_key=True)
        email_key: Mapped[str | None] = mapped_column("mail_key", String(320))

    with pytest.raises(SetUpError, match=r"email_key must be unique"):
        build_models(base, Member)

    class Guest(AccountMixin, base):  # type: ignore[misc]
        __tablename__ = "guest"
        id: Mapped[int] = mapped_column(Integer, primary_key=True)
        email_key: Mapped[str | None] = mapped_column("mail_key", String(320))
        __table_args__ = (UniqueConstraint("mail_key"),)

    assert build_models(base, Guest).user is Guest
