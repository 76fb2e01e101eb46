"""Fields that an app adds to registration: asked for, described, kept on its user."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from pydantic import Field, field_validator
from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flask_porter import Porter
from flask_porter.errors import InvalidInput, SetUpError
from flask_porter.flows.caller import Caller
from flask_porter.flows.inputs import Line
from flask_porter.flows.register import Register, register
from flask_porter.flows.users import create
from flask_porter.models.users import AccountMixin
from tests.account_site import ADA, PASSWORD, SETTINGS, Clock, Site
from tests.authenticators.quick import quick_hasher

GIVEN = {"email": ADA, "password": PASSWORD, "nickname": "Ada"}
JSON = {"Sec-Fetch-Site": "same-origin"}


class Size(StrEnum):
    """How large."""

    SMALL = "s"
    EXTRA_LARGE = "xl"


class MyRegister(Register):
    """A nickname, and what may be left out."""

    nickname: Line = Field(title="What we call you", min_length=2)
    born: date | None = Field(None, title="Day of birth", description="For a cake.")
    eggs: int | None = None
    newsletter: bool = Field(False, title="Write to me")
    bread: Literal["rye", "spelt"] = "spelt"
    apron: Size | None = None
    rolls: int = 2
    recipes: bool = Field(True, title="Send me recipes")
    jam: Annotated[Literal["plum"], Field()] | Literal["fig"] | None = None
    tea: Size | str = "mint"
    mill: Literal[1, 2] = 1

    @field_validator("eggs")
    @classmethod
    def _few(cls, eggs: int | None) -> int | None:
        if eggs is not None and eggs > 12:
            raise ValueError("more than a dozen")
        return eggs


def make_app(tmp_path: Path, **options: Any) -> tuple[Flask, Porter]:
    app = Flask("Larder", instance_path=str(tmp_path))
    app.config |= {**SETTINGS, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/shop.sqlite3"}
    app.config["PORTER_IDENTIFIERS"] = options.pop("identifiers", "email")
    db: Any = SQLAlchemy(app)

    class Member(AccountMixin, db.Model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        #: A model that comes after Porter.
        orders: Mapped[list[Any]] = relationship("Order")
        nickname: Mapped[str | None] = mapped_column(String(32), unique=True)
        born: Mapped[date | None]
        eggs: Mapped[int | None]
        newsletter: Mapped[bool] = mapped_column(default=True)
        bread: Mapped[str | None]
        apron: Mapped[Size | None]
        rolls: Mapped[int | None]
        recipes: Mapped[bool | None]
        jam: Mapped[str | None]
        tea: Mapped[str | None]
        mill: Mapped[int | None]

    porter = Porter(app, db, user=Member, hasher=quick_hasher(), **options)

    class Order(db.Model):  # type: ignore[misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))

    # Its registry keeps it by a weak reference alone.
    app.extensions["order"] = Order
    with app.app_context():
        db.create_all()
    return app, porter


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    app, porter = make_app(tmp_path, register=MyRegister)
    yield Site(app, porter, Clock(), [])
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


@pytest.fixture
def client(site: Site) -> FlaskClient:
    return site.client()


def kept(site: Site) -> Any:
    with site.app.app_context():
        return site.user()


def test_the_page_asks_for_them(client: FlaskClient) -> None:
    page = client.get("/account/register").text
    assert '<label for="nickname">What we call you</label>' in page
    assert '<label for="born">Day of birth <span class="soft">(optional)</span></label>' in page
    assert '<p class="hint" id="born-hint">For a cake.</p>' in page
    assert '<input id="born" name="born" type="date"' in page
    assert '<input id="eggs" name="eggs" type="number"' in page
    assert '<input id="newsletter" name="newsletter" type="checkbox" value="true"' in page
    assert '<label for="newsletter">Write to me</label>' in page


def test_one_of_several_words_is_chosen_from_a_list(site: Site, client: FlaskClient) -> None:
    page = client.get("/account/register").text
    assert '<select id="bread" name="bread"' in page
    assert '<option value="spelt" selected>spelt</option>' in page
    assert '<option value="xl">Extra large</option>' in page
    refused = client.post("/account/register", data={**GIVEN, "bread": "rye", "apron": "huge"})
    assert refused.status_code == 422
    assert '<option value="rye" selected>' in refused.text
    assert 'id="apron-error"' in refused.text
    given = {**GIVEN, "bread": "", "apron": "xl"}
    assert client.post("/account/register", data=given).status_code == 303
    assert (kept(site).bread, kept(site).apron) == ("spelt", Size.EXTRA_LARGE)


def test_words_of_several_kinds_are_one_list_and_free_text_is_none(client: FlaskClient) -> None:
    page = client.get("/account/register").text
    assert '<option value="plum">plum</option>' in page
    assert '<option value="fig">fig</option>' in page
    assert '<input id="tea" name="tea" type="text"' in page


def test_a_default_stands_there_at_first(site: Site, client: FlaskClient) -> None:
    """But one that a form cannot write: what is sent back as it stands is taken."""
    page = client.get("/account/register").text
    assert 'name="rolls" type="number" value="2"' in page
    assert 'name="mill" type="text" value=""' in page
    sent = {**GIVEN, "rolls": "2", "mill": "", "tea": ""}
    assert client.post("/account/register", data=sent).status_code == 303
    assert (kept(site).rolls, kept(site).mill, kept(site).tea) == (2, 1, "mint")


def test_a_box_that_is_ticked_at_first_can_be_cleared(site: Site, client: FlaskClient) -> None:
    """A browser sends nothing of a box without a tick, which must not be read as the default."""
    box = '<input id="recipes" name="recipes" type="checkbox" value="true"'
    otherwise = '<input type="hidden" name="recipes" value="false">'
    page = client.get("/account/register").text
    assert f"{box} checked>{otherwise}" in page
    cleared = {**GIVEN, "nickname": "A", "recipes": "false"}
    assert f"{box}>{otherwise}" in client.post("/account/register", data=cleared).text
    ticked = {**cleared, "recipes": ["true", "false"]}
    assert f"{box} checked>{otherwise}" in client.post("/account/register", data=ticked).text
    assert client.post("/account/register", data={**cleared, "nickname": "Ada"}).status_code == 303
    assert kept(site).recipes is False


def test_what_was_given_is_kept_on_the_user(site: Site, client: FlaskClient) -> None:
    given = {**GIVEN, "born": "1815-12-10", "eggs": "2", "newsletter": "true"}
    assert client.post("/account/register", data=given).status_code == 303
    user = kept(site)
    assert (user.nickname, user.born, user.eggs) == ("Ada", date(1815, 12, 10), 2)
    assert user.newsletter is True


def test_what_may_be_left_out_may_be_empty(site: Site, client: FlaskClient) -> None:
    """A browser sends a field that nobody filled in, and no box that nobody ticked."""
    given = {**GIVEN, "born": "", "eggs": ""}
    assert client.post("/account/register", data=given).status_code == 303
    user = kept(site)
    assert (user.nickname, user.born, user.eggs, user.newsletter) == ("Ada", None, None, False)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("nickname", "a" * 33, "too_long"),
        ("nickname", "a" * 32, None),
        ("rolls", 2**63, "invalid"),
        ("rolls", -(2**63), "invalid"),
        ("rolls", 2**63 - 1, None),
    ],
)
def test_what_its_column_cannot_hold_is_refused(
    site: Site, client: FlaskClient, name: str, value: object, reason: str | None
) -> None:
    """The database would answer with an error."""
    answer = client.post("/account/api/register", json={**GIVEN, name: value})
    told: Any = answer.get_json()
    if reason is None:
        assert answer.status_code == 202
        assert getattr(kept(site), name) == value
    else:
        assert answer.status_code == 422
        assert [problem["reason"] for problem in told["fields"][name]] == [reason]
        with site.app.app_context(), pytest.raises(InvalidInput, match=reason):
            site.run(create, Caller("python"), email=ADA, own={"nickname": "Ada", name: value})


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    client: FlaskClient,
) -> None:
    given = {**GIVEN, "nickname": "A", "eggs": "13", "newsletter": "true", "born": "1815-12-10"}
    answer = client.post("/account/register", data=given)
    assert answer.status_code == 422
    assert 'id="nickname-error"' in answer.text
    assert 'id="eggs-error"' in answer.text
    assert 'name="eggs" type="number" value="13"' in answer.text
    assert 'name="born" type="date" value="1815-12-10"' in answer.text
    assert 'type="checkbox" value="true" checked' in answer.text
    assert PASSWORD not in answer.text


def test_a_value_that_somebody_else_has_is_taken(site: Site, client: FlaskClient) -> None:
    client.post("/account/register", data=GIVEN)
    again = client.post("/account/register", data={**GIVEN, "email": "b@example.org"})
    assert again.status_code == 422
    assert "This is taken already" in again.text


def test_e03_it_is_told_whoever_has_the_address(site: Site, client: FlaskClient) -> None:
    """Else a nickname that is taken would tell of every address whether it has an account."""
    client.post("/account/register", data=GIVEN)
    answers = [
        client.post("/account/register", data={**GIVEN, "email": email})
        for email in (ADA, "new@example.org")
    ]
    assert [answer.status_code for answer in answers] == [422, 422]


def test_the_api_describes_and_takes_them(site: Site, client: FlaskClient) -> None:
    made: Any = client.get("/account/api/openapi.json").json
    body = made["paths"]["/register"]["post"]["requestBody"]["content"]["application/json"]
    schema = made["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
    assert schema["properties"]["nickname"]["title"] == "What we call you"
    assert schema["properties"]["newsletter"]["type"] == "boolean"
    assert set(schema["required"]) == {"email", "password", "nickname"}
    wrong = client.post("/account/api/register", json={**GIVEN, "newsletter": "yes"})
    assert wrong.json is not None
    assert list(wrong.json["fields"]) == ["newsletter"]
    answer = client.post("/account/api/register", json={**GIVEN, "newsletter": True})
    assert answer.status_code == 202
    assert kept(site).newsletter is True


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"born": "1815-12-10"}, []),
        ({"born": "1815-13-10"}, ["born"]),
        ({"born": 5, "eggs": "3"}, ["born", "eggs"]),
        ({"nickname": "\ud800da", "password": "\udfff" * 20}, ["nickname", "password"]),
    ],
)
def test_the_api_takes_a_date_as_it_describes_it(
    client: FlaskClient, given: dict[str, Any], wrong: list[str]
) -> None:
    answer: Any = client.post("/account/api/register", json={**GIVEN, **given})
    assert answer.status_code == (422 if wrong else 202)
    assert sorted(answer.json.get("fields", [])) == wrong


def test_a_script_gives_them_too(site: Site) -> None:
    with site.app.app_context():
        with pytest.raises(InvalidInput, match="nickname: required"):
            site.porter.run(register, email=ADA, password=PASSWORD)
        site.porter.run(register, **GIVEN)
    assert kept(site).nickname == "Ada"


def test_a_refused_username_is_shown_again(tmp_path: Path) -> None:
    app, _ = make_app(tmp_path, identifiers="both")
    client = Site(app, _, Clock(), []).client()
    answer = client.post("/account/register", data={"email": ADA, "username": "a"})
    assert 'name="username" type="text" value="a"' in answer.text
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


class Unkept(Register):
    """Nobody can keep it."""

    shoe_size: int


class Powerful(Register):
    """What nobody may say of themselves."""

    session_generation: int


class Verified(Register):
    """The same."""

    email_verified_at: str


class Method(Register):
    """The user has it, and it is no value."""

    has_role: str


@pytest.mark.parametrize("model", [Unkept, Powerful, Verified, Method])
def test_what_the_user_cannot_keep_stops_the_start(tmp_path: Path, model: type[Register]) -> None:
    [name] = model.model_fields.keys() - Register.model_fields.keys()
    with pytest.raises(SetUpError, match=rf"asks for '{name}', which Member cannot keep: give"):
        make_app(tmp_path, register=model)


@pytest.mark.parametrize(
    ("message", "inputs"),
    [
        ("no flow 'regster'.* Do you mean 'register'", {"regster": MyRegister}),
        ("'login' must derive from .*PasswordLogin", {"login": MyRegister}),
        ("'register' must derive from .*Register", {"register": "MyRegister"}),
    ],
)
def test_a_model_for_no_flow_or_for_another_stops_the_start(
    tmp_path: Path, message: str, inputs: dict[str, Any]
) -> None:
    with pytest.raises(SetUpError, match=message):
        make_app(tmp_path, inputs=inputs)


def test_a_model_of_another_kind_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SetUpError, match=r"must derive from .*RegisterWithUsername"):
        make_app(tmp_path, register=MyRegister, identifiers="both")


def test_who_leaves_and_cannot_be_deleted_leaves_nothing_that_names_them(
    site: Site, client: FlaskClient
) -> None:
    page = {**GIVEN, "born": "1815-12-10"}
    assert client.post("/account/register", data=page).status_code == 303
    with site.app.app_context(), site.accounts.database.engine().begin() as connection:
        connection.execute(text("UPDATE member SET email_verified_at = created_at"))
        connection.execute(text("CREATE TABLE jam (cook INTEGER NOT NULL REFERENCES member (id))"))
        connection.execute(text("INSERT INTO jam SELECT id FROM member"))
        connection.execute(
            text(
                "CREATE TRIGGER kept BEFORE DELETE ON member BEGIN"
                " SELECT RAISE(ABORT, 'FOREIGN KEY constraint failed'); END"
            )
        )
    login = {"identifier": ADA, "password": PASSWORD}
    assert client.post("/account/login", data=login).status_code == 303
    closed = client.post("/account/close-account", data={"password": PASSWORD})
    assert closed.status_code == 200
    assert "Your address, your name and your password are gone" in closed.text
    assert "deleted" not in closed.text
    with site.app.app_context():
        (row,) = site.rows(site.accounts.models.user)
    assert (row.email, row.nickname, row.born, row.newsletter) == (None, None, None, False)
