"""The users of another program come in by one file: all of them, or none."""

from __future__ import annotations

from pathlib import Path
from weakref import finalize

import bcrypt
import pytest
from argon2 import PasswordHasher
from click.testing import Result
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker
from werkzeug.security import generate_password_hash

from flask_porter import Porter
from flask_porter.cli.users import users
from flask_porter.flows.inputs import Line
from flask_porter.flows.register import Register
from flask_porter.models.users import AccountMixin
from flask_porter.outbound.messages import Message
from tests.account_site import ADA, PASSWORD, SETTINGS, Clock, Site, make_site
from tests.authenticators.quick import quick_hasher

LATIN = "email,username\nada@example.org,Zo\xeb\n".encode("latin-1")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path)


def take(site: Site, content: bytes | str, *options: str) -> Result:
    """Import ``content``; what the command raises is an error of the test."""
    raw = content if isinstance(content, bytes) else content.encode()
    runner = site.app.test_cli_runner()
    return runner.invoke(users, ["import", "-", *options], input=raw, catch_exceptions=False)


def names(site: Site) -> set[tuple[str | None, str | None]]:
    found = site.ask(lambda accounts: accounts.users.page(None, 100))
    return {(user.email, user.username) for user in found}


def roles_of(site: Site, email: str) -> list[str]:
    id = site.user(email).id
    found: list[str] = site.ask(lambda accounts: accounts.roles.names_of(id))
    return found


