"""Flask-Admin asks `current_user` before it shows or changes a row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, redirect, request, url_for
from flask.testing import FlaskClient
from flask_admin import Admin, AdminIndexView, expose
from flask_admin.contrib.sqla import ModelView
from flask_login import UserMixin, current_user, login_fresh, login_required
from flask_sqlalchemy import SQLAlchemy
from werkzeug.wrappers import Response

from tests.dependents.checks.accounts import add_accounts
from tests.dependents.checks.promises_of_accounts import (
    AccountPromises,
    asked_for,
    log_in,
    name_seen_by,
    restart_browser,
)


class ForStaff:
    """Rows that only staff may see, and change only while their log-in is fresh."""

    can_delete = False

    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated and current_user.is_staff)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Response:
        return redirect(url_for("accounts.log_in", next=request.path))

    @property
    def can_edit(self) -> bool:
        return bool(login_fresh())


class Members(ForStaff, ModelView):  # type: ignore[misc]
    column_list = ("name", "is_staff")
    form_columns = ("name", "is_staff")


class Index(AdminIndexView):  # type: ignore[misc]
    @expose("/")
    @login_required
    def index(self) -> str:
        return f"Office of {current_user.name}"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a key"
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/members.db"
    db = SQLAlchemy(app)

    class Member(UserMixin, db.Model):  # type: ignore[misc, name-defined]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(50), unique=True)
        is_staff = db.Column(db.Boolean)

    add_accounts(app, lambda member_id: db.session.get(Member, int(member_id)))
    admin = Admin(app, name="office", index_view=Index())
    admin.add_view(Members(Member, db, name="Members", endpoint="rows"))
    with app.app_context():
        db.create_all()
        db.session.add_all(
            [Member(id=1, name="Ada", is_staff=True), Member(id=2, name="Grace", is_staff=False)]
        )
        db.session.commit()
    yield app
    with app.app_context():
        db.engine.dispose()


class TestAccounts(AccountPromises):
    """What logging in promises, here."""


def rename(client: FlaskClient, name: str) -> int:
    form = {"name": name, "is_staff": "y"}
    return client.post("/admin/rows/edit/?id=1", data=form).status_code


def test_the_office_asks_a_visitor_to_log_in(app: Flask) -> None:
    client = app.test_client()
    assert asked_for(client, "/admin/") == "/log-in"
    assert asked_for(client, "/admin/rows/") == "/log-in"


def test_staff_see_the_rows_and_members_do_not(app: Flask) -> None:
    ada, grace = app.test_client(), app.test_client()
    log_in(ada)
    log_in(grace, id="2")
    assert ada.get("/admin/").text == "Office of Ada"
    assert "Grace" in ada.get("/admin/rows/").text
    assert grace.get("/admin/").text == "Office of Grace"
    assert asked_for(grace, "/admin/rows/") == "/log-in"


def test_the_menu_shows_only_what_the_member_may_open(app: Flask) -> None:
    @app.get("/menu")
    def menu() -> str:
        (admin,) = app.extensions["admin"]
        return " ".join(item.name for item in admin.menu() if item.is_accessible())

    ada, grace = app.test_client(), app.test_client()
    log_in(ada)
    log_in(grace, id="2")
    assert "Members" in ada.get("/menu").text
    assert "Members" not in grace.get("/menu").text


def test_fresh_staff_change_a_row_and_see_it_at_once(app: Flask) -> None:
    client = app.test_client()
    log_in(client)
    assert rename(client, "Countess") == 302
    assert name_seen_by(client) == "Countess"


def test_remembered_staff_read_but_change_nothing_until_they_confirm(app: Flask) -> None:
    client = app.test_client()
    log_in(client, remember="yes")
    restart_browser(client)
    assert client.get("/admin/rows/").status_code == 200
    rename(client, "Countess")
    assert name_seen_by(client) == "Ada"
    client.post("/confirm")
    rename(client, "Countess")
    assert name_seen_by(client) == "Countess"


def test_the_office_closes_at_the_logout(app: Flask) -> None:
    client = app.test_client()
    log_in(client, remember="yes")
    assert client.get("/admin/rows/").status_code == 200
    client.post("/log-out")
    restart_browser(client)
    assert asked_for(client, "/admin/rows/") == "/log-in"
