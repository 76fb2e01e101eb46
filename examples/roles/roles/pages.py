"""Blueprint `pages`: for everyone, for people who are logged in, and for those with a role."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from flask_porter import public, requires, role_required

from .database import db
from .models import Role, User

bp = Blueprint("pages", __name__)

staff_required = requires(lambda user: bool(user.roles))


@bp.get("/")
@public
def index() -> ResponseReturnValue:
    return render_template("index.html")


@bp.get("/newsroom")
def newsroom() -> ResponseReturnValue:
    return render_template("newsroom.html")


@bp.get("/staff")
@staff_required
def staff() -> ResponseReturnValue:
    return render_template("staff.html", roles=db.session.scalars(select(Role).order_by(Role.name)))


@bp.get("/editors")
@role_required("editor")
def editors() -> ResponseReturnValue:
    return render_template("editors.html")


@bp.get("/people")
@role_required("administrator")
def people() -> ResponseReturnValue:
    everyone = db.session.scalars(select(User).order_by(User.name))
    return render_template("people.html", people=everyone)
