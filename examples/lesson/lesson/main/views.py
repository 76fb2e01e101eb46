"""The pages of the blueprint `main`: for everyone, for members, for administrators."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from flask_porter import current_user, fresh_login_required, login_fresh, login_required

from ..auth.forms import LoginForm
from ..database import db
from ..models import User

bp = Blueprint("main", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    form = None if current_user.is_authenticated else LoginForm()
    return render_template("index.html", form=form, fresh=login_fresh())


@bp.get("/members")
@login_required
def members() -> ResponseReturnValue:
    return render_template("members.html")


@bp.get("/administrators")
@login_required
def administrators() -> ResponseReturnValue:
    if not current_user.is_administrator:
        abort(403, "This page is for administrators.")
    users = db.session.scalars(select(User).order_by(User.username))
    return render_template("administrators.html", users=users)


@bp.route("/members/api-key", methods=["GET", "POST"])
@fresh_login_required
def api_key() -> ResponseReturnValue:
    if request.method == "POST":
        key = current_user.issue_api_key()
        db.session.commit()
        flash(key, "api-key")
        return redirect(url_for("main.api_key"), 303)
    return render_template("api_key.html")