@pytest.mark.parametrize(
    "content",
    [
        "email,username\nada@example.org,ada\n",
        "\ufeffemail,username\r\nada@example.org,ada\r\n",
        "email;username\nada@example.org;ada",
        "username\temail\nada\tada@example.org\n",
        " E-Mail , User Name \nada@example.org,ada\n",
        '"email","username"\n\n"ada@example.org","ada"\n,\n',
        "mail,username,verified,roles\nada@example.org,ada,,\n",
    ],
)
def test_what_programs_write_is_read(site: Site, content: str) -> None:
    result = take(site, content)
    assert (result.exit_code, result.output) == (0, "Imported 1 user.\n")
    assert names(site) == {(ADA, "ada")}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "names no column 'email'"),
        (b"\n\n", "names no column 'email'"),
        (b"name\nada", "names no column 'email'"),
        (b"email,shoe\n", "The column 'shoe' is unknown. The first line may name: email, user"),
        (b"email,\x1b[31m\n", "column '_31m' is unknown"),
        (b"email,E-Mail\n", "Two columns are 'email'"),
        (LATIN, "Line 2: the file is not UTF-8. Save it as 'CSV UTF-8'"),
        (b"email\n\xed\xa0\x80@example.org\n", "Line 2: the file is not UTF-8"),
        ("email\nada@example.org\n".encode("utf-16"), "Line 1: the file is not UTF-8"),
        (b'email\nada@example.org\n"bob', "Line 3: unexpected end of data"),
        (b'email\n"a"b@example.org', "each quote in it twice"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_fix(site: Site, content: bytes, told: str) -> None:
    result = take(site, content)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert told in result.output
    assert names(site) == set()


@pytest.mark.parametrize("column", ["password", "Password", "PWD", "passwd"])
def test_a_column_of_passwords_is_never_taken(site: Site, column: str) -> None:
    result = take(site, f"email,{column}\nada@example.org,{PASSWORD}\n")
    assert result.exit_code == 1
    assert "Passwords in plain text are never taken" in result.output
    assert PASSWORD not in result.output
    assert names(site) == set()


@pytest.mark.parametrize(
    "stored",
    [
        PASSWORD,
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$2b$31$" + "a" * 53,
        "pbkdf2_sha256$900000000$salt$" + "a" * 43 + "=",
        "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$" + "\u0430" * 43,
    ],
)
def test_what_is_no_hash_is_refused_and_never_shown(site: Site, stored: str) -> None:
    result = take(site, f'email,password_hash\nada@example.org,"{stored}"\n')
    assert result.exit_code == 1
    assert "Line 2: password hash: not a hash" in result.output
    assert stored not in result.output
    assert names(site) == set()


@pytest.mark.parametrize(
    "stored",
    [
        bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode(),
        generate_password_hash(PASSWORD, "pbkdf2:sha256:1000"),
        generate_password_hash(PASSWORD, "scrypt:1024:8:1"),
        # As passlib writes it, and Django before its own name.
        PasswordHasher(1, 8, 1).hash(PASSWORD),
        "argon2" + PasswordHasher(1, 8, 1).hash(PASSWORD),
        "bcrypt$" + bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode(),
    ],
)
def test_people_log_in_by_the_hash_they_bring(site: Site, stored: str) -> None:
    result = take(site, f'email,password_hash,verified\nada@example.org,"{stored}",yes\n')
    assert result.exit_code == 0, result.output
    assert site.is_alive(site.login())
    assert site.user().password_hash != stored


def test_a_password_that_django_made_unusable_is_none(site: Site) -> None:
    assert take(site, f"email,password_hash\n{ADA},!x9Jz\n", "--invite").exit_code == 0
    assert site.user().password_hash is None
    assert site.last_mail(ADA).kind == "invitation"


def test_every_bad_line_is_named_by_its_number_and_nothing_is_imported(site: Site) -> None:
    site.register("old@example.org", username="older", username_key="older")
    result = take(
        site,
        "email,username,verified,roles\n"
        'good@example.org,"good",yes,a\n'
        '"two\nlines@example.org",,,\n'
        "Old@EXAMPLE.org,,,\n"
        "b@example.org,0lder,,\n"
        "GOOD@example.org,,,\n"
        "c@example.org,Good,,\n"
        "d@example.org,x,,\n"
        "e@example.org,,maybe,\n"
        "f@example.org,,,,\n"
        f"g@example.org,,,{'r' * 65}\n"
        "h\x00@example.org,,,\n"
        "i@example.org,,,a\x07b\n",
    )
    assert result.exit_code == 1
    assert [line.split(": ", 1) for line in result.output.splitlines()[:-1]] == [
        ["Line 3", "email: not text (it has control characters in it)"],
        ["Line 5", "email taken"],
        ["Line 6", "username taken"],
        ["Line 7", "same as line 2"],
        ["Line 8", "same as line 2"],
        ["Line 9", "invalid username"],
        ["Line 10", "verified: invalid (it cannot be read as that)"],
        ["Line 11", "it has 5 columns instead of 4"],
        ["Line 12", "roles: too long"],
        ["Line 13", "email: not text (it has control characters in it)"],
        ["Line 14", "roles: not text (it has control characters in it)"],
    ]
    assert result.output.endswith("Error: Nothing was imported. Lines that cannot be taken: 11.\n")
    assert names(site) == {("old@example.org", "older")}
    assert site.rows(site.accounts.models.role) == []


def test_roles_are_separated_by_spaces_or_what_stands_between_words(site: Site) -> None:
    content = 'email,roles\na@x.example,"writer, reader"\nb@x.example,reader;writer\n'
    assert take(site, content).exit_code == 0
    for address in ("a@x.example", "b@x.example"):
        assert roles_of(site, address) == ["reader", "writer"]


def test_a_dry_run_looks_and_writes_nothing(site: Site) -> None:
    result = take(site, "email\na@x.example\nb@x.example\n", "--dry-run", "--invite")
    assert (result.exit_code, result.output) == (0, "2 users can be imported.\n")
    assert names(site) == set()
    assert site.mails == []
    assert take(site, "email\nno address\n", "--dry-run").exit_code == 1


def test_an_import_is_noted_of_each_user(site: Site) -> None:
    take(site, "email\na@x.example\nb@x.example\n")
    entries = site.rows(site.accounts.models.audit)
    assert [(entry.event, entry.details["imported"]) for entry in entries] == [
        ("user_created", True)
    ] * 2


class Joining(Register):
    full_name: Line
    badge: int | None = None


def club(tmp_path: Path) -> Site:
    """Return a site whose registration asks for more than ours."""
    app = Flask("Club", instance_path=str(tmp_path))
    app.config |= SETTINGS

    class Base(DeclarativeBase):
        pass

    class Member(AccountMixin, Base):
        __tablename__ = "members"
        id: Mapped[int] = mapped_column("member_no", primary_key=True)
        full_name: Mapped[str] = mapped_column("name_in_full")
        badge: Mapped[int | None] = mapped_column(unique=True)

    clock, sent = Clock(), list[Message]()
    engine = create_engine(f"sqlite:///{tmp_path}/club.sqlite3")
    porter = Porter(
        app,
        sessionmaker(engine),
        user=Member,
        register=Joining,
        hasher=quick_hasher(),
        clock=clock,
        mailer=sent.append,
    )
    Base.metadata.create_all(engine)
    finalize(app, engine.dispose)
    return Site(app, porter, clock, sent)


def test_fields_of_the_app_are_columns(tmp_path: Path) -> None:
    site = club(tmp_path)
    result = take(site, "email,Full Name,badge\na@x.example,Ada L.,7\nb@x.example,Bo,\n")
    assert result.exit_code == 0, result.output
    ada, bo = site.user("a@x.example"), site.user("b@x.example")
    assert [(one.full_name, one.badge) for one in (ada, bo)] == [("Ada L.", 7), ("Bo", None)]


def test_fields_of_the_app_are_read_as_at_registration(tmp_path: Path) -> None:
    site = club(tmp_path)
    result = take(site, "email,full_name,badge\na@x.example,,7\nb@x.example,Bo,lots\n")
    assert "Line 2: full name: required" in result.output
    assert "Line 3: badge: invalid" in result.output
    assert names(site) == set()


def test_a_value_of_the_app_that_two_have_takes_everything_back(tmp_path: Path) -> None:
    site = club(tmp_path)
    result = take(site, "email,full_name,badge\na@x.example,Ada,7\nb@x.example,Bo,7\n")
    assert result.exit_code == 1
    assert "Error: Line 3: another user has this badge. Nothing was imported." in result.output
    assert names(site) == set()


def test_one_user_is_made_with_the_fields_of_the_app(tmp_path: Path) -> None:
    site = club(tmp_path)
    runner = site.app.test_cli_runner()
    refused = runner.invoke(users, ["create", ADA])
    assert (refused.exit_code, refused.output) == (1, "Error: full name: required\n")
    made = runner.invoke(users, ["create", ADA, "--field", "full_name=Ada = L."])
    assert made.exit_code == 0, made.output
    assert site.user().full_name == "Ada = L."
    unknown = runner.invoke(users, ["create", "b@x.example", "--field", "shoe=9"])
    assert "shoe: unknown field" in unknown.output
